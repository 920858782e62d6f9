// The segments of one topic, oldest first: written at the end, read from the front, each removed when it is settled. Preserves the order of the topic.
// Knows neither the bound nor other topics.
import type { RecordBody } from '../../infra/topic-log/body-appender.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { AccountCount } from './spool-listener.js'
import type { Segment } from './segment.js'

/** A block in flight to the log. */
export interface SentBlock {
  /** Null when its bytes are damaged: then it can't be sent. */
  readonly body: RecordBody | null
  readonly accounts: readonly AccountCount[]
  readonly segment: Segment
  readonly end: number
}

/** Creates the next segment of a topic. */
export type NewSegment = () => Segment

export class SpoolStream {
  readonly topic: TopicKey
  readonly #segments: Segment[] = []
  readonly #segmentBytes: number
  readonly #newSegment: NewSegment

  /** @param segmentBytes size at which a segment is full */
  constructor(topic: TopicKey, segmentBytes: number, newSegment: NewSegment) {
    this.topic = topic
    this.#segmentBytes = segmentBytes
    this.#newSegment = newSegment
  }

  /** Its segments, oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments
  }

  /** Unread records. */
  get unread(): number {
    return this.#segments.reduce((sum, { unread }) => sum + unread.records, 0)
  }

  /** Adds a segment of an earlier run. Call in the order of creation. */
  inherit(segment: Segment): void {
    this.#segments.push(segment)
  }

  /** Appends a block. @param isSent it is in flight already and will not be read */
  write(body: RecordBody, accounts: readonly AccountCount[], isSent: boolean): SentBlock {
    const last = this.#segments.at(-1)
    const isFull = last !== undefined && last.bytes >= this.#segmentBytes
    let segment = last
    if (segment === undefined || isFull || !segment.isWritable) {
      segment = this.#newSegment()
      this.#segments.push(segment)
    }
    return { body: null, accounts, segment, end: segment.append(body, accounts, isSent) }
  }

  /** Returns the oldest unread block; null when there is none. */
  read(): SentBlock | null {
    for (const segment of this.#segments) {
      const block = segment.read()
      if (block !== null) return { ...block, segment }
    }
    return null
  }

  /** Settles a block and all before it. */
  settle({ segment, end }: SentBlock): void {
    segment.settle(end)
    if (segment.isSettled && this.#segments[0] === segment) this.drop(segment)
  }

  /** Removes a segment with its content. The next run sends a file that can't be removed again; its events have the same ids. */
  drop(segment: Segment): void {
    const index = this.#segments.indexOf(segment)
    if (index < 0) return
    this.#segments.splice(index, 1)
    try {
      segment.remove()
    } catch {
      segment.close()
    }
  }
}
