// The first line and the last lines of `eunomia run`.
import assert from 'node:assert/strict'
import {
  AlertRepeats,
  type Repeats,
  plainWarnings,
  repeatsText,
  summaryLines,
  watchedText,
  watchText,
} from '../../../../cli/run/live-view.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { Alert } from '../../../../schemas/generated/types.js'
import { testAlert } from '../../../support/records/test-alert.js'

const watched = {
  hostName: 'node-1',
  kernelRelease: '6.18.0',
  probes: [
    { name: 'process_exec', isAttached: true, error: null },
    { name: 'syscalls', isAttached: false, error: 'EPERM' },
  ],
  captureFile: null,
  rulesActive: 10,
  rulesWaiting: 0,
  rulesQuarantined: 0,
  rulePaths: [],
  containers: 1,
  deadSockets: [],
}
const stats = { published: 1200, suppressed: 34, lost: {}, inFlight: 0, spooled: 0, cpuUs: 500_000, processes: 10, bufferedBytes: 0 }

describe('the line about what is left out', () => {
  it('has the mode, and what no rule reads', () => {
    assert.equal(
      watchText('detect', ['opens that no rule can match', 'dup']),
      'collector.watch is detect: left out are opens that no rule can match, dup',
    )
    assert.equal(watchText('forensic', []), 'collector.watch is forensic: nothing is left out')
  })
})

describe('the first line', () => {
  it('says what is watched', () => {
    assert.equal(watchedText(watched), 'watching node-1 (kernel 6.18.0): 1 of 2 probes attached, 10 rules, 1 container found. Ctrl-C ends.')
  })

  it("names the rules that can't fire", () => {
    assert.match(watchedText({ ...watched, rulesActive: 1, rulesWaiting: 9 }), /, 1 rule \(9 more can't fire yet\), /)
  })

  it('names rules that were left out because of errors, and where to see the errors', () => {
    assert.match(watchedText({ ...watched, rulesQuarantined: 2 }), /, 10 rules \(2 quarantined: see eunomia rules check\), /)
    const withPaths = { ...watched, rulesQuarantined: 1, rulePaths: ['/etc/mine', 'b\u001b.yaml'] }
    assert.match(watchedText(withPaths), /, 10 rules \(1 quarantined: see eunomia rules check \/etc\/mine b\\x1b\.yaml\), /)
    assert.match(
      watchedText({ ...watched, rulesWaiting: 1, rulesQuarantined: 2 }),
      /10 rules \(1 more can't fire yet, 2 quarantined: see eunomia rules check\)/,
    )
  })

  it('says that no runtime answers, in place of a number that means nothing', () => {
    const text = watchedText({ ...watched, containers: 0, deadSockets: ['/run/docker.sock'] })
    assert.match(text, /, 10 rules, containers: no runtime answers at \/run\/docker\.sock\. Ctrl-C ends\.$/)
    const several = watchedText({ ...watched, containers: 0, deadSockets: ['/a.sock', '/b.sock', '/c.sock'] })
    assert.match(several, /no runtime answers at \/a\.sock or 2 other sockets\. /)
  })

  it('says that it is a recording', () => {
    assert.match(watchedText({ ...watched, captureFile: '/c/demo.capture' }), /: recorded in \/c\/demo\.capture, .* containers as recorded/)
  })
})

describe('the summary', () => {
  it('shows events, alerts, losses and CPU', () => {
    assert.deepEqual(summaryLines({ stats, alerts: 1, seconds: 10, undecided: 0 }), [
      '1234 events, 1 alert in 10.0 s',
      'lost: none',
      'CPU: 0.50 s (5.0 % of one core)',
    ])
  })

  it('names each kind that was lost, and what was not evaluated', () => {
    const lines = summaryLines({ stats: { ...stats, lost: { open: 7, exec: 1 } }, alerts: 0, seconds: 1, undecided: 3 })
    assert.equal(lines[1], 'lost: 7 open, 1 exec')
    assert.match(lines[3] ?? '', /^3 events had no verdict/)
  })
})

const counted = (repeats: readonly Repeats[]): [string, number][] => repeats.map(({ alert, count }) => [alert.rule, count])

describe('repeats of an alert', () => {
  const alert = testAlert({ rule: 'Shadow' })
  const inContainer = (containerId: string): Alert => testAlert({ rule: 'Shadow', containerId })

  it('are shown once and counted until ten seconds after the first', () => {
    const repeats = new AlertRepeats()
    assert.equal(repeats.take(alert, 0), true)
    for (let count = 0; count < 22; count++) assert.equal(repeats.take(alert, 400 * count), false)
    assert.deepEqual(repeats.ended(9_999), [])
    assert.deepEqual(counted(repeats.ended(10_000)), [['Shadow', 22]])
    assert.deepEqual(repeats.ended(20_000), [], 'reported once')
    assert.equal(repeats.take(alert, 10_000), true, 'and the next one is shown again')
  })

  it('are none of another rule, container, host or program', () => {
    const repeats = new AlertRepeats()
    const { process, origin } = alert
    const others = [
      alert,
      testAlert({ rule: 'Other' }),
      inContainer('a'.repeat(64)),
      inContainer('b'.repeat(64)),
      testAlert({ rule: 'Shadow', process: { ...process, name: 'another' } }),
      testAlert({ rule: 'Shadow', origin: { ...origin, hostName: 'another' } }),
    ]
    assert.deepEqual(
      others.map((other) => repeats.take(other, 0)),
      others.map(() => true),
    )
  })

  it('are not reported when there were none', () => {
    const repeats = new AlertRepeats()
    repeats.take(alert, 0)
    assert.deepEqual(repeats.ended(10_000), [])
  })

  it('report the oldest early when there are too many kinds at once; none is missing from the counts', () => {
    const repeats = new AlertRepeats(2)
    const names = ['one', 'two', 'three']
    for (const rule of names) for (let count = 0; count < 3; count++) repeats.take(testAlert({ rule }), 0)
    assert.deepEqual(counted(repeats.ended(1)), [['one', 2]])
    assert.deepEqual(counted(repeats.ended(10_000)), [
      ['two', 2],
      ['three', 2],
    ])
  })

  it('are one line that names the rule, the place and the program, and can not harm a terminal', () => {
    const process = { ...alert.process, name: 'ev\u001b[2Jil' }
    const line = repeatsText({ alert: testAlert({ rule: 'Shadow', containerId: null, container: null, process }), count: 22 })
    assert.equal(line, `... 22 more of Shadow by ev\\x1b[2Jil on host ${alert.origin.hostName} within 10 s`)
  })
})

describe('a warning at a terminal', () => {
  const written: string[] = []
  const passed: string[] = []
  const log = { ...SILENT_LOGGER, warn: (_facts: object, message: string) => void passed.push(message) }
  const plain = plainWarnings(log, (text) => void written.push(text), 40, 'Start Docker.')

  it('is a wrapped sentence with its reason and what can be done', () => {
    plain.warn({ runtime: 'docker', reason: 'connect ENOENT\u001b[2J' }, 'containers have no names')
    assert.deepEqual(written, ['warning: containers have no names\n(connect ENOENT\\x1b[2J). Start Docker.\n'])
    assert.deepEqual(passed, [])
  })

  it('goes to the log as it is when it has no reason', () => {
    plain.warn({}, 'something else')
    assert.deepEqual(passed, ['something else'])
  })
})
