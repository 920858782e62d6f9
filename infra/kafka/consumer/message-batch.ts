// A fetched batch as the rest of the project sees it: kafkajs' messages walked in place, no object of ours per record.
import type { KafkaMessage } from 'kafkajs'
import type { RecordBatch } from '../../topic-log/topic-log.js'
import type { TopicKey } from '../../topic-log/topics.js'

const NOTHING = new Uint8Array(0)

/** A RecordBatch over the messages of one partition, which are not empty. */
export class MessageBatch implements RecordBatch {
  readonly topic: TopicKey
  readonly partition: number
  readonly length: number
  readonly firstOffset: number
  readonly lastOffset: number
  index = -1
  keyBytes: Uint8Array = NOTHING
  keyStart = -1
  keyEnd = -1
  valueBytes: Uint8Array = NOTHING
  valueStart = -1
  valueEnd = -1
  readonly #messages: readonly KafkaMessage[]

  constructor(topic: TopicKey, partition: number, messages: readonly KafkaMessage[]) {
    this.topic = topic
    this.partition = partition
    this.#messages = messages
    this.length = messages.length
    this.firstOffset = Number(messages[0]?.offset)
    this.lastOffset = Number(messages[messages.length - 1]?.offset)
  }

  // Offsets and times are texts in kafkajs: turned into numbers only for those who ask.
  get offset(): number {
    return Number(this.#messages[this.index]?.offset)
  }

  get timestampMs(): number {
    return Number(this.#messages[this.index]?.timestamp)
  }

  next(): boolean {
    const message = this.#messages[this.index + 1]
    if (message === undefined) return false
    this.index++
    const { key, value } = message
    if (key === null) this.keyStart = this.keyEnd = -1
    else {
      this.keyBytes = key
      this.keyStart = 0
      this.keyEnd = key.length
    }
    if (value === null) this.valueStart = this.valueEnd = -1
    else {
      this.valueBytes = value
      this.valueStart = 0
      this.valueEnd = value.length
    }
    return true
  }

  rewind(): void {
    this.index = -1
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = -1
  }
}
