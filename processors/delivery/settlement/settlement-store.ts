// What is settled and what is claimed in each partition of a sink, shared by all instances. The owner of a partition claims offsets for a job
// before it adds the job; a worker sends only what its job still has claimed, and settles it. Implemented over Redis, and in memory.
import type { OffsetRange } from '../../../infra/topic-log/topic-log.js'

/** A state of a partition, as the owner writes it. */
export interface OwnedState {
  /** Names this state of the store: jobs of another epoch do nothing. */
  readonly epoch: string
  /** The assignment that owns the partition. */
  readonly owner: string
  /** Everything below is settled. */
  readonly watermark: number
  /** Above the watermark. */
  readonly settled: readonly OffsetRange[]
  /** Alerts up to this time may have been in messages before the store was emptied, Unix milliseconds; 0 for none. Later owners need it, too. */
  readonly repeatsUntilMs: number
}

/** What the store has of a partition. */
export interface StoredState extends Pick<OwnedState, 'watermark' | 'settled' | 'repeatsUntilMs'> {
  /** Counts changes: a lower one than before shows that the store lost some. */
  readonly generation: number
  /** Offsets by job. */
  readonly claims: ReadonlyMap<string, readonly OffsetRange[]>
}

/** Offsets that a job is to deliver. */
export interface Claim {
  readonly jobId: string
  readonly ranges: readonly OffsetRange[]
}

/** Of a job. */
export interface JobPlace {
  readonly partition: number
  readonly epoch: string
  readonly jobId: string
}

/** The owner's view: its epoch and assignment, and the last change that it knows. */
export type OwnerView = Pick<OwnedState, 'epoch' | 'owner'> & { readonly partition: number; readonly generation: number }

/** `gone`: the store lost the state, or some of its last changes. `taken`: another assignment owns it. */
export type Refusal = 'gone' | 'taken'

/** The settlement of one sink. Every call may fail with a retryable error. */
export interface SettlementStore {
  /** Makes `owner` the owner; null when the store has another epoch, or none. */
  takeOver(partition: number, epoch: string, owner: string): Promise<StoredState | null>
  /** Replaces the state; there are no claims after it. */
  reset(partition: number, state: OwnedState): Promise<void>
  /** @param failed earlier claims that are taken back in the same step: their jobs do nothing. @returns the generation */
  claim(view: OwnerView, claims: readonly Claim[], failed?: readonly string[]): Promise<number | Refusal>
  /** Takes claims back whose jobs do not exist. */
  release(view: OwnerView, jobIds: readonly string[]): Promise<number | Refusal>
  /** What changed; null for nothing. Forgets what is below the watermark, where everything is settled. */
  look(view: OwnerView, watermark: number): Promise<Pick<StoredState, 'generation' | 'settled'> | null | Refusal>
  /** All claims of a partition. */
  claims(partition: number): Promise<StoredState['claims']>
  /** What the job is still to deliver; null if it has no claim. */
  begin(job: JobPlace): Promise<readonly OffsetRange[] | null>
  /** @param left what the job still claims. @returns the generation; null if it has no claim any more, and nothing is settled */
  settle(job: JobPlace, settled: readonly OffsetRange[], left: readonly OffsetRange[]): Promise<number | null>
  /** Settles what no job claims: alerts that a message stands for. A partition without a state is left alone: its owner reads them again. */
  settleUnclaimed(partition: number, settled: readonly OffsetRange[]): Promise<void>
}
