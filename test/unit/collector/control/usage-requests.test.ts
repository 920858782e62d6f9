import assert from 'node:assert/strict'
import { ControlRefusal } from '../../../../collector/control/control-answer.js'
import { changeUsage, currentUsage, type AskedUsage } from '../../../../collector/control/usage-requests.js'

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

  it('are told, and told as they are behind a change', async () => {
    const asked = usage()
    assert.deepEqual(currentUsage(asked), { status: 200, body: settings })
    const body = { intervalMs: 100, pids: [7], containers: ['web'] }
    assert.deepEqual(await changeUsage(asked, '{"intervalMs": 100, "pids": [7]}'), { status: 200, body })
    assert.deepEqual(currentUsage(asked), { status: 200, body })
  })

  for (const [what, body, said] of [
    ['no JSON', '{', /the body is no JSON/],
    ['nothing', '', /the body is no JSON/],
    ['a value out of its bounds', '{"intervalMs": 5, "pids": [7]}', /^usage: intervalMs must be a whole number, 100 to 3600000/],
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

  it('are none where nobody reads aggregates, which is said', async () => {
    const isRefused = (error: unknown): boolean => error instanceof ControlRefusal && error.status === 409 && /collect/.test(error.message)
    assert.throws(() => currentUsage(null), isRefused)
    await assert.rejects(changeUsage(null, '{}'), isRefused)
  })
})
