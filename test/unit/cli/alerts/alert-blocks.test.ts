// What `eunomia alerts` shows of a batch.
import assert from 'node:assert/strict'
import { alertBlocks } from '../../../../cli/alerts/alert-blocks.js'
import { colorsFor } from '../../../../cli/terminal/terminal-text.js'
import { testAlert } from '../../../support/records/test-alert.js'

describe('a batch of alerts on the screen', () => {
  const alert = testAlert()
  const startUs = alert.origin.wallTimeUs
  const after = (ms: number): typeof alert => ({ ...alert, origin: { ...alert.origin, wallTimeUs: startUs + ms * 1000 } })
  const shown = (...alerts: (typeof alert)[]): string[] => alertBlocks(alerts, 80, colorsFor({}), startUs / 1000).split('\n')

  it('shows process and action at 80 columns', () => {
    const lines = shown(alert).map((line) => line.trim())
    assert.ok(lines.includes('cat /etc/shadow (pid 4242, root) < sh < containerd-shim'))
    assert.ok(lines.includes('openat /etc/shadow'))
  })

  it('counts repeats within 10 s of the event that was shown, by the times of the events', () => {
    const lines = shown(alert, after(100), after(9_000), after(10_000), after(600_000))
    assert.equal(lines.filter((line) => line.includes('Credential file read') && !line.startsWith('...')).length, 3)
    assert.deepEqual(
      lines.filter((line) => line.startsWith('...')),
      ['... 2 more of Credential file read by cat in container web within 10 s'],
    )
  })
})
