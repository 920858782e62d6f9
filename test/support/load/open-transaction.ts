// A transaction of a group that stays open: what a member leaves that dies before its end.
import { outputsByPartition } from '../../../infra/kafka/group/output-batches.js'
import { TransactionalProducer, transactionalIdsOf } from '../../../infra/kafka/group/transactional-producer.js'
import { groupNameOf, topicNameOf, type KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { KafkaCluster } from '../../../infra/kafka/kafkajs-internals/cluster.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { deferred } from '../../../infra/waiting/waiters.js'
import { waitFor } from '../wait-for.js'

/** A cluster that holds back the first end of a transaction. */
export class HeldCluster extends KafkaCluster {
  readonly #timeoutMs: number | null
  readonly #held = deferred()
  readonly #released = deferred()
  isHolding = false

  /** @param timeoutMs time limit of its transactions; default that of members */
  constructor(config: KafkaConfig, timeoutMs: number | null = null) {
    super(config, SILENT_LOGGER, { retries: 2, initialRetryTime: 50, maxRetryTime: 500 })
    this.#timeoutMs = timeoutMs
  }

  /** Resolves when it holds one back. */
  get holding(): Promise<void> {
    return this.#held.promise
  }

  release(): void {
    this.#released.resolve()
  }

  override async sendFrame(...[connection, api, frame]: Parameters<KafkaCluster['sendFrame']>): Promise<Buffer> {
    if (api.apiName === 'InitProducerId' && this.#timeoutMs !== null) frame.writeInt32BE(this.#timeoutMs, frame.length - 4)
    if (api.apiName === 'EndTxn' && !this.isHolding) {
      this.isHolding = true
      this.#held.resolve()
      await this.#released.promise
    }
    return await super.sendFrame(connection, api, frame)
  }
}

/** Whose transaction it is. */
export interface OpenTransaction {
  readonly group: string
  readonly instance: string
  /** Of the topic `process`, in which it finishes five records. */
  readonly partition: number
}

/** Writes the numbers 1 to 5 to `alerts`. @returns once only the end is missing; `committed` settles after the release */
export async function leaveTransactionOpen(
  cluster: HeldCluster,
  config: KafkaConfig,
  { group: name, instance, partition }: OpenTransaction,
): Promise<{ readonly committed: Promise<void> }> {
  const alerts = topicNameOf(config, 'alerts')
  await cluster.connect([alerts])
  const group = groupNameOf(config, name)
  const transactionalId = transactionalIdsOf(group, instance).together
  const producer = new TransactionalProducer({ transport: cluster, clientId: 'former', group, transactionalId })
  const records = Array.from({ length: 5 }, (_, index) => {
    const value = Buffer.alloc(250)
    value.writeUInt32BE(index + 1)
    return { topic: 'alerts' as const, key: Buffer.from('host'), value, timestampMs: Date.now() }
  })
  const content = {
    outputs: outputsByPartition(records, () => ({ topic: alerts, partitions: cluster.partitionCount(alerts) })),
    offsets: [{ topic: topicNameOf(config, 'process'), partition, offset: 5 }],
    member: { generation: -1, memberId: '', instanceId: null },
  }
  // A topic that was made a moment ago may take nothing yet.
  return await waitFor('the end that is held back', async () => {
    const committed = producer.commit(content)
    await Promise.race([committed.catch(() => undefined), cluster.holding])
    if (!cluster.isHolding) return undefined
    committed.catch(() => undefined)
    return { committed }
  })
}
