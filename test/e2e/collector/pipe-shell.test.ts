// Shells between pipes that lead to the network: their execs, or those of what they run, say so. Needs root.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { ProcessEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const LOOPBACK = '127.0.0.1'

describe('shells between pipes', () => {
  const workloads = new Workloads()
  // Connections are accepted by the kernel: nobody reads them while the workload runs.
  const server = createServer((socket) => socket.on('error', () => undefined))
  let execs: readonly ProcessEvent[] = []

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const watched = await eventsOfWorkload(workloads, 'attacks/pipe-shell', [String(port)])
    execs = watched.process.filter(({ type }) => type === 'exec')
  })
  after(() => {
    server.close()
    workloads.close()
  })

  const answers = (path: RegExp): (boolean | null)[] =>
    execs.filter(({ process: { exePath } }) => path.test(exePath ?? '')).map(({ process: { stdioNetwork } }) => stdioNetwork)

  it('are told apart by who has the other ends when they run a program', () => {
    assert.deepEqual(answers(/\/env$/), [false, true, true])
  })

  it('are known at their start if their pipes lead to a connection then', () => {
    assert.deepEqual([answers(/sh$/).at(0), answers(/sh$/).at(-1)], [false, true])
  })
})
