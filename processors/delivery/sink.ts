// The interface of all sinks: a receiver of alerts, as SIEM, pager or file. A sink formats, sends, and reports what became of each alert. It
// knows no queue: retries, rates, batches, circuit breaker and accounts exist once, outside of it.
import type { Type, TSchema, Shaped } from '../../infra/config/json-shape.js'
import type { Logger } from '../../infra/process/logger.js'
import type { Alert } from '../../schemas/generated/types.js'

/** An alert and its place in the alerts topic; partition and offset are -1 for the alert of `deliver test`, which is not in it. */
export interface TopicAlert {
  readonly alert: Alert
  /** Its record, in wire format. */
  readonly bytes: Uint8Array
  readonly partition: number
  readonly offset: number
  /** The sink refused it, and somebody sends it again: what the sink knows as done is not. */
  readonly isRedriven?: true
}

/** What became of an alert or a message. */
export type Outcome =
  | { readonly kind: 'delivered' }
  /** Not now. */
  | Retry
  /** The receiver will never take it: it becomes a dead letter. */
  | { readonly kind: 'refused'; readonly reason: string; readonly answer: string }

/** It may be taken later. */
export interface Retry {
  readonly kind: 'retry'
  readonly reason: string
  /** The receiver asks for a pause, milliseconds (Retry-After). */
  readonly afterMs?: number
}

/** A sink that takes every alert. */
export interface AlertSink {
  /**
   * Sends alerts in this order. Ends soon after the signal.
   * @returns one outcome for each alert, in their order. A rejection is a retry of all of them.
   */
  send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]>
  close(): Promise<void>
}

/** What people read: the first alert of a group, or a summary of those that followed. */
export interface GroupMessage {
  readonly kind: 'first' | 'summary' | 'resolved'
  /** Identity of the message, the same for each attempt to send it. */
  readonly id: string
  /** Identity of the group, the same for all its messages: thread or dedup key. 32 hex digits. */
  readonly groupId: string
  /** The first alert of the group; in a summary the latest one. */
  readonly alert: Alert
  /** Distinct alerts that this message stands for; the counts of all messages add up to the alerts of the topic. 0 for `resolved`. */
  readonly count: number
  /** Of all messages of the group until now, this one included. */
  readonly total: number
  /** Times of the first and last event that it stands for, Unix microseconds. */
  readonly firstUs: number
  readonly lastUs: number
  readonly hosts: Names
  readonly containers: Names
  /** More than one in the group of alerts beyond the bound of new groups, and where rules share a group. */
  readonly rules: Names
  /** Where its alerts are in the alerts topic, by partition. */
  readonly ranges: readonly PartitionRanges[]
  /** It may have been sent before: what is known about the group was lost in between. */
  readonly mayRepeat: boolean
  /** What the sink returned for the first message of the group; null for none. */
  readonly thread: string | null
}

/** Distinct names. */
export interface Names {
  /** Number of `names`, which are at most 1,000. */
  readonly count: number
  readonly names: readonly string[]
  /** There may be more than these. */
  readonly hasMore: boolean
}

/** First and last offset of ranges of a partition. */
export interface PartitionRanges {
  readonly partition: number
  readonly ranges: readonly (readonly [first: number, last: number])[]
}

/** A sink that takes messages about groups of alerts. */
export interface MessageSink {
  /** Sends one message. A rejection is a retry. */
  notify(message: GroupMessage, signal: AbortSignal): Promise<MessageOutcome>
  close(): Promise<void>
}

/** The outcome of a message; `thread` is passed to the later messages of the group. */
export type MessageOutcome = Exclude<Outcome, { kind: 'delivered' }> | { readonly kind: 'delivered'; readonly thread?: string }

/** What a sink may use. */
export interface SinkDeps {
  /** Name of the sink in the settings. */
  readonly name: string
  readonly log: Logger
}

/** What a kind of sink is. Both kinds of `takes` have the same settings and bounds around them. */
interface AnySinkKind<Settings extends TSchema> {
  /** As in `kind: webhook`. */
  readonly kind: string
  /** Its own settings; those that all sinks have are added. */
  readonly settings: Settings
  /** Sends at a time, unless the settings of the sink say otherwise; default 4. More where the receiver answers late. */
  readonly concurrency?: number
  /** Settings that need each other: a message for each that is missing or in conflict. */
  mistakesOf?(settings: Shaped<Settings>): readonly string[]
}

/** A kind of sink that takes every alert. */
export interface AlertSinkKind<Settings extends TSchema = ReturnType<typeof Type.Object>> extends AnySinkKind<Settings> {
  readonly takes: 'alerts'
  /** One job in flight per partition, so that the alerts of a host arrive in their order. */
  readonly isOrdered: boolean
  /** Most alerts and bytes of one `send`; at 1 alert, each is a job of its own. */
  readonly batch: { readonly alerts: number; readonly bytes: number }
  create(settings: Shaped<Settings>, deps: SinkDeps): Promise<AlertSink>
}

/** A kind of sink that takes messages about groups. */
export interface MessageSinkKind<Settings extends TSchema = ReturnType<typeof Type.Object>> extends AnySinkKind<Settings> {
  readonly takes: 'messages'
  /** What the receiver bears, unless the settings of the sink say otherwise; null for no bound. */
  readonly messagesPerSecond: number | null
  create(settings: Shaped<Settings>, deps: SinkDeps): Promise<MessageSink>
}

/** A kind of any settings, which were checked against its own. */
export type SinkKind = AlertSinkKind<TSchema> | MessageSinkKind<TSchema>

/** Defines a kind; infers the type of its settings. */
export function defineAlertSink<Settings extends TSchema>(kind: AlertSinkKind<Settings>): AlertSinkKind<Settings> {
  return kind
}

/** Defines a kind; infers the type of its settings. */
export function defineMessageSink<Settings extends TSchema>(kind: MessageSinkKind<Settings>): MessageSinkKind<Settings> {
  return kind
}
