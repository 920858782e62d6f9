// Which alerts `eunomia alerts` shows.
import assert from 'node:assert/strict'
import { AlertBlocks, alertFilter, lineWriter, readAlerts } from '../../../cli/alerts.js'
import { colorsFor } from '../../../cli/terminal/terminal-text.js'
import { EunomiaError } from '../../../infra/process/errors.js'
import { type Logger, SILENT_LOGGER } from '../../../infra/process/logger.js'
import { ALERT_FORMATS, alertWriter } from '../../../schemas/alert-formats.js'
import { Codec } from '../../../schemas/codec.js'
import { currentSchemas } from '../../../schemas/schema-set.js'
import { ArrayBatch } from '../../support/records/array-batch.js'
import { hostileAlerts } from '../../support/records/hostile-alert.js'
import { testAlert } from '../../support/records/test-alert.js'

describe('the filter of alerts', () => {
  const alert = testAlert()
  const id = alert.containerId ?? ''
  const onHost = testAlert({ containerId: null, container: null })

  it('lets all through when nothing is asked for', () => {
    assert.ok(alertFilter({})(alert))
    assert.ok(alertFilter({})(onHost))
  })

  it('takes a rule by its name, with * for anything', () => {
    for (const rule of ['Credential file read', 'Credential*', '*read', '*file*', 'Cred*file*read'])
      assert.ok(alertFilter({ rule })(alert), rule)
    for (const rule of ['Credential', 'credential file read', '*write', 'Cred*write*read', ''])
      assert.ok(!alertFilter({ rule })(alert), rule)
  })

  it('takes a container by name, whole id or the beginning of an id', () => {
    for (const container of ['web', 'w*', id, id.slice(0, 12)]) assert.ok(alertFilter({ container })(alert), container)
    for (const container of ['webs', 'we', 'fedcba987654', '01234']) assert.ok(!alertFilter({ container })(alert), container)
  })

  it('leaves out alerts of the host when a container is asked for', () => {
    assert.ok(!alertFilter({ container: '*' })(onHost))
  })

  it('takes alerts of events at or after a moment', () => {
    const atMs = alert.origin.wallTimeUs / 1000
    assert.ok(alertFilter({ since: atMs })(alert))
    assert.ok(!alertFilter({ since: atMs + 1 })(alert))
  })

  it('does not go astray with many stars', () => {
    const rule = `${'*a'.repeat(2000)}*b`
    assert.ok(!alertFilter({ rule })(testAlert({ rule: 'a'.repeat(5000) })))
  })
})

class AwayError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_UNREACHABLE'
  static override readonly isRetryable = true
}

const alert = testAlert({ rule: 'Good' })
const good = new Codec().encode('alerts', alert)

/** The schema id is after the magic byte (Confluent wire format). */
function withSchemaId(id: number): Uint8Array {
  const value = Buffer.from(good)
  value.writeInt32BE(id, 1)
  return value
}

describe('reading alerts', () => {
  it('skips records that are not alerts, logs each, and prints their neighbors', async () => {
    const skipped: unknown[] = []
    const log: Logger = { ...SILENT_LOGGER, warn: (facts) => void skipped.push(facts['offset']) }
    const unknown = withSchemaId(4711)
    const values = [good, Buffer.from('poison'), null, unknown, good.subarray(0, 20), good]
    const batch = new ArrayBatch(
      'alerts',
      values.map((value) => ({ value })),
    )
    assert.deepEqual(
      (await readAlerts(batch, new Codec(), log)).map(({ rule }) => rule),
      ['Good', 'Good'],
    )
    assert.deepEqual(skipped, [101, 102, 103, 104])
  })

  it('asks the registry for a schema that it meets for the first time', async () => {
    const written = withSchemaId(7)
    const asked: number[] = []
    const source = {
      fetchSchema: (id: number) => {
        asked.push(id)
        return Promise.resolve(currentSchemas().get('alerts')?.json)
      },
    }
    const batch = new ArrayBatch('alerts', [{ value: written }, { value: written }])
    assert.equal((await readAlerts(batch, new Codec({ source }), SILENT_LOGGER)).length, 2)
    assert.deepEqual(asked, [7])
  })

  it('leaves the batch to be given again while the registry is away', async () => {
    const written = withSchemaId(7)
    const source = { fetchSchema: () => Promise.reject(new AwayError('away')) }
    await assert.rejects(readAlerts(new ArrayBatch('alerts', [{ value: written }]), new Codec({ source }), SILENT_LOGGER), /away/)
  })
})

describe('a batch of alerts on the screen', () => {
  const alert = testAlert()
  const startUs = alert.origin.wallTimeUs
  const after = (ms: number): typeof alert => ({ ...alert, origin: { ...alert.origin, wallTimeUs: startUs + ms * 1000 } })
  const shown = (...alerts: (typeof alert)[]): string[] => {
    const blocks = new AlertBlocks(80, colorsFor({}))
    // Each in a batch of its own.
    const texts = alerts.map((each) => blocks.take([each], startUs / 1000))
    return [...texts, blocks.ended(Infinity)].join('').split('\n')
  }

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

describe('alerts as lines', () => {
  it('are those of the sinks in a pipe, and without a character that a terminal obeys in a terminal', () => {
    for (const format of ALERT_FORMATS) {
      for (const alert of hostileAlerts()) {
        const [piped, shown] = [false, true].map((isTerminal) => lineWriter(format, isTerminal)(alert))
        assert.equal(piped, alertWriter(format)(alert))
        assert.ok(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown ?? ''))
        if (format !== 'cef') assert.deepEqual(JSON.parse(shown ?? ''), JSON.parse(piped ?? ''))
      }
    }
  })
})
