// The client of all HTTP sinks against a receiver that hangs, cuts, redirects, floods and lies.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { HttpClient, type HttpSettings, httpMistakesOf, retryAfterMs } from '../../../../../processors/delivery/http/http-client.js'
import { ReceiverDouble } from '../../../../support/delivery/receiver-double.js'
import { makeTestCertificates, type TestCertificates } from '../../../../support/delivery/test-certificates.js'

describe('the HTTP client of sinks', () => {
  let receiver: ReceiverDouble
  let client: HttpClient | null = null

  beforeEach(async () => {
    receiver = new ReceiverDouble()
    await receiver.start()
  })

  afterEach(async () => {
    await client?.close()
    client = null
    await receiver.stop()
  })

  function clientOf(settings: Partial<HttpSettings> = {}): HttpClient {
    client = new HttpClient({ url: `${receiver.url}/base?key=S3CRET`, allowPrivate: true, ...settings })
    return client
  }

  it('sends below the address and returns status, body and the pause that is asked for', async () => {
    receiver.answer = () => ({ status: 429, body: 'slow', headers: { 'retry-after': '7' } })
    assert.deepEqual(await clientOf().send({ path: '/x', body: 'é' }), { status: 429, body: 'slow', afterMs: 7_000 })
    assert.deepEqual(
      receiver.requests.map(({ method, path, body }) => [method, path, body]),
      [['POST', '/base/x?key=S3CRET', 'é']],
    )
  })

  it('reads a pause in seconds or as a date, and bounds it', () => {
    const nowMs = Date.parse('2026-01-01T00:00:00Z')
    assert.equal(retryAfterMs('3', nowMs), 3_000)
    assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:01:00 GMT', nowMs), 60_000)
    assert.equal(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', nowMs), 0)
    assert.equal(retryAfterMs('99999999999', nowMs), 3_600_000)
    for (const text of [undefined, 'soon', '']) assert.equal(retryAfterMs(text, nowMs), undefined)
  })

  it('ends a request that gets no answer, a cut one, and one whose caller gives up, and names only the host', async () => {
    const hanging = clientOf({ timeoutMs: 100 })
    receiver.answer = () => 'hang'
    await assert.rejects(
      hanging.send({ body: 'x' }),
      (error: Error) => !error.message.includes('S3CRET') && /no answer within 100 ms/.test(error.message),
    )
    const giveUp = new AbortController()
    const waiting = hanging.send({ body: 'x' }, giveUp.signal)
    giveUp.abort(new Error('stopped'))
    await assert.rejects(waiting, /stopped/)
    receiver.answer = () => 'cut'
    await assert.rejects(hanging.send({ body: 'x' }), (error: Error) =>
      error.message.startsWith(`127.0.0.1:${String(receiver.port)} can't be reached: `),
    )
  })

  it('follows no redirect', async () => {
    receiver.answer = () => ({ status: 307, headers: { location: `${receiver.url}/elsewhere` } })
    assert.equal((await clientOf().send({ body: 'x' })).status, 307)
    assert.equal(receiver.requests.length, 1)
  })

  it('bounds an answer', async () => {
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(200_000) })
    assert.deepEqual(await clientOf().send({ body: 'x' }), { status: 200, body: '(longer than 65536 bytes)' })
    await client?.close()
    receiver.answer = () => ({ status: 400, body: 'x'.repeat(200_000) })
    assert.deepEqual(await clientOf().send({ body: 'x', maxAnswerBytes: 10 }), { status: 400, body: '(longer than 10 bytes)' })
  })

  it('sends no header that a value would divide', async () => {
    await assert.rejects(clientOf().send({ headers: { 'x-a': 'a\r\nx-b: c' }, body: 'x' }))
    assert.equal(receiver.requests.length, 0)
  })

  it('connects to no private address, by literal or by name, unless it is allowed', async () => {
    await assert.rejects(clientOf({ allowPrivate: false }).send({ body: 'x' }), /private, loopback or link-local.*allowPrivate/)
    await client?.close()
    const named = clientOf({ allowPrivate: false, url: `http://localhost:${String(receiver.port)}/` })
    await assert.rejects(named.send({ body: 'x' }), /private, loopback or link-local.*allowPrivate/)
    assert.equal(receiver.requests.length, 0)
  })

  it('refuses settings with credentials in the address, half a certificate, or a private address', () => {
    assert.deepEqual(httpMistakesOf({ url: 'https://siem.example/x' }), [])
    assert.match(httpMistakesOf({ url: 'https://u:p@siem.example/' }).join(), /must not hold a user or password/)
    assert.match(httpMistakesOf({ url: 'https://siem.example/', tls: { certFile: 'a' } }).join(), /need each other/)
    assert.match(httpMistakesOf({ url: 'http://169.254.169.254/' }).join(), /allowPrivate/)
    for (const url of ['http://[', 'ftp://siem.example/S3CRET', 'siem.example']) {
      assert.deepEqual(httpMistakesOf({ url }), ['url must be an address of http or https'])
    }
  })

  it('goes through a proxy', async () => {
    const asked: string[] = []
    const proxy = createServer().on('connect', (request, socket, head) => {
      asked.push(request.url ?? '')
      const target = connect(receiver.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        target.write(head)
        target.pipe(socket).pipe(target)
      })
      for (const end of [target, socket]) end.on('error', () => undefined)
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const url = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`
    assert.equal((await clientOf({ url: 'http://siem.example/x', proxy: url, allowPrivate: false }).send({ body: 'x' })).status, 200)
    assert.deepEqual(asked, ['siem.example:80'])
    await client?.close()
    client = null
    proxy.closeAllConnections()
    proxy.close()
  })

  describe('over TLS', () => {
    let certificates: TestCertificates
    let secure: ReceiverDouble

    before(async () => {
      certificates = makeTestCertificates()
      const read = (file: string): Buffer => readFileSync(file)
      const { ca, serverCert, serverKey } = certificates
      secure = new ReceiverDouble({
        ca: read(ca),
        cert: read(serverCert),
        key: read(serverKey),
        requestCert: true,
        rejectUnauthorized: true,
      })
      await secure.start()
    })

    after(async () => {
      await secure.stop()
      rmSync(certificates.folder, { recursive: true, force: true })
    })

    it('trusts only the authority of the settings, and shows the certificate of the client', async () => {
      const { ca: caFile, clientCert: certFile, clientKey: keyFile } = certificates
      assert.equal((await clientOf({ url: secure.url, tls: { caFile, certFile, keyFile } }).send({ body: 'x' })).status, 200)
      await client?.close()
      await assert.rejects(clientOf({ url: secure.url, tls: { certFile, keyFile } }).send({ body: 'x' }), /can't be reached/)
      await client?.close()
      await assert.rejects(clientOf({ url: secure.url, tls: { caFile } }).send({ body: 'x' }), /can't be reached/)
      await client?.close()
      const other = { caFile, certFile, keyFile, serverName: 'other.example' }
      await assert.rejects(clientOf({ url: secure.url, tls: other }).send({ body: 'x' }), /other\.example/)
    })
  })
})
