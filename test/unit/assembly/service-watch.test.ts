// What the service manager hears: started, progress of the rings, the end. Against a fake, and over a real socket in the e2e tier.
import assert from 'node:assert/strict'
import { startServiceWatch } from '../../../assembly/service-watch.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { waitFor } from '../../support/wait-for.js'

describe('the watch of the service manager', () => {
  const start = (environment: Readonly<Record<string, string>>, hasProgressed?: () => boolean) => {
    const sent: string[] = []
    const errors: unknown[] = []
    let end: () => Promise<void> = () => Promise.resolve()
    startServiceWatch(
      {
        source: hasProgressed === undefined ? {} : { hasProgressed },
        log: { ...SILENT_LOGGER, error: (fields: unknown) => void errors.push(fields) },
        environment,
        pid: 42,
        notify: (socket, text) => {
          sent.push(`${socket} ${text}`)
          return null
        },
      },
      { onStop: (_name, ending) => (end = () => ending('test')) },
    )
    return { sent, errors, end: () => end() }
  }

  it('is told nothing without a socket', async () => {
    const { sent, end } = start({})
    await end()
    assert.deepEqual(sent, [])
  })

  it('is told start and end, and no progress when it does not watch this process', async () => {
    for (const more of [{}, { WATCHDOG_USEC: '3000', WATCHDOG_PID: '43' }, { WATCHDOG_USEC: 'soon' }]) {
      const { sent, end } = start({ NOTIFY_SOCKET: '/run/notify', ...more })
      await end()
      assert.deepEqual(sent, ['/run/notify READY=1', '/run/notify STOPPING=1'])
    }
  })

  it('is told of progress while there is some, and not when the rings are not read any more', async () => {
    let progress = true
    let checks = 0
    const { sent, errors, end } = start({ NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '3000', WATCHDOG_PID: '42' }, () => {
      checks++
      return progress
    })
    await waitFor('progress', () => sent.filter((text) => text === '@n WATCHDOG=1').length > 2)
    progress = false
    const [told, checked] = [sent.length, checks]
    await waitFor('more checks', () => checks > checked + 3)
    assert.deepEqual([sent.length, errors.length], [told, 1])
    await end()
    assert.equal(sent.at(-1), '@n STOPPING=1')
  })
})
