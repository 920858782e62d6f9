// Messages that io_uring sends and receives are the events of the calls that do the same; and more operations in flight than the probes follow. Needs root.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfCgroup, runLiveCollector } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

const LOOPBACK = '127.0.0.1'
/** The probes follow 1,024 operations. */
const CROWD = 1200
const FOLLOWED = 1024

describe('what io_uring sends', () => {
  const workloads = new Workloads()
  const [server, datagrams] = [createServer((socket) => socket.on('error', () => undefined).resume()), createSocket('udp4')]
  let ports: readonly number[] = []
  let events: readonly NetworkEvent[] = []
  let lines: readonly string[] = []
  let assumed = 0

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    datagrams.bind(0, LOOPBACK)
    await once(datagrams, 'listening')
    ports = [datagrams.address().port, (server.address() as AddressInfo).port]
    const cgroup = makeCgroup()
    const running = await runLiveCollector()
    try {
      lines = workloads.run('attacks/ring-sends', [cgroup.procs, ...ports.map(String)]).lines
    } finally {
      await running.stop()
      cgroup.remove()
    }
    events = eventsOfCgroup(running.reader.network, cgroup.id).filter(({ route }) => route === 'io_uring')
    assumed = running.reader.host.at(-1)?.counters['calls.ringAssumed'] ?? 0
  })
  after(() => {
    server.close()
    datagrams.close()
    workloads.close()
  })

  it('is exactly one event each, with the call and its result, also where the completion is hidden', () => {
    assert.deepEqual(
      events.map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
  })

  const CASES: readonly (readonly [index: number, expected: () => Partial<NetworkEvent>])[] = [
    [0, () => ({ type: 'send', remoteAddress: LOOPBACK, remotePort: ports[0] ?? 0, size: 6 })],
    [1, () => ({ type: 'send', remoteAddress: LOOPBACK, remotePort: ports[0] ?? 0, size: 6 })],
    [3, () => ({ type: 'receive', result: 6, size: 16 })],
    [4, () => ({ type: 'send', passedDescriptors: 1 })],
    [5, () => ({ type: 'connect', remoteAddress: LOOPBACK, remotePort: ports[1] ?? 0, isServer: false })],
    [6, () => ({ type: 'send', remotePort: ports[0] ?? 0 })],
    [7, () => ({ type: 'send', remotePort: ports[0] ?? 0 })],
  ]
  for (const [index, expected] of CASES) {
    it(`says where message ${String(index + 1)} goes`, () => {
      const event = events[index] ?? assert.fail('missing')
      const wanted = expected()
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, event[name as keyof NetworkEvent]])), wanted)
    })
  }

  it('is counted when its result was not seen', () => {
    assert.equal(assumed, 1)
  })

  it('and opens: beyond the operations that the probes follow, each is still an event, and counted', async () => {
    const file = join(workloads.folder, 'crowded')
    writeFileSync(file, '')
    const cgroup = makeCgroup()
    const running = await runLiveCollector()
    try {
      workloads.run('attacks/ring-crowd', [cgroup.procs, file, String(CROWD)])
    } finally {
      await running.stop()
      cgroup.remove()
    }
    const opens = eventsOfCgroup(running.reader.file, cgroup.id).filter(({ route, path }) => route === 'io_uring' && path === file)
    assert.equal(opens.length, CROWD)
    assert((running.reader.host.at(-1)?.counters['calls.ringAssumed'] ?? 0) >= CROWD - FOLLOWED)
  })
})
