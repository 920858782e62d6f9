// Calls that change names, modes and owners, each made three times well and twice refused: exact events. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileEvent, FileEventType } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const AT_FDCWD = -100
const RENAME_NOREPLACE = 1
const AT_SYMLINK_NOFOLLOW = 0x100
const AT_REMOVEDIR = 0x200
const AT_SYMLINK_FOLLOW = 0x400
const GOOD = 3
const CALLS_PER_ROUND = 21
/** Calls with an empty path on a descriptor, after the rounds. */
const WITH_EMPTY_PATH = 3

/** What the workload does in a round, in the order of its calls; `%` is the number of the round. */
const ROUND: readonly (readonly [type: FileEventType, path: string, more?: Partial<FileEvent>])[] = [
  ['rename', 'rename%', { newPath: 'renamed%' }],
  ['rename', 'renameat%', { newPath: 'renamedat%', newDirectoryFd: AT_FDCWD }],
  ['rename', 'renameat2%', { newPath: 'renamedat2%', flags: RENAME_NOREPLACE, directoryFd: AT_FDCWD }],
  ['link', 'file', { newPath: 'link%' }],
  ['link', 'file', { newPath: 'linkat%', flags: AT_SYMLINK_FOLLOW }],
  ['symlink', 'symlink%', { linkTarget: '../to/nowhere' }],
  ['symlink', 'symlinkat%', { linkTarget: '/etc/shadow' }],
  ['unlink', 'unlink%'],
  ['unlink', 'unlinkat%'],
  ['rmdir', 'unlinkdir%', { flags: AT_REMOVEDIR }],
  ['rmdir', 'rmdir%'],
  ['mkdir', 'mkdir%', { mode: 0o710 }],
  ['mkdir', 'mkdirat%', { mode: 0o701 }],
  ['chmod', './file', { mode: 0o4751 }],
  ['chmod', 'file', { mode: 0o640 }],
  ['chmod', 'file', { mode: 0o644 }],
  ['chmod', 'file', { mode: 0o600, flags: AT_SYMLINK_NOFOLLOW }],
  ['chown', 'file', { uid: 7, gid: -1 }],
  ['chown', 'file', { uid: -1, gid: 11 }],
  ['chown', 'file', { uid: 13, gid: 17 }],
  ['chown', 'file', { uid: 0, gid: 0, flags: AT_SYMLINK_NOFOLLOW }],
]
const ON_DESCRIPTOR = ['fchmod', 'fchown']

describe('changes of names, modes and owners', () => {
  const workloads = new Workloads()
  let events: readonly FileEvent[] = []
  let lines: readonly string[] = []
  const folder = join(workloads.folder, 'changes')

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder)
    const watched = await eventsOfWorkload(workloads, 'file-changes', [folder])
    lines = watched.lines
    events = watched.file.filter(({ type }) => type !== 'open')
  })
  after(() => workloads.close())

  it('emit exactly one event each, with the call and its result', () => {
    assert.equal(lines.length, 5 * CALLS_PER_ROUND + WITH_EMPTY_PATH)
    assert.deepEqual(
      events.map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
  })

  for (const [index, [type, path, more = {}]] of ROUND.entries()) {
    it(`report path and arguments of call ${String(index + 1)} of a round, ${type} of ${path}`, () => {
      for (let round = 0; round < GOOD; round++) {
        const event = events[round * CALLS_PER_ROUND + index] ?? assert.fail('missing')
        const named = (text: string): string => text.replace('%', String(round))
        const isOnDescriptor = ON_DESCRIPTOR.includes(event.syscall)
        assert.equal(event.type, type)
        assert.equal(event.path, join(folder, named(path)))
        assert.equal(event.pathSource, isOnDescriptor ? 'kernel' : 'argument')
        assert.equal(event.pathArgument, isOnDescriptor ? null : named(path))
        assert.equal(event.inode === null, !isOnDescriptor)
        assert.equal(event.isCreated, ['link', 'symlink', 'mkdir'].includes(type))
        const { newPath, ...rest } = more
        if (newPath !== undefined && newPath !== null) {
          assert.deepEqual([event.newPath, event.newPathArgument], [join(folder, named(newPath)), named(newPath)])
        } else assert.deepEqual([event.newPath, event.newPathArgument], [null, null])
        const { directoryFd: _folder, newDirectoryFd: _newFolder, ...plain } = rest
        const expected = { flags: 0, mode: null, uid: null, gid: null, linkTarget: null, ...plain }
        const { flags, mode, uid, gid, linkTarget } = event
        assert.deepEqual({ flags, mode, uid, gid, linkTarget }, expected)
      }
    })
  }

  it('report the file of a call on a descriptor, and the descriptor', () => {
    const onDescriptor = events.filter(({ syscall, result }) => ON_DESCRIPTOR.includes(syscall) && result === 0)
    assert.equal(onDescriptor.length, 2 * GOOD)
    for (const { inode, fd } of onDescriptor) {
      assert.equal(inode, statSync(join(folder, 'file'), { bigint: true }).ino.toString())
      assert.ok(fd !== null && fd > 2)
    }
    const refused = events.filter(({ syscall, result }) => ON_DESCRIPTOR.includes(syscall) && result < 0)
    assert.deepEqual(new Set(refused.map(({ path, fd, inode }) => JSON.stringify([path, fd, inode]))), new Set(['[null,999,null]']))
  })

  it('report the folder descriptors of the calls that take them', () => {
    const [renameat2] = events.filter(({ syscall }) => syscall === 'renameat2')
    const [renameat] = events.filter(({ syscall }) => syscall === 'renameat')
    const [rename] = events.filter(({ syscall }) => syscall === 'rename')
    assert.deepEqual([rename?.directoryFd, rename?.newDirectoryFd], [null, null])
    assert.equal(renameat2?.directoryFd, AT_FDCWD)
    assert.equal(renameat?.newDirectoryFd, AT_FDCWD)
    assert.ok((renameat?.directoryFd ?? -1) > 2)
  })

  it('report the intended path of a failed call', () => {
    const refused = events.slice(GOOD * CALLS_PER_ROUND, -WITH_EMPTY_PATH)
    assert.equal(refused.length, 2 * CALLS_PER_ROUND)
    assert.ok(refused.every(({ result, isCreated }) => result < 0 && !isCreated))
    const [rename] = refused
    assert.deepEqual([rename?.path, rename?.newPath], [join(folder, 'absent/rename3'), join(folder, 'absent/renamed3')])
  })

  it('report the file of a call with an empty path on a descriptor', () => {
    const [mode, owner, link] = events.slice(-WITH_EMPTY_PATH)
    for (const event of [mode, owner, link]) {
      assert.deepEqual([event?.path, event?.pathSource, event?.result], [join(folder, 'file'), 'kernel', 0])
    }
    assert.deepEqual([mode?.mode, owner?.uid, owner?.gid], [0o4755, 1, 2])
    assert.deepEqual([link?.newPath, link?.newPathArgument], [join(folder, 'of-descriptor'), 'of-descriptor'])
  })
})
