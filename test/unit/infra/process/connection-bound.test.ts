import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { boundConnections, type ConnectionLimits, showConnections } from '../../../../infra/process/connection-bound.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import { waitFor } from '../../../support/wait-for.js'

describe('a bound of connections', () => {
  const ends: (() => void)[] = []
  afterEach(() => ends.splice(0).forEach((end) => end()))

  /** Clock of the server. */
  let nowMs = 0
  beforeEach(() => (nowMs = 0))

  const start = async (limits: Partial<ConnectionLimits>, hangs = false) => {
    const server = createServer((_, response) => void (hangs ? response.write('begin') : response.end('done')))
    const counters = boundConnections(server, { maxConnections: 100, maxOfPeer: 100, idleMs: 60_000, ...limits }, () => nowMs)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ends.push(() => (server.close(), server.closeAllConnections()))
    const { port } = server.address() as AddressInfo
    const idle = async (localAddress = '127.0.0.1'): Promise<{ socket: Socket; isClosed: () => boolean }> => {
      const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined)
      ends.push(() => socket.destroy())
      await once(socket, 'connect')
      let isClosed = false
      socket.once('close', () => (isClosed = true))
      socket.resume()
      return { socket, isClosed: () => isClosed }
    }
    const ask = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const asking = request({ port, host: '127.0.0.1', agent: false }, (response) => {
          response.once('data', () => resolve(response.statusCode ?? 0))
        })
        ends.push(() => asking.destroy())
        asking.once('error', reject)
        asking.end()
      })
    const accepted = (count: number): Promise<unknown> =>
      waitFor(`${String(count)} connections`, () => new Promise((resolve) => server.getConnections((_, open) => resolve(open >= count))))
    return { counters, idle, ask, accepted }
  }

  it('closes the connection that is idle for longest, and answers the new one', async () => {
    const { counters, idle, ask, accepted } = await start({ maxConnections: 3 })
    const [first, second, third] = [await idle(), await idle(), await idle()]
    await accepted(3)
    nowMs = 1000
    assert.equal(await ask(), 200)
    await waitFor('the end of the first', () => first.isClosed())
    assert.deepEqual([second.isClosed(), third.isClosed(), counters.evicted, counters.refused], [false, false, 1, 0])
  })

  it('lets one address take no place of others', async () => {
    const { counters, idle } = await start({ maxConnections: 4, maxOfPeer: 2 })
    const other = await idle('127.0.0.2')
    for (let i = 0; i < 8; i++) {
      nowMs += 1000
      await idle()
      await waitFor('its turn', () => counters.evicted === Math.max(0, i - 1))
    }
    assert.equal(other.isClosed(), false)
  })

  it('refuses a new one when all have just begun: no handshake is ended by others', async () => {
    const { counters, idle, accepted } = await start({ maxOfPeer: 2 })
    const [first, second] = [await idle(), await idle()]
    await accepted(2)
    nowMs = 999
    for (let i = 0; i < 8; i++) await idle()
    await waitFor('eight refusals', () => counters.refused === 8)
    assert.deepEqual([first.isClosed(), second.isClosed(), counters.evicted], [false, false, 0])
    const metrics = new Metrics()
    showConnections(counters, 'control', metrics)
    assert.match(await metrics.text(), /^eunomia_control_connections_closed_total\{reason="refused"\} 8$/m)
    nowMs = 1000
    await idle()
    await waitFor('the end of the first', () => first.isClosed())
  })

  it('refuses a new one when all have requests', async () => {
    const { counters, idle, ask } = await start({ maxConnections: 2 }, true)
    assert.deepEqual([await ask(), await ask()], [200, 200])
    const late = await idle()
    await waitFor('the refusal', () => late.isClosed())
    assert.deepEqual([counters.evicted, counters.refused], [0, 1])
  })

  it('closes one that sends nothing', async () => {
    const { idle } = await start({ idleMs: 50 })
    const silent = await idle()
    await waitFor('its end', () => silent.isClosed())
  })
})
