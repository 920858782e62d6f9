// Bounds of the knobs, from their documentation in native/kernel-session.ts.
import assert from 'node:assert/strict'
import type { KernelKnobs } from '../../../native/kernel-session.js'
import { checkKnobs, DEFAULT_KERNEL_KNOBS } from '../../../native/knobs.js'
import { ProbeUnavailableError } from '../../../native/probe-unavailable-error.js'

const GOOD: readonly Partial<KernelKnobs>[] = [
  {},
  { argsBytes: 256 },
  { argsBytes: 65536 },
  { securityRingBytes: 4096, bulkRingBytes: 4096 },
  { bulkRingBytes: 1 << 30 },
  { ignoredPid: 4_194_304 },
]

const BAD: readonly [Partial<KernelKnobs>, name: string][] = [
  [{ argsBytes: 255 }, 'argsBytes'],
  [{ argsBytes: 65537 }, 'argsBytes'],
  [{ argsBytes: 1000.5 }, 'argsBytes'],
  [{ argsBytes: Number.NaN }, 'argsBytes'],
  [{ securityRingBytes: 2048 }, 'securityRingBytes'],
  [{ securityRingBytes: 12288 }, 'securityRingBytes'],
  [{ bulkRingBytes: 0 }, 'bulkRingBytes'],
  [{ bulkRingBytes: 2 ** 31 }, 'bulkRingBytes'],
  [{ ignoredPid: -1 }, 'ignoredPid'],
  [{ ignoredPid: 1.5 }, 'ignoredPid'],
]

describe('kernel knobs', () => {
  for (const knobs of GOOD) {
    it(`takes ${JSON.stringify(knobs)}`, () => {
      checkKnobs({ ...DEFAULT_KERNEL_KNOBS, ...knobs })
    })
  }

  for (const [knobs, name] of BAD) {
    it(`refuses ${JSON.stringify(knobs)} and names ${name}`, () => {
      assert.throws(
        () => checkKnobs({ ...DEFAULT_KERNEL_KNOBS, ...knobs }),
        (error) => error instanceof ProbeUnavailableError && error.message.includes(name),
      )
    })
  }
})
