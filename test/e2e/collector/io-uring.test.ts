// Operations of io_uring, which are no system calls: each is an event. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { KIND } from '../../../native/generated/layout.js'
import type { KernelEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

// enum io_uring_op of include/uapi/linux/io_uring.h
const CONNECT = 16
const OPENAT = 18
const OPENAT2 = 28
const RENAMEAT = 35
const UNLINKAT = 36
const MKDIRAT = 37
const SYMLINKAT = 38
const LINKAT = 39
const AF_INET = 2
/** They have an event when they are submitted. */
const EINPROGRESS = -115
/** One for each operation that has an event. */
const NOPS = 9

describe('operations of io_uring', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'ring')
  const server = createServer()
  let port = 0
  let events: readonly KernelEvent[] = []
  let lines: readonly string[] = []
  let leftOut = 0

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    const watched = await eventsOfWorkload(workloads, 'io-uring', [folder, String(port)])
    lines = watched.lines
    leftOut = watched.suppressed(KIND.ioUring)
    events = watched.kernel.filter(({ type, syscall }) => type === 'io_uring' && syscall === 'UNKNOWN')
  })
  after(() => {
    server.close()
    workloads.close()
  })

  it('emit exactly one event each, and the others are counted', () => {
    assert.deepEqual(
      events.map(({ request, result }) => `${String(request)} ${String(result)}`),
      lines.map((line) => `${line.split(' ')[0] ?? ''} ${String(EINPROGRESS)}`),
    )
    assert.ok(leftOut >= NOPS)
    assert.ok(events.every(({ process: { name }, arguments: given }) => name === 'io-uring' && given === null))
  })

  const CASES: readonly (readonly [request: number, index: number, expected: () => Partial<KernelEvent>])[] = [
    [OPENAT, 0, () => ({ path: join(folder, 'made'), pathArgument: 'made', pathSource: 'argument', name: null })],
    [OPENAT, 1, () => ({ path: join(folder, 'absent') })],
    [OPENAT2, 0, () => ({ path: '/etc/passwd' })],
    [RENAMEAT, 0, () => ({ path: join(folder, 'made'), name: 'moved' })],
    [LINKAT, 0, () => ({ path: join(folder, 'moved'), name: 'linked' })],
    [SYMLINKAT, 0, () => ({ path: join(folder, 'symlink'), name: '/etc/shadow' })],
    [MKDIRAT, 0, () => ({ path: join(folder, 'folder') })],
    [UNLINKAT, 0, () => ({ path: join(folder, 'linked') })],
    [CONNECT, 0, () => ({ family: AF_INET, remoteAddress: '127.0.0.1', remotePort: port, path: null })],
  ]
  for (const [request, index, expected] of CASES) {
    it(`report what operation ${String(request)} (${String(index + 1)}) acted on`, () => {
      const event = events.filter((each) => each.request === request)[index] ?? assert.fail('missing')
      const wanted = expected()
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, event[name as keyof KernelEvent]])), wanted)
    })
  }
})
