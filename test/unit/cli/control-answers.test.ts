// What the control socket answers is read once: a collector of another version gets one clear sentence, and no stack trace.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfAnswer } from '../../../cli/doctor/self-answer.js'
import { ControlAnswerError, readControl } from '../../../cli/parts/control-client.js'
import { ledgerAnswer } from '../../../cli/parts/ledger-answer.js'
import { filterAnswer } from '../../../cli/trackers/filter-answer.js'
import { trackerAnswer, trackersAnswer } from '../../../cli/trackers/tracker-answer.js'
import { usageAnswer } from '../../../cli/trackers/usage-answer.js'

const NUMBERS = { emitted: 10, published: 5, droppedRing: 1, droppedCollector: 0, droppedSpool: 0, suppressed: 2, spooled: 0, inFlight: 2 }
const ACCOUNT = { topic: 'file', kind: 'open', cpu: 0, isInherited: false, ...NUMBERS }
const LOSS = { fromUs: 1, untilUs: 2, topic: 'file', kind: 'open', cpu: 0, where: 'kernel', count: 1 }
const LEDGER = { accounts: [ACCOUNT], losses: [LOSS] }
const SELF = { pid: 7, userId: 0, threads: 9, capabilities: ['CAP_BPF'], noNewPrivileges: true, use: { cpuPercent: 0.5 } }
const USAGE = { intervalMs: 100, pids: [7], containers: ['web'] }
const TRACKER = {
  ...{ name: 'opens', description: 'files', state: 'partly', cause: 'plan', problem: null },
  ...{ kinds: ['open'], alwaysTold: [], emitted: 7, suppressed: 2 },
}
const VALUES = { pid: [7], uid: [], port: [443], container: ['web'] }
const FILTERS = { only: VALUES, except: VALUES, outcome: 'failed', cgroupsLeftOut: 1 }

describe('answers of the control socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-answers-'))
  const socket = join(folder, 'control.sock')
  let answer: unknown = null
  let server: Server
  before(async () => {
    server = createServer((_, response) => response.end(JSON.stringify(answer))).listen(socket)
    await once(server, 'listening')
  })
  after(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('are taken as they are', async () => {
    answer = LEDGER
    assert.deepEqual(await readControl(socket, '/ledger', ledgerAnswer), LEDGER)
    answer = SELF
    assert.deepEqual(await readControl(socket, '/self', selfAnswer), SELF)
    answer = USAGE
    assert.deepEqual(await readControl(socket, '/usage', usageAnswer, { method: 'PUT', sent: USAGE }), USAGE)
    answer = { trackers: [TRACKER, { ...TRACKER, state: 'off', cause: 'settings', problem: 'EPERM' }] }
    assert.deepEqual({ trackers: await readControl(socket, '/trackers', trackersAnswer) }, answer)
    assert.deepEqual(trackerAnswer({ tracker: TRACKER }), TRACKER)
    answer = FILTERS
    assert.deepEqual(await readControl(socket, '/filters', filterAnswer), FILTERS)
    assert.deepEqual(selfAnswer({ ...SELF, use: null }), { ...SELF, use: null })
  })

  for (const [what, given, read] of [
    ['nothing', null, ledgerAnswer],
    ['a ledger without losses', { accounts: [ACCOUNT] }, ledgerAnswer],
    ['an account without a number', { ...LEDGER, accounts: [{ ...ACCOUNT, inFlight: undefined }] }, ledgerAnswer],
    ['a loss at a time that there is not', { ...LEDGER, losses: [{ ...LOSS, untilUs: 1e300 }] }, ledgerAnswer],
    ['a loss in a place that is not known', { ...LEDGER, losses: [{ ...LOSS, where: 'moon' }] }, ledgerAnswer],
    ['a report without use', { ...SELF, use: undefined }, selfAnswer],
    ['a report whose use is no numbers', { ...SELF, use: { cpuPercent: 'much' } }, selfAnswer],
    ['a report without capabilities', { ...SELF, capabilities: undefined }, selfAnswer],
    ['no list of trackers', { tracker: TRACKER }, trackersAnswer],
    ['no tracker', { trackers: [TRACKER] }, trackerAnswer],
    ['a tracker without a count', { tracker: { ...TRACKER, emitted: null } }, trackerAnswer],
    ['a tracker in a state that is not known', { tracker: { ...TRACKER, state: 'asleep' } }, trackerAnswer],
    ['a tracker for a cause that is not known', { trackers: [TRACKER, { ...TRACKER, cause: 'moon' }] }, trackersAnswer],
    ['a tracker whose kinds are no texts', { tracker: { ...TRACKER, kinds: [1] } }, trackerAnswer],
    ['a tracker whose problem is no text', { tracker: { ...TRACKER, problem: {} } }, trackerAnswer],
    ['filters without values', { ...FILTERS, except: undefined }, filterAnswer],
    ['filters of ports that are no numbers', { ...FILTERS, only: { ...VALUES, port: ['443'] } }, filterAnswer],
    ['filters of containers that are no texts', { ...FILTERS, only: { ...VALUES, container: [{}] } }, filterAnswer],
    ['an outcome that is not known', { ...FILTERS, outcome: 'maybe' }, filterAnswer],
    ['filters without a number of cgroups', { ...FILTERS, cgroupsLeftOut: undefined }, filterAnswer],
    ['an interval that is no number', { ...USAGE, intervalMs: '100' }, usageAnswer],
    ['processes that are no numbers', { ...USAGE, pids: ['7'] }, usageAnswer],
    ['containers that are no texts', { ...USAGE, containers: [7] }, usageAnswer],
  ] as const) {
    it(`that are ${what} are refused in one sentence`, async () => {
      answer = given
      await assert.rejects(
        readControl<object>(socket, '/asked', read),
        (error) =>
          error instanceof ControlAnswerError && /answers \/asked with something else: is it of another version/.test(error.message),
      )
    })
  }
})
