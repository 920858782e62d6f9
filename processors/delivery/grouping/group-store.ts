// Where groups of alerts are counted until their next message. A group has one open window, and at most one that is being sent: what was taken
// stays the same until it is sent, however often that is tried. Implemented in Redis, for all instances together, and in memory.

/** Alerts of one group from one batch. */
export interface GroupedAlerts {
  readonly groupId: string
  /** Ids of the alerts, 32 hex digits each; repeats count once. */
  readonly alertIds: readonly string[]
  readonly partition: number
  /** Their first and last offsets. */
  readonly ranges: readonly OffsetPair[]
  /** Times of the first and last event, Unix microseconds. */
  readonly firstUs: number
  readonly lastUs: number
  readonly hosts: readonly string[]
  readonly containers: readonly string[]
  readonly rules: readonly string[]
  /** Records of the first and the last of them, in wire format. */
  readonly first: Uint8Array
  readonly last: Uint8Array
  /** They may be in a message that was sent before the store was emptied. */
  readonly mayRepeat: boolean
}

export type OffsetPair = readonly [first: number, last: number]

/** The next message of a group. */
export interface DueMessage {
  readonly groupId: string
  /** When the group began, Unix milliseconds: a later group of the same alerts is another one. */
  readonly begunMs: number
  /** Number of the message in its group, from 0. */
  readonly sequence: number
  /** When it is due, Unix milliseconds; 0 for now. */
  readonly dueMs: number
}

/** What adding alerts of one partition has changed. */
export interface AddedGroups {
  /** The next message of each group. */
  readonly due: readonly DueMessage[]
  /** Changes of the state of the partition (SettlementStore) that this made: how many, and the number of the last one. */
  readonly changes: { readonly last: number; readonly count: number }
  /** A window is far beyond its bound, because its sink can't send: read on slowly. */
  readonly isOverfull: boolean
}

/** Names a message. */
export type MessagePlace = Pick<DueMessage, 'groupId' | 'begunMs' | 'sequence'>

/** What a message is about. */
export interface TakenWindow extends MessagePlace {
  /** Distinct alerts in it. */
  readonly count: number
  /** In the messages before. */
  readonly sentBefore: number
  readonly firstUs: number
  readonly lastUs: number
  readonly hosts: readonly string[]
  readonly containers: readonly string[]
  readonly rules: readonly string[]
  /** Some names are not in these lists, because there are more than MOST_NAMES. */
  readonly hasMoreNames: boolean
  /** By partition, as they were added. */
  readonly ranges: readonly { readonly partition: number; readonly range: OffsetPair }[]
  /** In the first message the first alert, in others the latest one; of an empty window that of the one before. */
  readonly alert: Uint8Array
  readonly mayRepeat: boolean
  readonly thread: string | null
}

/** Bounds of a store. */
export interface GroupBounds {
  /** New groups of a minute; more alerts go to the group of what is left. Default 15. */
  readonly newPerMinute: number
  /** Alerts and ranges of a window: with as many, it is sent early. Default 100,000 and 2,000. */
  readonly windowAlerts: number
  readonly windowRanges: number
}
export const DEFAULT_GROUP_BOUNDS: GroupBounds = { newPerMinute: 15, windowAlerts: 100_000, windowRanges: 2_000 }

/** Names of hosts, containers and rules of a window that are remembered, each. */
export const MOST_NAMES = 1_000

/** The group of alerts beyond the new groups of a minute. */
export const OVERFLOW_GROUP = 'f'.repeat(32)

/** Counts groups. */
export interface GroupStore {
  /**
   * Adds alerts to their groups, in one step each. Adding the same again counts nothing while their window is open or being sent, and for two windows
   * more: a reader may not know yet that they are settled.
   * An alert that waits in the group of alerts beyond the bound stays there, also when its own group may begin later.
   */
  add(alerts: readonly GroupedAlerts[], nowMs: number): Promise<AddedGroups>
  /**
   * Takes what a message is about; the same again until `sent`.
   * @returns the message that is due instead, if this one is sent already; null if there is no such group
   */
  take(message: MessagePlace): Promise<TakenWindow | DueMessage | null>
  /**
   * The message is sent. A group whose window was empty ends, unless alerts have come meanwhile.
   * @param nextMs when the next message is due, Unix milliseconds
   * @returns the next message; null if the group has ended
   */
  sent(message: TakenWindow, thread: string | null, nextMs: number): Promise<DueMessage | null>
  /** The next messages of groups whose window is not empty. */
  open(): Promise<readonly DueMessage[]>
}

/** True for a window. */
export function isTaken(answer: TakenWindow | DueMessage | null): answer is TakenWindow {
  return answer !== null && 'count' in answer
}
