// Calls of the 32-bit ABI that the native one does not have, or has with other arguments; and a call of x32, which is counted. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FileEvent, KernelEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { OWN_MOUNTS, Workloads } from '../native/workload.js'

const NO_I386 = 77
const EFAULT = -14
const LONG_AGO = 1_577_836_800_000_000
const TWO_32 = 2 ** 32
/** suppressed of it: calls of an ABI that the kernel does not have. */
const KIND_NONE = 0

describe('calls of older ABIs', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'old-abi')
  const file = join(folder, 'file')
  let events: readonly (FileEvent | KernelEvent)[] = []
  let lines: readonly string[] = []
  let ofX32 = 0

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder, { recursive: true })
    const watched = await eventsOfWorkload(workloads, 'attacks/old-abi', [folder], { prefix: OWN_MOUNTS })
    if (watched.status === NO_I386) skipBecause(this, 'this kernel has no i386 calls')
    lines = watched.lines
    ofX32 = watched.suppressed(KIND_NONE)
    events = [...watched.file, ...watched.kernel]
      .filter(({ type }) => type !== 'open')
      .sort((one, other) => one.origin.bootTimeUs - other.origin.bootTimeUs)
  })
  after(() => workloads.close())

  it('are exactly one event each, with the call that the number means there', () => {
    const compat = events.filter(({ route }) => route === 'compat32')
    assert.deepEqual(
      compat.map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
  })

  it('of x32 are events where the kernel has them, else counted', () => {
    assert.ok(ofX32 > 0 || events.some(({ route, syscall }) => route === 'x32' && syscall === 'truncate'))
  })

  const CASES: readonly (readonly [what: string, expected: Partial<FileEvent> | Partial<KernelEvent>])[] = [
    ['umount without flags', { type: 'umount', path: join(folder, 'place'), flags: null }],
    ['an attempt to set the clock', { type: 'call', result: EFAULT }],
    ['a length of 32 bits', { type: 'truncate', path: file, size: 5 }],
    ['a length in two registers', { type: 'truncate', path: file, size: TWO_32 + 7 }],
    ['times in seconds', { type: 'times', accessTimeUs: LONG_AGO, modificationTimeUs: LONG_AGO }],
    ['times of 32 bits', { accessTimeUs: LONG_AGO, modificationTimeUs: LONG_AGO }],
    ['times of 64 bits', { accessTimeUs: LONG_AGO, modificationTimeUs: LONG_AGO }],
    ['an extended attribute', { type: 'xattr', path: file, attribute: 'trusted.i386', size: 3 }],
  ]
  for (const [index, [what, expected]] of CASES.entries()) {
    it(`report ${what} (call ${String(index + 1)})`, () => {
      const event: Partial<Record<string, unknown>> = { ...(events[index] ?? assert.fail('missing')) }
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, event[name]])), expected)
    })
  }
})
