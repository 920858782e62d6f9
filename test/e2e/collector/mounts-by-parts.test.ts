// The calls that took mount(2) to pieces: exact events, with type and source of the mount as the kernel has them. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { OWN_MOUNTS, Workloads } from '../native/workload.js'

const OPEN_TREE_CLONE = 1
const MOUNT_ATTR_RDONLY_AND_NOEXEC = 9
const ENOENT = -2
const ENODEV = -19
const KERNEL_KNOWS = { fsType: 'tmpfs', source: 'evil source' }

describe('mounts by the calls that took mount to pieces', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'mounts')
  const place = join(folder, 'place')
  let events: readonly KernelEvent[] = []
  let lines: readonly string[] = []

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder, { recursive: true })
    ;({ lines, kernel: events } = await eventsOfWorkload(workloads, 'attacks/mount-by-parts', [folder], { prefix: OWN_MOUNTS }))
  })
  after(() => workloads.close())

  it('emit exactly one event each, with the call and its result', () => {
    assert.equal(lines.length, CASES.length)
    assert.deepEqual(
      events.map(({ syscall, result }) => `${syscall} ${String(Math.min(result, 0))}`),
      lines,
    )
  })

  const CASES: readonly (readonly [call: string, expected: Partial<KernelEvent>])[] = [
    ['fsopen', { type: 'mount', fsType: 'tmpfs', name: null }],
    ['fsconfig', { request: 1, name: 'source', source: 'evil source', fsType: null, options: null }],
    ['fsconfig', { request: 1, name: 'size', options: '64k', source: null }],
    ['fsconfig', { request: 6, name: null, options: null }],
    ['fsmount', { ...KERNEL_KNOWS, path: null }],
    ['move_mount', { ...KERNEL_KNOWS, path: place, pathArgument: 'place' }],
    ['open_tree', { ...KERNEL_KNOWS, path: place, flags: OPEN_TREE_CLONE, mountAttributes: null }],
    ['open_tree_attr', { ...KERNEL_KNOWS, path: place, flags: OPEN_TREE_CLONE, mountAttributes: MOUNT_ATTR_RDONLY_AND_NOEXEC }],
    ['mount_setattr', { path: place, flags: 0, mountAttributes: MOUNT_ATTR_RDONLY_AND_NOEXEC }],
    ['fspick', { path: place, fsType: null }],
    ['move_mount', { result: ENOENT, path: place, source: 'absent', fsType: null }],
    ['fsopen', { result: ENODEV, fsType: 'no_such_type', newFd: null }],
    ['umount2', { type: 'umount', path: place }],
  ]
  for (const [index, [call, expected]] of CASES.entries()) {
    it(`report what ${call} (call ${String(index + 1)}) did`, () => {
      const event = events[index] ?? assert.fail('missing')
      assert.equal(event.syscall, call)
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, event[name as keyof KernelEvent]])), expected)
    })
  }
})
