import assert from 'node:assert/strict'
import { accountOf, accountText } from '../../../../cli/hunt/hunt-account.js'
import type { HuntPlan } from '../../../../processors/forensics/hunt/hunt-plan.js'
import type { HuntResult } from '../../../../processors/forensics/hunt/merge-results.js'

const PLAN: HuntPlan = {
  version: 1,
  fromMs: 0,
  toMs: 1_000,
  rules: { files: [], matching: 'first' },
  ruleSetHash: 'abc',
  mostRows: 10,
  containers: [],
  images: [],
  slices: [],
  keys: null,
  knownMs: 1_000,
  prefer: 'archive',
  partitions: [{ topic: 'file', partition: 0, range: [10, 100], skipped: [[20, 30]], missing: [] }],
  hosts: [{ hostId: 'h', hostName: 'web-1', heartbeats: 1, lost: {} }],
  heartbeatsUnread: 0,
  unknownHosts: [],
}
const RESULT: HuntResult = {
  ...{ rows: 0, alerts: 0, repeated: 0, sha256: 'e3b0', records: 80, unreadable: 0, failed: [], failedRecords: 0 },
  ...{ factsDamaged: 0, leftOut: 0, matchesLost: 0, slicesLeft: 0 },
}

describe('cli account of a hunt', () => {
  it('says that there was no hit together with what was read, skipped, gone and lost', () => {
    const account = accountOf(PLAN, RESULT)
    assert.equal(account.isComplete, true)
    assert.equal(
      accountText(account),
      [
        'range       1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z, rule set abc',
        'read        80 records in 0 slices of 1 partition',
        '            file/0 10..99',
        'skipped     10 offsets by time, host and type',
        'gone        nothing',
        'lost        nothing, by the ledgers of 1 host',
        'result      no hit in what was read',
        'sha256      e3b0',
        '',
      ].join('\n'),
    )
  })

  it('is incomplete with what is gone, damaged, lost, left out, or ended early', () => {
    const missing = [{ offsets: [0, 10] as const, reason: 'removed by retention' }]
    const partitions = [{ topic: 'file' as const, partition: 0, range: [0, 100] as const, skipped: [], missing }]
    const hosts = [{ hostId: 'h', hostName: 'evil\u001b[2J', heartbeats: 1, lost: { 'file kernel': 3 } }]
    const failed = [{ topic: 'file' as const, partition: 0, object: 'file/x.parquet', offsets: [50, 60] as const, reason: 'sha256' }]
    for (const plan of [
      { ...PLAN, partitions },
      { ...PLAN, hosts },
      { ...PLAN, heartbeatsUnread: 1 },
      { ...PLAN, unknownHosts: ['x'] },
    ])
      assert.equal(accountOf(plan, RESULT).isComplete, false)
    const changes = [{ failedRecords: 10, failed }, { slicesLeft: 2 }, { unreadable: 1 }, { matchesLost: 1 }, { factsDamaged: 4 }]
    for (const change of changes) assert.equal(accountOf(PLAN, { ...RESULT, ...change }).isComplete, false)
    const text = accountText(
      accountOf({ ...PLAN, partitions, hosts, unknownHosts: ['db-9'] }, { ...RESULT, ...Object.assign({}, ...changes) }),
    )
    assert.match(text, /file\/0 0\.\.9: removed by retention; their times are not known/)
    assert.match(text, /damaged +10 offsets\n +file\/0 50\.\.59 in file\/x\.parquet: sha256/)
    assert.match(text, /no heartbeat of db-9\n +evil\S*: file kernel 3\n/)
    assert.match(text, /facts +4 container events not read/)
    assert.match(text, /INCOMPLETE +it was ended early: 2 slices/)
    assert.ok(!text.includes('\u001b'))
  })
})
