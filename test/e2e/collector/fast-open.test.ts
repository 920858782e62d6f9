// Sends that connect (TCP Fast Open) are connects. Needs root.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const LOOPBACK = '127.0.0.1'

describe('sends that connect', () => {
  const workloads = new Workloads()
  const server = createServer((socket) => socket.on('error', () => undefined))
  let port = 0
  let events: readonly NetworkEvent[] = []
  let lines: readonly string[] = []

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    const watched = await eventsOfWorkload(workloads, 'attacks/fast-open', [String(port)])
    lines = watched.lines
    events = watched.network.filter(({ type }) => type === 'connect')
  })
  after(() => {
    server.close()
    workloads.close()
  })

  it('are connect events with the result, once each', () => {
    assert.deepEqual(
      events.map(({ syscall, result, route }) => `${syscall} ${String(result)} ${route}`),
      lines.map((result) => `connect ${result} fast_open`),
    )
  })

  it('report the end that they connect to', () => {
    assert.deepEqual(
      events.map(({ remoteAddress, remotePort, isServer }) => [remoteAddress, remotePort, isServer]),
      [port, port, port, 1].map((to) => [LOOPBACK, to, false]),
    )
  })
})
