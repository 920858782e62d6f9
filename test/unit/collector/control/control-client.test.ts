// Answers of the control socket are checked against their schemas: one of another version is an error in one sentence that names the field.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ACTIVITY,
  FILTER_REPORT,
  LEDGER as LEDGER_SHAPE,
  SELF as SELF_SHAPE,
  SWITCHED_TRACKER,
  TRACKER_LIST,
  USAGE_REPORT,
} from '../../../../collector/control/control-answers.js'
import { askControl, ControlAnswerError, ControlUnreachableError, readControl } from '../../../../collector/control/control-client.js'
import { noEvents } from '../../../../collector/processes/event-counts.js'
import type { JsonShape, TSchema } from '../../../../infra/config/json-shape.js'

const NUMBERS = { emitted: 10, published: 5, droppedRing: 1, droppedCollector: 0, droppedSpool: 0, suppressed: 2, spooled: 0, inFlight: 2 }
const ACCOUNT = { topic: 'file', kind: 'open', cpu: 0, isInherited: false, ...NUMBERS }
const LOSS = { fromUs: 1, untilUs: 2, topic: 'file', kind: 'open', cpu: 0, where: 'kernel', count: 1 }
const LEDGER = { accounts: [ACCOUNT], losses: [LOSS], counters: { 'suppressed.budget.call': 3 } }
const SELF = {
  pid: 7,
  userId: 0,
  threads: 9,
  capabilities: ['CAP_BPF'],
  noNewPrivileges: true,
  use: { cpuPercent: 0.5 },
  clockOffsetMs: -3,
}
const USAGE = { intervalMs: 100, pids: [7], containers: ['web'] }
const TRACKER = {
  ...{ name: 'opens', description: 'files', state: 'partly', cause: 'plan', problem: null },
  ...{ kinds: ['open'], alwaysEmitted: [], emitted: 7, suppressed: 2 },
}
const VALUES = { pid: [7], uid: [], port: [443], localPort: [], remotePort: [22], anyPort: [], container: ['web'] }
const FILTERS = { only: VALUES, except: VALUES, outcome: 'failed', cgroupsLeftOut: 1 }
const EVENTS = { bootId: 'b', startedAtUs: 5, processes: [{ pid: 1, startUs: 2.5, events: noEvents() }], total: noEvents() }

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

  it('are returned unchanged', async () => {
    const cases: readonly (readonly [unknown, JsonShape<TSchema>])[] = [
      [LEDGER, LEDGER_SHAPE],
      [SELF, SELF_SHAPE],
      [{ ...SELF, use: null, clockOffsetMs: null }, SELF_SHAPE],
      [USAGE, USAGE_REPORT],
      [{ trackers: [TRACKER, { ...TRACKER, state: 'off', cause: 'settings', problem: 'EPERM' }] }, TRACKER_LIST],
      [{ tracker: TRACKER }, SWITCHED_TRACKER],
      [FILTERS, FILTER_REPORT],
      [EVENTS, ACTIVITY],
      [{ ...EVENTS, ofALaterVersion: true }, ACTIVITY],
    ]
    for (const [given, shape] of cases) {
      answer = given
      assert.deepEqual(await readControl(socket, '/asked', shape), given)
      assert.deepEqual(await readControl(socket, '/asked', shape, { method: 'PUT', sent: given }), given)
    }
  })

  for (const [what, given, shape, named] of [
    ['nothing', null, LEDGER_SHAPE, 'it must be an object, found null'],
    ['a text', 'hello', ACTIVITY, 'it must be an object, found "hello"'],
    ['a ledger without losses', { accounts: [ACCOUNT] }, LEDGER_SHAPE, 'losses is missing'],
    [
      'an account without a number',
      { ...LEDGER, accounts: [ACCOUNT, { ...ACCOUNT, inFlight: undefined }] },
      LEDGER_SHAPE,
      'accounts[1].inFlight is missing',
    ],
    [
      'a loss at a time that there is not',
      { ...LEDGER, losses: [{ ...LOSS, untilUs: 1e300 }] },
      LEDGER_SHAPE,
      'losses[0].untilUs must be a whole number, found 1e+300',
    ],
    [
      'a loss in a place that is not known',
      { ...LEDGER, losses: [{ ...LOSS, where: 'moon' }] },
      LEDGER_SHAPE,
      'losses[0].where must be one of UNKNOWN, kernel, collector, spool, found "moon"',
    ],
    ['a report without use', { ...SELF, use: undefined }, SELF_SHAPE, 'use is missing'],
    [
      'a report whose use is no numbers',
      { ...SELF, use: { cpuPercent: 'much' } },
      SELF_SHAPE,
      'use.cpuPercent must be a number, found "much"',
    ],
    ['a report without capabilities', { ...SELF, capabilities: undefined }, SELF_SHAPE, 'capabilities is missing'],
    ['no list of trackers', { tracker: TRACKER }, TRACKER_LIST, 'trackers is missing'],
    ['no tracker', { trackers: [TRACKER] }, SWITCHED_TRACKER, 'tracker is missing'],
    ['a tracker without a count', { tracker: { ...TRACKER, emitted: null } }, SWITCHED_TRACKER, 'tracker.emitted must be a whole number'],
    [
      'a tracker in a state that is not known',
      { tracker: { ...TRACKER, state: 'asleep' } },
      SWITCHED_TRACKER,
      'tracker.state must be one of on, off, partly, found "asleep"',
    ],
    [
      'a tracker for a cause that is not known',
      { trackers: [TRACKER, { ...TRACKER, cause: 'moon' }] },
      TRACKER_LIST,
      'trackers[1].cause must be one of plan, settings, person, found "moon"',
    ],
    ['a tracker whose kinds are no texts', { tracker: { ...TRACKER, kinds: [1] } }, SWITCHED_TRACKER, 'tracker.kinds[0] must be a text'],
    [
      'a tracker whose problem is no text',
      { tracker: { ...TRACKER, problem: {} } },
      SWITCHED_TRACKER,
      'tracker.problem must be a text or null',
    ],
    ['filters without values', { ...FILTERS, except: undefined }, FILTER_REPORT, 'except is missing'],
    [
      'filters of ports that are no numbers',
      { ...FILTERS, only: { ...VALUES, port: ['443'] } },
      FILTER_REPORT,
      'only.port[0] must be a whole number from 0 to 65535, found "443"',
    ],
    [
      'filters of containers that are no texts',
      { ...FILTERS, only: { ...VALUES, container: [{}] } },
      FILTER_REPORT,
      'only.container[0] must be',
    ],
    ['an outcome that is not known', { ...FILTERS, outcome: 'maybe' }, FILTER_REPORT, 'outcome must be one of all, succeeded, failed'],
    ['filters without a number of cgroups', { ...FILTERS, cgroupsLeftOut: undefined }, FILTER_REPORT, 'cgroupsLeftOut is missing'],
    ['an interval that is no number', { ...USAGE, intervalMs: '100' }, USAGE_REPORT, 'intervalMs must be a whole number, found "100"'],
    ['processes that are no numbers', { ...USAGE, pids: ['7'] }, USAGE_REPORT, 'pids[0] must be a whole number'],
    ['containers that are no texts', { ...USAGE, containers: [7] }, USAGE_REPORT, 'containers[0] must be a text'],
    ['no list of processes', { ...EVENTS, processes: {} }, ACTIVITY, 'processes must be a list, found {}'],
    ['a process without a start', { ...EVENTS, processes: [{ pid: 1, events: noEvents() }] }, ACTIVITY, 'processes[0].startUs is missing'],
    [
      'counts that are none',
      { ...EVENTS, total: { ...noEvents(), file: 'many' } },
      ACTIVITY,
      'total.file must be a whole number, found "many"',
    ],
    ['no boot', { ...EVENTS, bootId: '\u001b[2J'.length }, ACTIVITY, 'bootId must be a text, found 4'],
  ] as const) {
    it(`that are ${what} are refused in one sentence that names the field`, async () => {
      answer = given
      await assert.rejects(readControl(socket, '/asked', shape as JsonShape<TSchema>), (error) => {
        assert.ok(error instanceof ControlAnswerError)
        assert.ok(error.message.includes(`sent an unknown answer (in /asked, ${named}`), error.message)
        return !error.message.includes('\n')
      })
    })
  }

  it('can not move the cursor of a terminal by what they hold', async () => {
    answer = { ...EVENTS, bootId: ['\u001b[2J\u202e'] }
    await assert.rejects(
      readControl(socket, '/asked', ACTIVITY),
      (error) => error instanceof Error && !/[\u001b\u202e]/.test(error.message),
    )
  })
})

describe('a collector that does not answer', () => {
  it('is distinguished from one that does not run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-control-'))
    const socket = join(folder, 'control.sock')
    const server = createServer(() => undefined)
    try {
      const isHung = async (): Promise<boolean> =>
        await askControl(socket, 'GET', '/self', undefined, 100).then(
          () => assert.fail('an answer'),
          (error: unknown) => error instanceof ControlUnreachableError && error.isHung,
        )
      assert.equal(await isHung(), false)
      server.listen(socket)
      await once(server, 'listening')
      assert.equal(await isHung(), true)
    } finally {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true })
    }
  })
})
