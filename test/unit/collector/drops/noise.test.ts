import assert from 'node:assert/strict'
import { NoiseTable } from '../../../../collector/drops/noise.js'
import {
  BUDGET,
  BUDGET_CALLS,
  BUDGET_KEY,
  BUDGET_NAMED_OPENS,
  BUDGET_OPENS,
  EVENT_HEADER,
  KEY_NAMED_OPEN,
  KIND,
  KIND_MAX,
} from '../../../../native/generated/layout.js'

interface Entry {
  readonly pid: number
  readonly cgroup: bigint
  /** The cgroup whose budget the process spends; its own by default. */
  readonly group?: bigint
  /** Of a process; of a cgroup KIND_MAX and its class. */
  readonly kind: number
  readonly refused?: bigint
  readonly dropped?: bigint
  readonly start?: bigint
}

function table(entries: readonly Entry[]): Buffer {
  return Buffer.concat(
    entries.map(({ pid, cgroup, group = cgroup, kind, refused = 0n, dropped = 0n, start = 7n }) => {
      const bytes = Buffer.alloc(BUDGET_KEY.bytes + BUDGET.bytes)
      const value = bytes.subarray(BUDGET_KEY.bytes)
      bytes.writeBigUInt64LE(kind < KIND_MAX ? BigInt(pid) : cgroup, BUDGET_KEY.id)
      bytes.writeUInt32LE(kind, BUDGET_KEY.kind)
      value.writeUInt32LE(pid, BUDGET.owner + EVENT_HEADER.pid)
      value.writeBigUInt64LE(start, BUDGET.owner + EVENT_HEADER.startBootNs)
      value.writeBigUInt64LE(cgroup, BUDGET.owner + EVENT_HEADER.cgroupId)
      value.writeBigUInt64LE(group, BUDGET.groupId)
      value.writeBigUInt64LE(refused, BUDGET.refused)
      value.writeBigUInt64LE(dropped, BUDGET.dropped)
      return bytes
    }),
  )
}

const CALLS_OF_CGROUP = KIND_MAX + BUDGET_CALLS

/** Pid and events of the noisiest of the security kinds. */
function noisiest(noise: NoiseTable, entries: readonly Entry[]): readonly [pid: number, events: number] | null {
  const found = noise.read(table(entries)).get('others')
  return found === undefined ? null : [Buffer.from(found.header).readUInt32LE(EVENT_HEADER.pid), found.events]
}

describe('the noisiest process', () => {
  it('is that with most events of all kinds, in the noisiest cgroup', () => {
    const entries: Entry[] = [
      { pid: 1, cgroup: 10n, kind: KIND.call, refused: 90n },
      { pid: 2, cgroup: 20n, kind: KIND.call, refused: 60n },
      { pid: 3, cgroup: 20n, kind: KIND.call, refused: 40n },
      { pid: 3, cgroup: 20n, kind: KIND.prctl, refused: 10n, dropped: 20n },
      { pid: 1, cgroup: 10n, kind: CALLS_OF_CGROUP, refused: 90n },
      { pid: 2, cgroup: 20n, kind: CALLS_OF_CGROUP, refused: 130n },
    ]
    assert.deepEqual(noisiest(new NoiseTable(), entries), [3, 70])
  })

  it('counts only what came since the last reading, and all of an entry that began again', () => {
    const noise = new NoiseTable()
    assert.deepEqual(noisiest(noise, [{ pid: 1, cgroup: 10n, kind: KIND.call, refused: 1000n }]), [1, 1000])
    const later = { pid: 2, cgroup: 10n, kind: KIND.call, refused: 5n }
    assert.deepEqual(noisiest(noise, [{ pid: 1, cgroup: 10n, kind: KIND.call, refused: 1002n }, later]), [2, 5])
    assert.deepEqual(noisiest(noise, [{ pid: 1, cgroup: 10n, kind: KIND.call, refused: 3n }, later]), [1, 3])
    assert.equal(noisiest(noise, [later, { pid: 1, cgroup: 10n, kind: KIND.call, refused: 3n }]), null)
  })

  it('of a reused pid is the new process', () => {
    const noise = new NoiseTable()
    noisiest(noise, [{ pid: 1, cgroup: 10n, kind: KIND.call, refused: 1000n }])
    assert.deepEqual(noisiest(noise, [{ pid: 1, cgroup: 10n, kind: KIND.call, refused: 1001n, start: 9n }]), [1, 1001])
  })

  it('of a flood that forks is the process that its cgroup began with, when all have made room for others', () => {
    assert.deepEqual(noisiest(new NoiseTable(), [{ pid: 5, cgroup: 20n, kind: CALLS_OF_CGROUP, refused: 100_000n }]), [5, 0])
  })

  it('is found below the cgroup whose budget it spends, in whatever cgroup it is itself', () => {
    const entries: Entry[] = [
      { pid: 1, cgroup: 10n, kind: KIND.call, refused: 90n },
      { pid: 2, cgroup: 21n, group: 20n, kind: KIND.call, refused: 60n },
      { pid: 3, cgroup: 22n, group: 20n, kind: KIND.call, refused: 70n },
      { pid: 1, cgroup: 10n, kind: CALLS_OF_CGROUP, refused: 90n },
      { pid: 2, cgroup: 20n, kind: CALLS_OF_CGROUP, refused: 130n },
    ]
    assert.deepEqual(noisiest(new NoiseTable(), entries), [3, 70])
  })

  it('of opens is another one', () => {
    const found = new NoiseTable().read(
      table([
        { pid: 8, cgroup: 10n, kind: KIND.open, dropped: 50n },
        { pid: 8, cgroup: 10n, kind: KIND_MAX + BUDGET_OPENS, dropped: 50n },
        { pid: 9, cgroup: 10n, kind: KIND.exec, dropped: 1n },
      ]),
    )
    assert.deepEqual(
      [found.get('opens')?.header, found.get('others')?.header].map((header) => Buffer.from(header ?? []).readUInt32LE(EVENT_HEADER.pid)),
      [8, 9],
    )
  })

  it('of opens counts those of files that a rule names, too', () => {
    const named = [
      { pid: 4, cgroup: 10n, kind: KEY_NAMED_OPEN, refused: 70n },
      { pid: 5, cgroup: 10n, kind: KIND.open, dropped: 60n },
      { pid: 4, cgroup: 10n, kind: KIND_MAX + BUDGET_NAMED_OPENS, refused: 70n },
    ]
    const found = new NoiseTable().read(table(named))
    assert.deepEqual([found.get('opens')?.events, found.get('others')], [70, undefined])
  })

  it('is unknown for a table without events', () => {
    assert.equal(new NoiseTable().read(Buffer.alloc(0)).size, 0)
    assert.equal(noisiest(new NoiseTable(), [{ pid: 1, cgroup: 10n, kind: KIND.call }]), null)
  })
})
