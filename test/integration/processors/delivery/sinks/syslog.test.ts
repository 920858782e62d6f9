// The syslog sink with a real rsyslog: over TCP and TLS, 10,000 messages with hostile texts arrive as they are, also over a restart of the receiver.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { LocalService } from '../../../../../infra/local/local-service.js'
import { SYSLOG_SINK } from '../../../../../processors/delivery/sinks/syslog.js'
import type { AlertSink } from '../../../../../processors/delivery/sink.js'
import { alertWriter } from '../../../../../schemas/alert-formats.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { makeTestCertificates, type TestCertificates } from '../../../../support/delivery/test-certificates.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { HOSTILE_TEXTS, hostileAlert } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'
import { startRsyslog } from '../../../../support/services/receivers/start-receiver.js'
import { waitFor, waitForCount } from '../../../../support/wait-for.js'

const MESSAGES = 10_000
const BATCH = 500
const NEVER = new AbortController().signal

describe('the syslog sink', function () {
  let folder: string
  let certificates: TestCertificates
  let sink: AlertSink | null = null

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-syslog-'))
    certificates = makeTestCertificates()
  })

  afterEach(async () => {
    await sink?.close()
    sink = null
  })

  after(() => {
    for (const path of [folder, certificates.folder]) rmSync(path, { recursive: true, force: true })
  })

  async function sinkOf(settings: object): Promise<AlertSink> {
    return (sink = await createSink(SYSLOG_SINK, { host: '127.0.0.1', ...settings } as never))
  }

  it(`hands ${String(MESSAGES)} hostile messages to rsyslog unchanged, and goes on after it was restarted`, async () => {
    const output = join(folder, 'tcp.jsonl')
    const rsyslog = await startRsyslog({ output })
    const letters = fc.constantFrom(
      '=',
      '|',
      '\\',
      '\n',
      '\r',
      ' ',
      '<34>1 ',
      '\u0007',
      '\u007f',
      '\u0085',
      'é',
      '\u{1f600}',
      '%',
      '"',
      '{',
      '\t',
      '123 ',
    )
    const texts = fc.sample(fc.string({ unit: letters, maxLength: 30 }), { numRuns: MESSAGES - HOSTILE_TEXTS.length, seed: 13 })
    const alerts = [...HOSTILE_TEXTS, ...texts].map((text) => hostileAlert(text))
    const plain = await sinkOf({ port: rsyslog.ports['http'], protocol: 'tcp' })
    await sendAll(plain, alerts)
    await waitForCount('messages in rsyslog', () => linesOf(output).length, MESSAGES)
    assertBodies(output, alerts.map(alertWriter('cef')))
    assert.equal(linesOf(output)[0]?.header, 'node-1 eunomia 132 2023-11-14T22:13:21.123456Z')

    await rsyslog.stop()
    await assert.rejects(sendUntilRefused(plain), /can't be reached/)
    const before = linesOf(output).length
    const again = await startRsyslog({ output, port: rsyslog.ports['http'] })
    await waitFor('a connection to the receiver that is back', async () => {
      const outcomes = await plain.send(topicAlerts([testAlert()]), NEVER).catch(() => [])
      return outcomes.length === 1
    })
    await waitForCount('a message after the restart', () => linesOf(output).length, before + 1)
    await again.stop()
  })

  it('hands messages over TLS, to a receiver whose certificate it can check, with a certificate of its own', async () => {
    const { ca: caFile, clientCert: certFile, clientKey: keyFile } = certificates
    const output = join(folder, 'tls.jsonl')
    const driver = 'streamdriver.name="gtls" streamdriver.mode="1" streamdriver.authmode="x509/certvalid"'
    const files = `defaultNetstreamDriverCAFile="${caFile}" defaultNetstreamDriverCertFile="${certificates.serverCert}" defaultNetstreamDriverKeyFile="${certificates.serverKey}"`
    const rsyslog: LocalService = await startRsyslog({ output, input: driver, global: files })
    const port = rsyslog.ports['http']
    const secure = await sinkOf({ port, tls: { caFile, certFile, keyFile }, format: 'ocsf' })
    const alerts = HOSTILE_TEXTS.map((text) => hostileAlert(text))
    await sendAll(secure, alerts)
    await waitForCount('messages over TLS', () => linesOf(output).length, alerts.length)
    assertBodies(output, alerts.map(alertWriter('ocsf')))
    await secure.close()
    const distrusting = await sinkOf({ port })
    await assert.rejects(distrusting.send(topicAlerts([testAlert()]), NEVER), /can't be reached/)
    await rsyslog.stop()
  })

  it('sends datagrams, and refuses what is too large for one', async () => {
    const receiver = createSocket('udp4')
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    const lossy = await sinkOf({ port: receiver.address().port, protocol: 'udp', format: 'json' })
    const arrived = once(receiver, 'message')
    const outcomes = await lossy.send(topicAlerts([testAlert(), testAlert({ output: 'x'.repeat(70_000) })]), NEVER)
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['delivered', 'refused'],
    )
    const [message] = (await arrived) as [Buffer]
    assert.ok(message.toString().startsWith('<132>1 2023-11-14T22:13:21.123456Z node-1 eunomia - alert - {"alertId"'))
    receiver.close()
  })
})

/** Names the first that differs: all of them are too much for a message. */
function assertBodies(file: string, lines: readonly string[]): void {
  // Half of a pair of surrogates is no text.
  const expected = lines.map((line) => Buffer.from(line).toString())
  const bodies = linesOf(file).map(({ body }) => body)
  const wrong = expected.findIndex((body, index) => bodies[index] !== body)
  assert.equal(bodies[wrong]?.slice(0, 500), expected[wrong]?.slice(0, 500))
  assert.equal(wrong, -1)
  assert.equal(bodies.length, expected.length)
}

async function sendAll(sink: AlertSink, alerts: readonly Alert[]): Promise<void> {
  for (let start = 0; start < alerts.length; start += BATCH) {
    const outcomes = await sink.send(topicAlerts(alerts.slice(start, start + BATCH)), NEVER)
    assert.ok(outcomes.every(({ kind }) => kind === 'delivered'))
  }
}

/** What the kernel takes before it learns of the end is lost: syslog has no acknowledgements. */
async function sendUntilRefused(sink: AlertSink): Promise<never> {
  for (;;) await sendAll(sink, [testAlert()])
}

function linesOf(file: string): { readonly header: string; readonly body: string }[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as { header: string; body: string })
}
