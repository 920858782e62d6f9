// Calls that set lengths, extended attributes and times of files, on paths and on descriptors: exact events. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const US_PER_SECOND = 1_000_000
/** 2020-01-01, as the workload sets it: with 123456789 ns, or 123456 µs. */
const LONG_AGO = 1_577_836_800 * US_PER_SECOND
const FRACTION = 123_456
const CAPABILITY_BYTES = 20
const AT_EMPTY_PATH = 0x1000
const AT_SYMLINK_NOFOLLOW = 0x100
const XATTR_CREATE = 1
const XATTR_REPLACE = 2

const EXACT = { accessTimeUs: LONG_AGO + FRACTION, modificationTimeUs: LONG_AGO + US_PER_SECOND + FRACTION }

/** What the workload does, in its order: the call, the file, whether the kernel knows it by a descriptor, what else the event says. */
const CALLS: readonly (readonly [call: string, file: string | null, isOnDescriptor: boolean, more?: Partial<FileEvent>])[] = [
  ['truncate', 'log', false, { type: 'truncate', size: 7 }],
  ['ftruncate', 'log', true, { type: 'truncate', size: 0 }],
  ['truncate', 'absent', false, { size: 0 }],
  ['ftruncate', null, true, { size: 0, fd: 999 }],
  ['setxattr', 'program', false, { type: 'xattr', attribute: 'security.capability', size: CAPABILITY_BYTES }],
  ['lsetxattr', 'program', false, { attribute: 'trusted.l', size: 1, flags: XATTR_CREATE }],
  ['fsetxattr', 'program', true, { attribute: 'security.capability', size: CAPABILITY_BYTES, flags: XATTR_REPLACE }],
  ['setxattrat', 'program', false, { attribute: 'trusted.at', size: 6 }],
  ['setxattrat', 'program', true, { attribute: 'trusted.of', size: 6, flags: AT_EMPTY_PATH }],
  ['removexattr', 'program', false, { type: 'xattr', attribute: 'trusted.at' }],
  ['lremovexattr', 'program', false, { attribute: 'trusted.l' }],
  ['fremovexattr', 'program', true, { attribute: 'security.capability' }],
  ['removexattrat', 'program', false, { attribute: 'trusted.of' }],
  ['setxattr', 'absent', false, { attribute: 'user.x', size: 1 }],
  ['removexattr', 'program', false, { attribute: 'trusted.absent' }],
  ['utimensat', 'program', false, { type: 'times', ...EXACT }],
  ['utimensat', 'program', true, { modificationTimeUs: LONG_AGO }],
  ['utimensat', 'program', false, { flags: AT_SYMLINK_NOFOLLOW }],
  ['utimensat', 'program', false],
  ['utimes', 'program', false, EXACT],
  ['futimesat', 'program', false, EXACT],
  ['futimesat', 'program', true, EXACT],
  ['utime', 'program', false, { accessTimeUs: LONG_AGO, modificationTimeUs: LONG_AGO + US_PER_SECOND }],
  ['utime', 'absent', false, { accessTimeUs: LONG_AGO, modificationTimeUs: LONG_AGO + US_PER_SECOND }],
  ['utimensat', null, true, { ...EXACT, fd: 999 }],
]

describe('changes of lengths, extended attributes and times', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'attributes')
  let events: readonly FileEvent[] = []
  let lines: readonly string[] = []

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder)
    const watched = await eventsOfWorkload(workloads, 'attacks/file-attributes', [folder])
    lines = watched.lines
    events = watched.file.filter(({ type }) => type !== 'open')
  })
  after(() => workloads.close())

  it('emit exactly one event each, with the call and its result', () => {
    assert.equal(lines.length, CALLS.length)
    assert.deepEqual(
      events.map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
  })

  for (const [index, [call, file, isOnDescriptor, more = {}]] of CALLS.entries()) {
    it(`report what ${call} (call ${String(index + 1)}) did, to which file`, () => {
      const event = events[index] ?? assert.fail('missing')
      const expected = { size: null, attribute: null, accessTimeUs: null, modificationTimeUs: null, flags: 0, ...more }
      const found = Object.fromEntries(Object.keys(expected).map((name) => [name, event[name as keyof FileEvent]]))
      assert.deepEqual(found, expected)
      assert.equal(event.syscall, call)
      assert.equal(event.path, file === null ? null : join(folder, file))
      assert.equal(event.pathSource, file === null ? 'UNKNOWN' : isOnDescriptor ? 'kernel' : 'argument')
      const inode = file === null || !isOnDescriptor ? null : statSync(join(folder, file), { bigint: true }).ino.toString()
      assert.equal(event.inode, inode)
    })
  }
})
