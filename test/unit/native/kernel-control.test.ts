// The bytes of filters as bpf/record/filters.h lays them out, and the bounds of knobs from their documentation.
import { FILTER_SETTINGS, OPEN_WAYS } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { checkKnobs, DEFAULT_KERNEL_KNOBS, NO_FILTERS, numbersOf, settingsOf, type KernelKnobs } from '../../../native/kernel-control.js'
import { ProbeUnavailableError } from '../../../native/requirements.js'

describe('filters as bytes', () => {
  it('leave nothing out when there are none: all kinds are emitted with either result, and every open', () => {
    const bytes = settingsOf(NO_FILTERS)
    assert.equal(bytes.length, 80)
    assert.deepEqual([...bytes.subarray(0, 8)], Array(8).fill(0))
    assert.deepEqual([...bytes.subarray(8, 24)], Array(16).fill(0xff))
    assert.deepEqual([...bytes.subarray(24)], Array(56).fill(0))
  })

  it('have a bit for each filter, for each kind, and a byte for each way to open', () => {
    const bytes = settingsOf({
      ...NO_FILTERS,
      numbers: [{ filter: 'port', number: 443n, mode: 'except' }],
      only: new Set(['process', 'cgroup']),
      succeeded: new Set([5, 63]),
      opened: ['emitted', 'leftOut', 'byPath', 'emitted', 'emitted', 'emitted', 'emitted', 'leftOut', 'byArgument'],
      pathRevision: 7,
    })
    const view = new DataView(bytes.buffer)
    assert.equal(view.getUint32(FILTER_SETTINGS.only, true), (1 << 2) | (1 << 4))
    assert.equal(view.getUint32(FILTER_SETTINGS.except, true), 1 << 5)
    assert.equal(view.getBigUint64(FILTER_SETTINGS.succeeded, true), (1n << 5n) | (1n << 63n))
    assert.deepEqual(
      [...bytes.subarray(FILTER_SETTINGS.opened, FILTER_SETTINGS.opened + OPEN_WAYS)],
      [0, 1, 2, 0, 0, 0, 0, 1, 3, ...Array<number>(7).fill(0)],
    )
    assert.equal(view.getUint32(FILTER_SETTINGS.pathRevision, true), 7)
  })

  it('have 24 bytes for each number', () => {
    const bytes = numbersOf({
      ...NO_FILTERS,
      numbers: [
        { filter: 'cgroup', number: 0x1122334455667788n, isV1: true, mode: 'only' },
        { filter: 'user', number: 1000n, mode: 'except' },
      ],
    })
    const view = new DataView(bytes.buffer)
    assert.equal(bytes.length, 48)
    assert.deepEqual(
      [view.getBigUint64(0, true), view.getUint32(8, true), view.getUint32(12, true), view.getUint32(16, true)],
      [0x1122334455667788n, 4, 1, 1],
    )
    assert.deepEqual(
      [view.getBigUint64(24, true), view.getUint32(32, true), view.getUint32(36, true), view.getUint32(40, true)],
      [1000n, 3, 0, 2],
    )
  })
})

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
  [{ budgets: { ...DEFAULT_KERNEL_KNOBS.budgets, callsPerSecond: 0 } }, 'budgets.callsPerSecond'],
  [{ budgets: { ...DEFAULT_KERNEL_KNOBS.budgets, processPercent: 1001 } }, 'budgets.processPercent'],
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
