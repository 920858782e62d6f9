// Events as rows: whatever an event holds, a row is one line that fits, and CSV is CSV.
import assert from 'node:assert/strict'
import { chosenColumns, defaultColumns } from '../../../../cli/collect/columns.js'
import type { PrintedEvent } from '../../../../cli/collect/details.js'
import { EventRows } from '../../../../cli/collect/event-rows.js'
import { UsageError } from '../../../../infra/process/errors.js'
import { sampleKernelEvent } from '../../../support/records/sample-kernel-event.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../../support/records/sample-network-event.js'
import { sampleFileEvent, sampleProcessEvent } from '../../../support/records/sample-records.js'
import { testAlert } from '../../../support/records/test-alert.js'

const { process, origin } = testAlert()
const EVIL = 'x\u001b[2J\n"quoted",\r\u202e'

const NAMES = { containerName: (id: string) => (id === process.containerId ? 'web' : undefined) }
const table = new EventRows(defaultColumns('table'), NAMES)
const csv = new EventRows(defaultColumns('csv'), NAMES)
const tableRow = (event: PrintedEvent, width: number): string => table.tableRow(event, width)

function open(path: string | null, result = 3): PrintedEvent {
  const record = sampleFileEvent({ path, result, process, flags: 0, inode: null, device: null, origin })
  return { topic: 'file', record }
}

function ended(change: { exitCode?: number; exitSignal?: number }): PrintedEvent {
  const record = sampleProcessEvent({
    type: 'exit',
    syscall: 'exit_group',
    process,
    filename: null,
    exitCode: change.exitCode ?? null,
    exitSignal: change.exitSignal ?? null,
    coreDumped: false,
    durationUs: 1_500_000,
    origin,
  })
  return { topic: 'process', record }
}

describe('a row of events', () => {
  it('shows time, event, process, user, container and action', () => {
    assert.match(
      tableRow(open('/etc/shadow'), 120),
      /^\d\d:\d\d:\d\d\.123 open-read {2}4242 {4}root {7}0123456789ab cat {13}\/etc\/shadow$/,
    )
    assert.match(tableRow(open('/etc/shadow', -13), 120), /\/etc\/shadow \(EACCES\)$/)
    assert.match(tableRow(ended({ exitCode: 7 }), 120), /status 7 after 1\.500 s$/)
    assert.match(tableRow(ended({ exitSignal: 9 }), 120), /signal 9 after 1\.500 s$/)
  })

  it('shows the new path of a file that is moved or linked', () => {
    const renamed = sampleFileEvent({ type: 'rename', syscall: 'renameat2', path: '/tmp/a', newPath: '/etc/cron.d/a', result: 0 })
    assert.match(tableRow({ topic: 'file', record: renamed }, 120), / rename .* \/tmp\/a -> \/etc\/cron\.d\/a$/)
    const linked = sampleFileEvent({ type: 'symlink', syscall: 'symlink', path: '/tmp/s', linkTarget: '/etc/shadow', result: -17 })
    assert.match(tableRow({ topic: 'file', record: linked }, 120), / symlink .* \/tmp\/s -> \/etc\/shadow \(EEXIST\)$/)
  })

  it('shows both ends of network events, the query, or the target of kernel events', () => {
    const network = (change: Parameters<typeof sampleNetworkEvent>[0]): PrintedEvent => ({
      topic: 'network',
      record: sampleNetworkEvent(change),
    })
    assert.match(tableRow(network({ result: -115 }), 140), / connect .* 172\.17\.0\.2:40312 -> 203\.0\.113\.7:443 tcp \(EINPROGRESS\)$/)
    assert.match(
      tableRow(network({ type: 'dns', dns: sampleDnsMessage() }), 120),
      / dns .* shop\.example A: edge\.shop\.example, 203\.0\.113\.7$/,
    )
    const kernel = sampleKernelEvent({ result: -1 })
    assert.match(tableRow({ topic: 'kernel', record: kernel }, 120), / ptrace .* nginx \(pid 4250\) \(EPERM\)$/)
  })

  it('is one line of at most 120 columns whatever the event holds', () => {
    assert.ok(table.tableHeading(120).length <= 120)
    for (const path of [EVIL, 'd'.repeat(5000), '', null]) {
      const row = tableRow(open(path), 120)
      assert.ok(row.length <= 120)
      assert.doesNotMatch(row, /[\u0000-\u001f\u202e]/)
    }
  })

  it('is a line of CSV with as many fields as the heading whatever the event holds', () => {
    const fields = csv.csvHeading().split(',').length
    const row = csv.csvRow(open(EVIL))
    assert.doesNotMatch(row, /[\u0000-\u001f\u202e]/)
    assert.equal(row.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)?.filter((field) => field !== '').length, fields)
    assert.match(row, /,"x\\x1b\[2J\\n""quoted"",\\r\\u202e"$/)
  })

  it('has the columns that were chosen, in their order, in every form', () => {
    const rows = new EventRows(chosenColumns(['pid,container_name', 'duration_ms', 'error']), NAMES)
    assert.equal(rows.csvHeading(), 'pid,container_name,duration_ms,error')
    assert.match(rows.tableHeading(120), /^PID +CONTAINER_NAME +DURATION_MS +ERROR$/)
    assert.equal(rows.csvRow(open('/etc/shadow', -13)), '4242,web,,EACCES')
    assert.match(rows.tableRow(open('/etc/shadow', -13), 120), /^4242 +web +- +EACCES$/)
    assert.deepEqual(JSON.parse(rows.jsonRow(ended({ exitCode: 0 }))), { pid: 4242, container_name: 'web', duration_ms: 1500, error: null })
  })

  it('refuses columns that there are not, with the nearest that there is, all in one go', () => {
    assert.throws(
      () => chosenColumns(['pid,tiem', 'conatiner']),
      (error) =>
        error instanceof UsageError &&
        /unknown column "tiem"; did you mean time\?/.test(error.message) &&
        /unknown column "conatiner"; did you mean container\?/.test(error.message) &&
        /there are: time, .*, detail$/.test(error.message),
    )
    assert.throws(() => chosenColumns(['']), /unknown column ""/)
    assert.throws(
      () => chosenColumns(['\u001b[2J']),
      (error) => error instanceof UsageError && !error.message.includes('\u001b'),
    )
  })
})
