// What io_uring does like a system call is an event like that of the call, with its result: also where the completion is hidden. Needs root.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { FileEvent, NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const AT_REMOVEDIR = 0x200
const XATTR_CREATE = 1
const LOOPBACK = '127.0.0.1'
const ECONNREFUSED = -111

describe('what io_uring does like a system call', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'ring-calls')
  const server = createServer()
  let port = 0
  let files: readonly FileEvent[] = []
  let sockets: readonly NetworkEvent[] = []
  let lines: readonly string[] = []

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder, { recursive: true })
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    const watched = await eventsOfWorkload(workloads, 'attacks/ring-calls', [folder, String(port)])
    lines = watched.lines
    files = watched.file.filter(({ route }) => route === 'io_uring')
    sockets = watched.network.filter(({ route }) => route === 'io_uring')
  })
  after(() => {
    server.close()
    workloads.close()
  })

  it('is exactly one event each, with the call and its result', () => {
    const all = [...files, ...sockets].sort((one, other) => one.origin.bootTimeUs - other.origin.bootTimeUs)
    assert.deepEqual(
      all.map(({ syscall, result }) => `${syscall} ${String(Math.min(result, 0))}`),
      lines,
    )
  })

  const at = (name: string): string => join(folder, name)
  const FILES: readonly (readonly [call: string, expected: () => Partial<FileEvent>])[] = [
    ['openat', () => ({ type: 'open', path: at('secret'), pathSource: 'kernel', pathArgument: 'secret', isRead: true })],
    ['openat', () => ({ path: at('planted'), pathSource: 'kernel', pathArgument: './planted', isWrite: true, isCreated: true })],
    ['openat2', () => ({ path: at('absent'), pathSource: 'argument', inode: null })],
    ['renameat2', () => ({ type: 'rename', path: at('planted'), newPath: at('moved') })],
    ['linkat', () => ({ type: 'link', path: at('moved'), newPath: at('linked') })],
    ['symlinkat', () => ({ type: 'symlink', path: at('symlink'), linkTarget: '/etc/shadow' })],
    ['mkdirat', () => ({ type: 'mkdir', path: at('made'), mode: 0o700 })],
    ['unlinkat', () => ({ type: 'unlink', path: at('linked') })],
    ['unlinkat', () => ({ type: 'rmdir', path: at('made'), flags: AT_REMOVEDIR })],
    ['ftruncate', () => ({ type: 'truncate', path: at('secret'), pathSource: 'kernel', size: 3, inode: inodeOf('secret') })],
    ['setxattr', () => ({ type: 'xattr', path: at('secret'), attribute: 'trusted.ring', size: 1, flags: XATTR_CREATE })],
    ['fsetxattr', () => ({ path: at('secret'), pathSource: 'kernel', attribute: 'trusted.descriptor', size: 2 })],
    // The completion is skipped: it counts as done, and the descriptor is not known.
    ['openat', () => ({ path: at('secret'), pathSource: 'argument', result: 0 })],
    // The completion overflows its queue.
    ['openat', () => ({ path: at('secret'), pathSource: 'kernel', inode: inodeOf('secret') })],
  ]
  const inodeOf = (name: string): string => statSync(at(name), { bigint: true }).ino.toString()
  for (const [index, [call, expected]] of FILES.entries()) {
    it(`reports the file of ${call} (operation ${String(index + 1)})`, () => {
      const event = files[index] ?? assert.fail('missing')
      const wanted = { syscall: call, ...expected() }
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, event[name as keyof FileEvent]])), wanted)
    })
  }

  const SOCKETS: readonly (readonly [call: string, expected: () => Partial<NetworkEvent>])[] = [
    ['connect', () => ({ type: 'connect', result: 0, remoteAddress: LOOPBACK, remotePort: port, isServer: false })],
    ['connect', () => ({ result: ECONNREFUSED, remoteAddress: LOOPBACK, remotePort: 1 })],
    ['bind', () => ({ type: 'bind', result: 0, localAddress: LOOPBACK })],
    ['listen', () => ({ type: 'listen', backlog: 5, isServer: true })],
  ]
  for (const [index, [call, expected]] of SOCKETS.entries()) {
    it(`reports the ends of ${call} (operation ${String(FILES.length + index + 1)})`, () => {
      const event = sockets[index] ?? assert.fail('missing')
      const wanted = { syscall: call, ...expected() }
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, event[name as keyof NetworkEvent]])), wanted)
    })
  }
})
