// The queue of one sink: jobs that any instance may take, each a batch of alerts. Implemented over BullMQ, and in memory.
// A queue may lose jobs, or pass one twice: what is settled and claimed is elsewhere.
import type { MessagePlace } from '../grouping/group-store.js'
import type { GroupMessage } from '../sink.js'

/** An alert in a job. */
export interface JobAlert {
  readonly offset: number
  /** Its record, in wire format; not a view of what was fetched. */
  readonly bytes: Uint8Array
}

/** Alerts of one partition for one sink. */
export interface JobContent {
  readonly id: string
  readonly partition: number
  /** Of the settlement store when it was claimed. */
  readonly epoch: string
  readonly alerts: readonly JobAlert[]
  /** It sends this message about a group of alerts; then there are no alerts, until the receiver refuses it. */
  readonly message?: JobMessage
  /** It is taken so much later, milliseconds; default 0. Adding a job that exists again without it makes that due. */
  readonly delayMs?: number
}

/** A message about a group. */
export interface JobMessage extends MessagePlace {
  /** The message itself, when it is refused. */
  readonly refused?: GroupMessage
}

/** A job that a worker has. */
export interface DeliveryJob extends JobContent {
  /** How often it was started before. */
  readonly starts: number
  /** The sink refused these alerts before; somebody wants them to be sent again. Nothing is claimed for it. */
  readonly isRedriven: boolean
  /** Alerts that were refused before, while others of the job were to come again. */
  readonly refused: readonly number[]
  /** Why; empty for none. */
  readonly refusal: string
}

/** The result of a job. */
export type JobEnd =
  | { readonly kind: 'done' }
  /** It comes again after `afterMs`. @param refused all of its alerts that are refused by now */
  | { readonly kind: 'again'; readonly afterMs: number; readonly refused?: readonly number[]; readonly refusal?: string }
  /** It is kept, with only these alerts or another content, until somebody redrives it or the bound of kept jobs is reached. */
  | { readonly kind: 'dead'; readonly offsets: readonly number[]; readonly reason: string; readonly content?: Partial<JobContent> }

/** Handles one job. A rejection is an `again`. */
export type JobHandler = (job: DeliveryJob) => Promise<JobEnd>

/** A job with alerts that the sink refused. */
export interface DeadJob extends JobContent {
  readonly reason: string
  /** When it was refused, Unix milliseconds. */
  readonly refusedAtMs: number
}

/** Numbers of jobs. */
export interface QueueCounts {
  readonly waiting: number
  readonly active: number
  /** They come again later. */
  readonly delayed: number
  readonly dead: number
}

/** A queue of one sink. Every call may fail with a retryable error. */
export interface DeliveryQueue {
  /** Adds jobs in this order. */
  add(jobs: readonly JobContent[]): Promise<void>
  /** Those of the ids whose jobs exist. */
  existing(ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Starts to take jobs, at most `concurrency` at a time. */
  work(handler: JobHandler, concurrency: number): QueueWorker
  counts(): Promise<QueueCounts>
  /** The latest dead jobs first. */
  dead(limit: number): Promise<DeadJob[]>
  /** Ids of all dead jobs. */
  deadIds(): Promise<string[]>
  /** Sends a dead job again. @returns false if there is no such job */
  redrive(id: string): Promise<boolean>
  close(): Promise<void>
}

/** The end of a worker that takes jobs. */
export interface QueueWorker {
  /** Takes no more; resolves when those under way have ended. */
  close(): Promise<void>
}
