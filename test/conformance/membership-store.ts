// What every membership store must do; run for memory (unit tier) and Redis (integration tier).
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { cgroupKey, factsKey, processKey, type HostBoot, type MembershipKey } from '../../processors/membership/membership-key.js'
import type { MembershipEntry, MembershipStore } from '../../processors/membership/store.js'

/** Creates stores for the tests. */
export interface StoreSource {
  /** An empty store whose entries live for `ttlMs`. */
  open(ttlMs: number): MembershipStore
  /** Resolves when `ms` have passed as the store sees them. */
  pass(ms: number): Promise<void>
}

const BOOT: HostBoot = { hostId: '00000000-0000-4000-8000-000000000001', bootId: '00000000-0000-4000-8000-00000000000a' }
const LONG_MS = 60_000

export function describeMembershipStore(source: StoreSource): void {
  const entry = (key: MembershipKey, bootTimeUs: number, value: string | Uint8Array): MembershipEntry => ({
    key,
    bootTimeUs,
    value: typeof value === 'string' ? Buffer.from(value) : value,
  })
  const textOf = async (store: MembershipStore, key: MembershipKey): Promise<string | null> => {
    const [value] = await store.read([key])
    return value === null || value === undefined ? null : Buffer.from(value).toString()
  }

  it('reports what was written, in the order of the keys, and null for what was not', async () => {
    const store = source.open(LONG_MS)
    await store.write([entry(cgroupKey(BOOT, '7'), 1, 'abc'), entry(factsKey(BOOT, 'abc'), 2, 'facts')])
    const values = await store.read([factsKey(BOOT, 'abc'), cgroupKey(BOOT, '8'), cgroupKey(BOOT, '7')])
    assert.deepEqual(
      values.map((value) => (value === null ? null : Buffer.from(value).toString())),
      ['facts', null, 'abc'],
    )
  })

  it('reads and writes nothing when there is nothing to do', async () => {
    const store = source.open(LONG_MS)
    await store.write([])
    assert.deepEqual(await store.read([]), [])
  })

  it('returns every byte, also zero, newline, blank and bytes that are not UTF-8', async () => {
    const store = source.open(LONG_MS)
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index & 255)
    await store.write([entry(factsKey(BOOT, 'c'), 9, bytes)])
    const [value] = await store.read([factsKey(BOOT, 'c')])
    assert.deepEqual(Buffer.from(value ?? []), Buffer.from(bytes))
  })

  it('keeps the facts of the earliest boot time, whatever is written first', async () => {
    const store = source.open(LONG_MS)
    const key = factsKey(BOOT, 'c')
    await store.write([entry(key, 200, 'snapshot')])
    await store.write([entry(key, 100, 'created')])
    assert.equal(await textOf(store, key), 'created')
    await store.write([entry(key, 300, 'later')])
    assert.equal(await textOf(store, key), 'created')
  })

  it('keeps the container of the latest boot time for a cgroup and for a process', async () => {
    const store = source.open(LONG_MS)
    for (const key of [cgroupKey(BOOT, '7'), processKey(BOOT, 42, 1_000)]) {
      await store.write([entry(key, 200, 'second')])
      await store.write([entry(key, 100, 'first')])
      assert.equal(await textOf(store, key), 'second')
      await store.write([entry(key, 300, 'third')])
      assert.equal(await textOf(store, key), 'third')
    }
  })

  it('compares boot times as numbers, exactly up to 2^53 - 1', async () => {
    const store = source.open(LONG_MS)
    const key = cgroupKey(BOOT, '7')
    await store.write([entry(key, 9, 'nine'), entry(key, 10, 'ten')])
    assert.equal(await textOf(store, key), 'ten')
    await store.write([entry(key, Number.MAX_SAFE_INTEGER, 'last'), entry(key, Number.MAX_SAFE_INTEGER - 1, 'last but one')])
    assert.equal(await textOf(store, key), 'last')
  })

  it('keeps the same pid of another start, the same id of another boot and of another host apart', async () => {
    const store = source.open(LONG_MS)
    const otherBoot = { ...BOOT, bootId: '00000000-0000-4000-8000-00000000000b' }
    const otherHost = { ...BOOT, hostId: '00000000-0000-4000-8000-000000000002' }
    const keys = [processKey(BOOT, 42, 1), processKey(BOOT, 42, 2), processKey(otherBoot, 42, 1), processKey(otherHost, 42, 1)]
    await store.write(keys.map((key, index) => entry(key, 1, `container ${String(index)}`)))
    for (const [index, key] of keys.entries()) assert.equal(await textOf(store, key), `container ${String(index)}`)
  })

  it('expires an entry after its lifetime', async () => {
    const store = source.open(50)
    const key = factsKey(BOOT, 'c')
    await store.write([entry(key, 1, 'facts')])
    await source.pass(100)
    assert.equal(await textOf(store, key), null)
    await store.write([entry(key, 5, 'anew')])
    assert.equal(await textOf(store, key), 'anew')
  })

  it('renews the lifetime of an entry even if the earlier one stays', async () => {
    const store = source.open(2_000)
    const key = factsKey(BOOT, 'c')
    await store.write([entry(key, 1, 'facts')])
    await source.pass(1_200)
    await store.write([entry(key, 2, 'snapshot')])
    await source.pass(1_200)
    assert.equal(await textOf(store, key), 'facts')
  })

  it('ends in the same state for every order, interleaving and repetition of the same entries', async () => {
    const keys = [factsKey(BOOT, 'c'), cgroupKey(BOOT, '7'), processKey(BOOT, 42, 1)]
    const entries = fc.record({ key: fc.constantFrom(...keys), bootTimeUs: fc.nat(3), value: fc.uint8Array({ maxLength: 3 }) })
    const histories = fc
      .array(entries, { minLength: 1, maxLength: 8 })
      .chain((history) =>
        fc.tuple(
          fc.constant(history),
          fc.shuffledSubarray([...history, ...history], { minLength: history.length * 2, maxLength: history.length * 2 }),
          fc.integer({ min: 1, max: 4 }),
        ),
      )
    await fc.assert(
      fc.asyncProperty(histories, async ([history, repeated, batchLength]) => {
        const [one, other] = [source.open(LONG_MS), source.open(LONG_MS)]
        await one.write(history)
        for (let at = 0; at < repeated.length; at += batchLength) await other.write(repeated.slice(at, at + batchLength))
        assert.deepEqual(await other.read(keys), await one.read(keys))
      }),
      { numRuns: 100 },
    )
  })
}
