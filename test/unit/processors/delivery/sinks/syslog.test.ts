// The syslog sink with receivers that end a connection shortly after they took it: nothing may count as delivered to them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { SYSLOG_SINK } from '../../../../../processors/delivery/sinks/syslog.js'
import type { AlertSink } from '../../../../../processors/delivery/sink.js'
import { makeTestCertificates, type TestCertificates } from '../../../../support/delivery/test-certificates.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const NEVER = new AbortController().signal
const DELIVERED = [{ kind: 'delivered' }]

describe('the syslog sink, of a receiver that ends the connection', () => {
  let certificates: TestCertificates
  let server: Server
  let sink: AlertSink
  let received = ''

  before(() => void (certificates = makeTestCertificates()))

  beforeEach(() => void (received = ''))

  afterEach(async () => {
    await sink.close()
    server.close()
  })

  after(() => rmSync(certificates.folder, { recursive: true, force: true }))

  async function sinkTo(receiver: Server, settings: object): Promise<AlertSink> {
    server = receiver.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return (sink = await createSink(SYSLOG_SINK, { host: '127.0.0.1', port, ...settings } as never))
  }

  const send = async (): Promise<unknown> => await sink.send(topicAlerts([testAlert()]), NEVER)
  const takes = (socket: Socket): void =>
    void socket.on('error', () => undefined).on('data', (bytes: Buffer) => (received += bytes.toString()))

  it('delivers nothing without the client certificate that the receiver wants', async () => {
    const { ca: caFile, clientCert: certFile, clientKey: keyFile } = certificates
    const [ca, cert, key] = [caFile, certificates.serverCert, certificates.serverKey].map((file) => readFileSync(file))
    const receiver = createTlsServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true } as object, takes)
    await sinkTo(
      receiver.on('tlsClientError', () => undefined),
      { tls: { caFile } },
    )
    await assert.rejects(send(), /can't be reached: the receiver ended the connection/)
    assert.equal(received, '')
    const { port } = server.address() as AddressInfo
    const known = await createSink(SYSLOG_SINK, { host: '127.0.0.1', port, tls: { caFile, certFile, keyFile } } as never)
    assert.deepEqual(await known.send(topicAlerts([testAlert()]), NEVER), DELIVERED)
    assert.match(received, /<132>1 /)
    await known.close()
  })

  it('delivers nothing to a balancer that takes connections and has no receiver', async () => {
    await sinkTo(
      createServer((socket) => void socket.destroy()),
      { protocol: 'tcp' },
    )
    await assert.rejects(send(), /can't be reached: the receiver ended the connection/)
    await assert.rejects(send(), /can't be reached/)
  })

  it('sends the first batch again when the connection ends at it, and takes a new connection then', async () => {
    let connections = 0
    const receiver = createServer((socket) => {
      takes(socket)
      if (++connections === 1) socket.once('data', () => void socket.resetAndDestroy())
    })
    await sinkTo(receiver, { protocol: 'tcp' })
    await assert.rejects(send(), /can't be reached/)
    assert.deepEqual(await Promise.all([send(), send()]), [DELIVERED, DELIVERED])
    assert.deepEqual(await send(), DELIVERED)
    assert.equal(connections, 2)
  })
})
