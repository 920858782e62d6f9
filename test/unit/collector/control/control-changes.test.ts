import assert from 'node:assert/strict'
import { ControlRefusal } from '../../../../collector/control/control-answers.js'
import { changeUsage, currentUsage, type AskedUsage, switchUsage, usageReports } from '../../../../collector/control/control-changes.js'
import { ProbeUnavailableError } from '../../../../native/requirements.js'
import type { UsageTrackers, UsageTrackerState } from '../../../../collector/usage/usage-trackers.js'

describe('settings of aggregates over the control API', () => {
  const settings = { intervalMs: 10_000, pids: [], containers: ['web'] }
  const usage = (): Exclude<AskedUsage, null> => {
    let inForce: Exclude<AskedUsage, null>['settings'] = settings
    return {
      get settings() {
        return inForce
      },
      change: (change) => {
        inForce = { ...inForce, ...change }
        return Promise.resolve()
      },
    }
  }

  it('are returned, and returned again after a change', async () => {
    const asked = usage()
    assert.deepEqual(currentUsage(asked), { status: 200, body: settings })
    const body = { intervalMs: 100, pids: [7], containers: ['web'] }
    assert.deepEqual(await changeUsage(asked, '{"intervalMs": 100, "pids": [7]}'), { status: 200, body })
    assert.deepEqual(currentUsage(asked), { status: 200, body })
  })

  for (const [what, body, said] of [
    ['no JSON', '{', /the body is not JSON/],
    ['nothing', '', /the body is not JSON/],
    [
      'a value out of its bounds',
      '{"intervalMs": 5, "pids": [7]}',
      /^usage: intervalMs must be a whole number from 100 to 3600000, found 5/,
    ],
  ] as const) {
    it(`stay as they are when the body is ${what}`, async () => {
      const asked = usage()
      await assert.rejects(
        changeUsage(asked, body),
        (error) => error instanceof ControlRefusal && error.status === 400 && said.test(error.message),
      )
      assert.deepEqual(asked.settings, settings)
    })
  }

  it('are refused with a reason when no aggregates are read', async () => {
    const isRefused = (error: unknown): boolean => error instanceof ControlRefusal && error.status === 409 && /collect/.test(error.message)
    assert.throws(() => currentUsage(null), isRefused)
    await assert.rejects(changeUsage(null, '{}'), isRefused)
  })
})

const STATE: UsageTrackerState = {
  ...{ name: 'syscall-usage', description: 'calls', isOn: true, cause: 'settings', problem: null, records: 7, filtered: 2 },
}

describe('trackers of aggregates in the control API', () => {
  const reportOf = (state: UsageTrackerState): unknown => {
    const usage: Pick<UsageTrackers, 'states'> = { states: () => [state] }
    return usageReports(usage)[0]
  }

  it('report who switched them on, and why a requested one is off', () => {
    const report = {
      ...{ name: 'syscall-usage', description: 'calls', state: 'on', cause: 'settings', problem: null },
      ...{ kinds: ['usage'], alwaysEmitted: [], emitted: 7, suppressed: 2 },
    }
    assert.deepEqual(reportOf(STATE), report)
    const stopped = reportOf({ ...STATE, isOn: false, cause: 'person', problem: 'EPERM' })
    assert.deepEqual(stopped, { ...report, state: 'off', cause: 'person', problem: 'EPERM' })
  })
})

describe('a tracker of aggregates that can not be started', () => {
  const refusalOf = async (error: Error): Promise<string> => {
    const usage = { start: () => Promise.reject(error), stop: () => Promise.resolve(), states: () => [] }
    const refusal = await switchUsage(usage, 'syscall-usage', true).catch((refused: unknown) => refused)
    assert.ok(refusal instanceof ControlRefusal && refusal.status === 409)
    return refusal.message
  }
  const failure = (errno: number): Error =>
    new ProbeUnavailableError('usage_syscalls: refused', { cause: Object.assign(new Error('load'), { errno }) })

  it('explains dropped privileges when the kernel refuses for lack of them', async () => {
    for (const errno of [1, 13])
      assert.match(await refusalOf(failure(errno)), /usage_syscalls: refused\. No program can be loaded.*collector\.usage\.ready/)
  })

  it('does not explain them for another failure, whatever its text is', async () => {
    assert.doesNotMatch(await refusalOf(failure(22)), /No program can be loaded/)
    assert.doesNotMatch(await refusalOf(new Error('EPERM EACCES')), /No program can be loaded/)
  })
})
