// Reads topics of a log as a group of its own and keeps the decoded records: for tests that look at everything that was published.
import type { RecordBatch, TopicConsumer, TopicLog } from '../../../infra/topic-log.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ContainerEvent, FileEvent, HostEvent, ProcessEvent } from '../../../schemas/generated/types.js'

/** Everything that was published so far, decoded. */
export class TopicReader {
  readonly process: ProcessEvent[] = []
  readonly file: FileEvent[] = []
  readonly host: HostEvent[] = []
  readonly container: ContainerEvent[] = []
  readonly #codec: Codec
  #consumer: TopicConsumer | null = null
  /** While true no batch is finished: the log fills. */
  isHeld = false

  private constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Begins to read; open it before anything is published. */
  static async open(log: TopicLog, codec: Codec): Promise<TopicReader> {
    const reader = new TopicReader(codec)
    reader.#consumer = await log.consume({
      group: 'test-reader',
      topics: ['process', 'file', 'host', 'container'],
      from: 'earliest',
      handler: async (batch) => {
        while (reader.isHeld) await new Promise((resolve) => setTimeout(resolve, 5))
        reader.#take(batch)
        return { nextOffset: batch.lastOffset + 1, outputs: [] }
      },
    })
    return reader
  }

  async stop(): Promise<void> {
    this.isHeld = false
    await this.#consumer?.stop('test')
  }

  #take(batch: RecordBatch): void {
    while (batch.next()) {
      const { topic, valueBytes: bytes, valueStart: start, valueEnd: end } = batch
      if (topic === 'process') this.process.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'file') this.file.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'host') this.host.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'container') this.container.push(this.#codec.decode(topic, bytes, start, end))
    }
  }
}
