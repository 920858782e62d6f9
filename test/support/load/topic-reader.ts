// Reads topics of a log as its own group and stores the decoded records: for tests that read everything that was published.
import type { RecordBatch, TopicConsumer, TopicLog } from '../../../infra/topic-log/topic-log.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ContainerEvent, FileEvent, HostEvent, KernelEvent, NetworkEvent, ProcessEvent } from '../../../schemas/generated/types.js'

/** Everything that was published so far, decoded. */
export class TopicReader {
  readonly process: ProcessEvent[] = []
  readonly file: FileEvent[] = []
  readonly network: NetworkEvent[] = []
  readonly kernel: KernelEvent[] = []
  readonly host: HostEvent[] = []
  readonly container: ContainerEvent[] = []
  /** What it reads. */
  static readonly TOPICS = ['process', 'file', 'network', 'kernel', 'host', 'container'] as const
  /** Records of all topics. */
  count = 0
  readonly #codec: Codec
  #consumer: TopicConsumer | null = null
  /** While true no batch is finished: the log fills. */
  isHeld = false

  private constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Begins to read; open it before anything is published. */
  static async open(topicLog: TopicLog, codec: Codec): Promise<TopicReader> {
    const reader = new TopicReader(codec)
    reader.#consumer = await topicLog.consume({
      group: 'test-reader',
      topics: TopicReader.TOPICS,
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
      this.count++
      const { topic, valueBytes: bytes, valueStart: start, valueEnd: end } = batch
      if (topic === 'process') this.process.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'file') this.file.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'network') this.network.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'kernel') this.kernel.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'host') this.host.push(this.#codec.decode(topic, bytes, start, end))
      else if (topic === 'container') this.container.push(this.#codec.decode(topic, bytes, start, end))
    }
  }
}
