// The settlement store of one process: for `eunomia run --sink`, and for tests.
import type { OffsetRange } from '../../../infra/topic-log/topic-log.js'
import { OffsetRanges } from './offset-ranges.js'
import type { Claim, JobPlace, OwnedState, OwnerView, Refusal, SettlementStore, StoredState } from './settlement-store.js'

interface PartitionState {
  readonly epoch: string
  owner: string
  watermark: number
  readonly repeatsUntilMs: number
  generation: number
  readonly settled: OffsetRanges
  readonly claims: Map<string, readonly OffsetRange[]>
}

/** Holds everything in memory. */
export class MemorySettlement implements SettlementStore {
  readonly #partitions = new Map<number, PartitionState>()

  /** Loses everything, as an emptied Redis does. */
  clear(): void {
    this.#partitions.clear()
  }

  takeOver(partition: number, epoch: string, owner: string): Promise<StoredState | null> {
    const state = this.#partitions.get(partition)
    if (state?.epoch !== epoch) return Promise.resolve(null)
    state.owner = owner
    const { watermark, repeatsUntilMs, settled, claims } = state
    const generation = ++state.generation
    return Promise.resolve({ generation, watermark, repeatsUntilMs, settled: [...settled.ranges], claims: new Map(claims) })
  }

  reset(partition: number, { settled, ...state }: OwnedState): Promise<void> {
    this.#partitions.set(partition, { ...state, generation: 1, settled: new OffsetRanges(settled), claims: new Map() })
    return Promise.resolve()
  }

  claim(view: OwnerView, claims: readonly Claim[], failed: readonly string[] = []): Promise<number | Refusal> {
    const state = this.#owned(view)
    if (typeof state === 'string') return Promise.resolve(state)
    for (const jobId of failed) state.claims.delete(jobId)
    for (const { jobId, ranges } of claims) state.claims.set(jobId, ranges)
    return Promise.resolve(++state.generation)
  }

  release(view: OwnerView, jobIds: readonly string[]): Promise<number | Refusal> {
    const state = this.#owned(view)
    if (typeof state === 'string') return Promise.resolve(state)
    for (const jobId of jobIds) state.claims.delete(jobId)
    return Promise.resolve(++state.generation)
  }

  look(view: OwnerView, watermark: number): ReturnType<SettlementStore['look']> {
    const state = this.#owned(view)
    if (typeof state === 'string') return Promise.resolve(state)
    state.watermark = Math.max(state.watermark, watermark)
    state.settled.remove(0, state.watermark)
    if (state.generation === view.generation) return Promise.resolve(null)
    return Promise.resolve({ generation: state.generation, settled: [...state.settled.ranges] })
  }

  claims(partition: number): Promise<StoredState['claims']> {
    return Promise.resolve(new Map(this.#partitions.get(partition)?.claims))
  }

  begin({ partition, epoch, jobId }: JobPlace): Promise<readonly OffsetRange[] | null> {
    const state = this.#partitions.get(partition)
    return Promise.resolve(state?.epoch === epoch ? (state.claims.get(jobId) ?? null) : null)
  }

  settle({ partition, epoch, jobId }: JobPlace, settled: readonly OffsetRange[], left: readonly OffsetRange[]): Promise<number | null> {
    const state = this.#partitions.get(partition)
    if (state?.epoch !== epoch || !state.claims.has(jobId)) return Promise.resolve(null)
    if (left.length === 0) state.claims.delete(jobId)
    else state.claims.set(jobId, left)
    for (const [from, to] of settled) state.settled.add(from, to)
    return Promise.resolve(++state.generation)
  }

  settleUnclaimed(partition: number, settled: readonly OffsetRange[]): Promise<void> {
    const state = this.#partitions.get(partition)
    if (state === undefined) return Promise.resolve()
    for (const [from, to] of settled) state.settled.add(from, to)
    state.generation++
    return Promise.resolve()
  }

  #owned({ partition, epoch, owner, generation }: OwnerView): PartitionState | Refusal {
    const state = this.#partitions.get(partition)
    if (state === undefined || (state.epoch === epoch && state.generation < generation)) return 'gone'
    if (state.owner !== owner) return 'taken'
    return state.epoch === epoch ? state : 'gone'
  }
}
