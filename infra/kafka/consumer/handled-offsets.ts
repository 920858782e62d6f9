// How far this process has handled each partition, over all of its memberships: what a failure kept from being committed comes again with the
// next membership, and a reader is not given it again.
import { partitionKey } from '../partitions.js'

/** Handled offsets of one reader; an entry per partition. */
export class HandledOffsets {
  readonly #next = new Map<string, number>()

  /** Everything below `nextOffset` is handled. */
  add(topic: string, partition: number, nextOffset: number): void {
    this.#next.set(partitionKey(topic, partition), nextOffset)
  }

  /**
   * Those of `messages`, in the order of their offsets, that are not handled yet. A partition that ends before what was handled is another one
   * of the same name: all of it is new.
   * @param end offset behind the last record of the partition
   */
  rest<Message extends { readonly offset: string }>(
    topic: string,
    partition: number,
    messages: readonly Message[],
    end: number,
  ): readonly Message[] {
    if (end < (this.#next.get(partitionKey(topic, partition)) ?? 0)) this.forget(topic, partition)
    const next = this.#next.get(partitionKey(topic, partition)) ?? 0
    const first = messages[0]
    return first === undefined || Number(first.offset) >= next ? messages : messages.filter(({ offset }) => Number(offset) >= next)
  }

  /** The group goes on at another place: offsets there are not those of before. */
  forget(topic: string, partition: number): void {
    this.#next.delete(partitionKey(topic, partition))
  }
}
