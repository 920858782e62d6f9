// The segments of one topic, oldest first: written at the end, read from the front, each removed when all of it is through. Keeps the order of the topic.
// Knows no bound and no other topic.
import type { RecordBody } from '../../infra/topic-log/body-appender.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { AccountCount } from './spool-listener.js'
import type { Segment } from './segment.js'

/** A block on its way to the log. */
export interface SentBlock {
  /** Null when its bytes are damaged: nothing of it can be sent. */
  readonly body: RecordBody | null
  readonly accounts: readonly AccountCount[]
  readonly segment: Segment
  readonly end: number
}

/** Makes the next segment of a topic. */
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

  /** Records that were not read. */
  get unread(): number {
    return this.#segments.reduce((sum, { unread }) => sum + unread.records, 0)
  }

  /** Takes a segment of an earlier run, in the order of their making. */
  inherit(segment: Segment): void {
    this.#segments.push(segment)
  }

  /** Appends a block. @param isSent it is on its way already: nothing is unread then, and it is not read */
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

  /** The oldest block that was not read; null when there is none. */
  read(): SentBlock | null {
    for (const segment of this.#segments) {
      const block = segment.read()
      if (block !== null) return { ...block, segment }
    }
    return null
  }

  /** A block is through, and all before it. */
  settle({ segment, end }: SentBlock): void {
    segment.settle(end)
    if (segment.isThrough && this.#segments[0] === segment) this.drop(segment)
  }

  /** Removes a segment with whatever is in it. A file that can't be removed is sent again by the next run: its events have the same ids. */
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
