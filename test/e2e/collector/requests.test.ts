// Requests of ioctl that attack: exact events; what else a program asks its terminal is none. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c
const FS_IOC_SETFLAGS = 0x40086602
const FS_IOC_FSSETXATTR = 0x401c5820
const SIOCSIFFLAGS = 0x8914
const IMMUTABLE = 16
const APPEND = 32
const UP_AND_PROMISC = 0x101

describe('requests of ioctl that attack', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'requests')
  const file = join(folder, 'file')
  let events: readonly KernelEvent[] = []
  let lines: readonly string[] = []

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder, { recursive: true })
    ;({ lines, kernel: events } = await eventsOfWorkload(workloads, 'attacks/requests', [folder]))
  })
  after(() => workloads.close())

  it('emit exactly one event each, with the call and its result', () => {
    assert.equal(lines.length, CASES.length)
    assert.deepEqual(
      events.map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
    assert.ok(events.every(({ type }) => type === 'ioctl'))
  })

  const CASES: readonly (readonly [what: string, expected: Partial<KernelEvent>])[] = [
    ['input into a terminal', { request: TIOCSTI, descriptorType: 'character_device', pathSource: 'kernel', flags: null }],
    ['input into the console', { request: TIOCLINUX }],
    ['an immutable file', { request: FS_IOC_SETFLAGS, path: file, flags: IMMUTABLE, descriptorType: 'file' }],
    ['the end of that', { request: FS_IOC_SETFLAGS, path: file, flags: 0 }],
    ['a file that only grows', { request: FS_IOC_FSSETXATTR, path: file, flags: APPEND }],
    ['the end of that', { request: FS_IOC_SETFLAGS, flags: 0 }],
    ['an immutable file by its path', { syscall: 'file_setattr', path: file, pathSource: 'argument', flags: IMMUTABLE, request: null }],
    ['the end of that', { request: FS_IOC_SETFLAGS, flags: 0 }],
    ['a network interface that listens to all', { request: SIOCSIFFLAGS, name: 'absent0', flags: UP_AND_PROMISC }],
    ['a closed descriptor', { request: TIOCSTI, fd: 999, path: null, descriptorType: null }],
  ]
  for (const [index, [what, expected]] of CASES.entries()) {
    it(`report ${what} (call ${String(index + 1)})`, () => {
      const event = events[index] ?? assert.fail('missing')
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, event[name as keyof KernelEvent]])), expected)
    })
  }
})
