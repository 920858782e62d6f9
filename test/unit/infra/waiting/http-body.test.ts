// A peer that sends without end must not fill the memory of a client or server.
import assert from 'node:assert/strict'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BodyTooLongError, readBody } from '../../../../infra/waiting/http-body.js'
import { waitFor } from '../../../support/wait-for.js'

describe('infra/waiting/http-body', () => {
  const chunk = Buffer.alloc(64 << 10, 0x61)
  let isCut = false
  const server = createServer((request, response) => {
    if (request.url === '/short') return void response.end('été')
    response.on('close', () => (isCut = true))
    const send = (): void => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', send)
    }
    send()
  })
  let url = ''
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  })
  beforeEach(() => (isCut = false))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const requested = (path: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => get(`${url}${path}`, resolve).on('error', reject))

  it('reads a body up to the bound, in bytes, and nothing for none', async () => {
    assert.equal(await readBody((await fetch(`${url}/short`)).body, 5), 'été')
    assert.equal(await readBody(await requested('/short'), 5), 'été')
    await assert.rejects(readBody((await fetch(`${url}/short`)).body, 4), BodyTooLongError)
    assert.equal(await readBody(null, 0), '')
  })

  it('ends an endless answer to a fetch, and its connection', async () => {
    await assert.rejects(readBody((await fetch(`${url}/endless`)).body, 1 << 20), /longer than 1048576 bytes/)
    await waitFor('the end of the connection', () => isCut)
  })

  it('ends an endless IncomingMessage, and its connection', async () => {
    await assert.rejects(readBody(await requested('/endless'), 1 << 20), BodyTooLongError)
    await waitFor('the end of the connection', () => isCut)
  })
})
