// Aggregates as rows next to events: each of their columns, and their summary.
import assert from 'node:assert/strict'
import { USAGE_COLUMNS, chosenColumns, defaultColumns } from '../../../../cli/collect/columns.js'
import { usageDetailOf } from '../../../../cli/collect/details.js'
import { EventRows } from '../../../../cli/collect/event-rows.js'
import type { UsageRecord } from '../../../../schemas/generated/types.js'
import { sampleFileEvent } from '../../../support/records/sample-records.js'
import { sampleFileUsage, sampleTcpUsage, sampleUsage } from '../../../support/records/sample-usage.js'

const NAMES = { containerName: () => 'web' }
const CALLS = [
  { name: 'read', abi: 'native', number: 0, count: 12 },
  { name: 'openat', abi: 'compat32', number: 295, count: 3 },
] as const
const SYSCALLS = sampleUsage({ calls: 15, syscalls: CALLS })
const FILES = sampleUsage({ type: 'files', file: sampleFileUsage() })
const TCP = sampleUsage({ type: 'tcp', tcp: sampleTcpUsage() })
const CAPABILITIES = sampleUsage({
  type: 'capabilities',
  capabilities: [
    { name: 'CAP_SYS_ADMIN', number: 21, granted: 3, denied: 0 },
    { name: 'CAP_NET_RAW', number: 13, granted: 1, denied: 2 },
  ],
})
const OF_NOBODY = { process: null, containerId: null, containerClaim: null, cgroupId: null, cgroupPath: null }

describe('a row of an aggregate', () => {
  const csvOf = (columns: string, record: UsageRecord): string =>
    new EventRows(chosenColumns([columns]), NAMES).csvRow({ topic: 'usage', record })

  it('has by default when, what, who and the counts, in the columns of events', () => {
    const table = new EventRows(defaultColumns('table'), NAMES)
    assert.match(
      table.tableRow({ topic: 'usage', record: SYSCALLS }, 120),
      /^\d\d:\d\d:\d\d\.123 syscalls {3}4242 {4}- {10}4f1c0c5de2a9 cat {13}read 12, openat \(compat32\) 3$/,
    )
    const csv = new EventRows(defaultColumns('csv'), NAMES)
    assert.equal(
      csv.csvRow({ topic: 'usage', record: FILES }).replace(/^[^,]*,/, ''),
      `node-17,files,4242,,,,${String(FILES.containerId)},cat,/bin/cat,,"/var/lib/data 3 reads of 4096 bytes, 1 writes of 100 bytes"`,
    )
  })

  it('says host for what is of the host, and nothing for a sum of many', () => {
    const containerOf = (record: UsageRecord): string =>
      new EventRows(chosenColumns(['container,pid']), NAMES).tableRow({ topic: 'usage', record }, 80).trim()
    assert.match(containerOf(sampleUsage({ containerId: null })), /^<host> +4242$/)
    assert.match(containerOf(sampleUsage({ ...OF_NOBODY, scope: 'rest' })), /^- +-$/)
  })

  it('has every field of the record in a column', () => {
    assert.equal(
      csvOf('topic,kind,scope,interval_ms,container_name,container_claim,cgroup_id,cgroup_path,calls,syscalls,cpu,seq', SYSCALLS),
      `usage,syscalls,process,1500,web,${String(SYSCALLS.containerClaim)},77,/docker/x,15,"read 12, openat (compat32) 3",-1,918273`,
    )
    assert.equal(
      csvOf('path,is_path_truncated,inode,device,reads,writes,bytes_read,bytes_written', FILES),
      '/var/lib/data,false,12,8388609,3,1,4096,100',
    )
    assert.equal(
      csvOf('remote_address,port,is_server,opened,failed,closed,open,bytes_sent,bytes_received,segments_retransmitted', TCP),
      '203.0.113.7,443,false,2,1,1,4,10,20,5',
    )
    assert.equal(csvOf('round_trip_us,min_round_trip_us,max_round_trip_us,connect_us,max_connect_us', TCP), '30,29,31,40,41')
    assert.equal(csvOf('capabilities', CAPABILITIES), '"CAP_SYS_ADMIN 3 granted, CAP_NET_RAW 1 granted, CAP_NET_RAW 2 denied"')
    assert.equal(csvOf('aggregates', sampleUsage({ scope: 'rest', aggregates: 34 })), '34')
  })

  it('has nothing in the columns of events, and events have nothing in those of aggregates', () => {
    assert.equal(csvOf('syscall,tid,uid,user,args,result,duration_ms,reads,opened', SYSCALLS), ',,,,,,,,')
    const names = USAGE_COLUMNS.map(({ name }) => name)
    const row = new EventRows(chosenColumns(names), NAMES).csvRow({ topic: 'file', record: sampleFileEvent({}) })
    assert.equal(row, ','.repeat(names.length - 1))
  })

  it('is JSON of the chosen columns, numbers and booleans as such', () => {
    const rows = new EventRows(chosenColumns(['kind,bytes_sent,is_server,reads']), NAMES)
    assert.deepEqual(JSON.parse(rows.jsonRow({ topic: 'usage', record: TCP })), {
      kind: 'tcp',
      bytes_sent: 10,
      is_server: false,
      reads: null,
    })
  })

  for (const [record, detail] of [
    [TCP, '203.0.113.7:443 10 bytes sent, 20 received; 2 opened, 1 failed, 1 closed, 4 open'],
    [
      sampleUsage({ type: 'tcp', tcp: sampleTcpUsage({ remoteAddress: '2001:db8::1', isServer: true }) }),
      'from 2001:db8::1 to port 443 10 bytes sent, 20 received; 2 opened, 1 failed, 1 closed, 4 open',
    ],
    [
      sampleUsage({ type: 'tcp', tcp: sampleTcpUsage({ remoteAddress: '2001:db8::1', isServer: null }) }),
      '[2001:db8::1]:443 10 bytes sent, 20 received; 2 opened, 1 failed, 1 closed, 4 open',
    ],
    [
      sampleUsage({ ...OF_NOBODY, type: 'files', scope: 'rest', aggregates: 34, file: sampleFileUsage({ path: null }) }),
      'sum of 34 others: 3 reads of 4096 bytes, 1 writes of 100 bytes',
    ],
    [
      sampleUsage({ ...OF_NOBODY, type: 'tcp', scope: 'overflow', tcp: sampleTcpUsage({ remoteAddress: null, port: null }) }),
      'found no room: 10 bytes sent, 20 received; 2 opened, 1 failed, 1 closed, 4 open',
    ],
    [sampleUsage({ ...OF_NOBODY, scope: 'overflow', calls: 55 }), 'found no room: 55 calls'],
    [
      sampleUsage({
        type: 'syscallsSeen',
        scope: 'cgroup',
        process: null,
        calls: null,
        syscalls: CALLS.map((call) => ({ ...call, count: null })),
      }),
      'read, openat (compat32)',
    ],
  ] as const) {
    it(`says ${detail.slice(0, 30)} of ${record.type} of ${record.scope}`, () => assert.equal(usageDetailOf(record), detail))
  }

  it('is one line whatever a path holds', () => {
    const evil = sampleUsage({ type: 'files', file: sampleFileUsage({ path: 'x\u001b[2J\n"q",' }) })
    assert.equal(csvOf('path', evil), '"x\\x1b[2J\\n""q"","')
    assert.doesNotMatch(csvOf('detail', evil), /[\u0000-\u001f]/)
  })
})
