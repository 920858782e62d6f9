// Runs a function over hand-made batches, without a log: the runner as it is, over ArrayBatch, with new instances of everything it needs.
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import type { BatchResult, OutputRecord, RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import type { FunctionDefinition } from '../../../processors/function.js'
import { valueReader, Membership, type MembershipOptions } from '../../../processors/membership/membership.js'
import { MemoryStore } from '../../../processors/membership/memory-store.js'
import type { MembershipStore } from '../../../processors/membership/store.js'
import { FunctionRunner, type FunctionConfig } from '../../../processors/runtime/function-runner.js'
import { Codec } from '../../../schemas/codec.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { ArrayBatch } from '../records/array-batch.js'
import { ManualClock } from '../fakes/manual-clock.js'

/** What a test may replace. */
export interface BenchOptions {
  readonly store?: MembershipStore
  readonly membership?: MembershipOptions
  readonly config?: FunctionConfig
}

/** A function with all its dependencies. */
export class FunctionBench {
  readonly codec = new Codec()
  readonly clock = new ManualClock()
  readonly metrics = new Metrics()
  readonly stop = new AbortController()
  readonly store: MembershipStore
  readonly membership: Membership
  readonly #config: FunctionConfig

  constructor(options: BenchOptions = {}) {
    this.store = options.store ?? new MemoryStore()
    const nowMs = (): number => this.clock.nowUs() / 1000
    this.membership = new Membership(this.store, valueReader(this.codec), this.metrics, SILENT_LOGGER, { nowMs, ...options.membership })
    this.#config = options.config ?? {}
  }

  /** A batch of encoded records. */
  batchOf<Topic extends TopicKey>(
    topic: Topic,
    records: readonly TopicRecords[Topic][],
    timestampMs = this.clock.nowUs() / 1000,
  ): ArrayBatch {
    return new ArrayBatch(
      topic,
      records.map((record) => ({
        key: Buffer.from('origin' in record ? record.origin.hostId : 'host'),
        value: this.codec.encode(topic, record),
        timestampMs,
      })),
    )
  }

  /** Passes a batch to the function; the clock runs through all waits. */
  handle(definition: FunctionDefinition, batch: RecordBatch): Promise<BatchResult> {
    return this.clock.run(this.begin(definition, batch))
  }

  /** Passes a batch to the function; the test advances the clock. */
  begin(definition: FunctionDefinition, batch: RecordBatch): Promise<BatchResult> {
    const { codec, membership, metrics, clock } = this
    const runner = new FunctionRunner(definition, { codec, membership, metrics, clock, log: SILENT_LOGGER }, this.#config)
    return runner.handle(batch, this.stop.signal)
  }

  /** The records emitted to a topic, decoded. */
  decoded<Topic extends TopicKey>(topic: Topic, outputs: readonly OutputRecord[]): TopicRecords[Topic][] {
    return outputs.filter((output) => output.topic === topic).map(({ value }) => this.codec.decode(topic, value))
  }
}
