// Events in, alerts out: the functions membership and detect over any log and store, with what a test publishes and reads.
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import type { Part } from '../../../infra/process/lifecycle.js'
import { Metrics } from '../../../infra/process/metrics.js'
import type { TopicAppender, TopicConsumer, TopicLog } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { detectFunction } from '../../../processors/functions/detect/detect.js'
import type { PendingSettings } from '../../../processors/functions/detect/detect-run.js'
import { membershipFunction } from '../../../processors/functions/membership.js'
import { factsKey } from '../../../processors/membership/membership-key.js'
import { valueReader, Membership } from '../../../processors/membership/membership.js'
import type { MembershipStore } from '../../../processors/membership/store.js'
import { fixedRules } from '../../../processors/rule-engine/load/rules-in-force.js'
import type { FunctionConfig } from '../../../processors/runtime/function-runner.js'
import { startFunction } from '../../../processors/runtime/start-function.js'
import { Codec } from '../../../schemas/codec.js'
import type { Alert, ContainerEvent, DeadLetter, FileEvent, Origin, PendingEvent } from '../../../schemas/generated/types.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcess } from '../records/sample-records.js'
import { evaluatorOf, TWO_RULES } from '../records/test-rules.js'
import { waitFor, waitForCount } from '../wait-for.js'

/** What the functions depend on. */
export interface Ground {
  readonly topicLog: TopicLog
  readonly store: MembershipStore
  close(): Promise<void>
}

/** Everything that came out so far, in the order of the topics. */
interface SeenRecords {
  readonly alerts: Alert[]
  readonly pending: PendingEvent[]
  readonly letters: DeadLetter[]
}

/** A scene of one test. */
export class Scene {
  readonly seen: SeenRecords = { alerts: [], pending: [], letters: [] }
  readonly metrics = new Metrics()
  readonly #ground: Ground
  readonly #codec = new Codec()
  readonly #appender: TopicAppender
  #reader: TopicConsumer | undefined
  #mark = 0

  private constructor(ground: Ground, appender: TopicAppender) {
    this.#ground = ground
    this.#appender = appender
  }

  static async open(ground: Ground): Promise<Scene> {
    const appender = await ground.topicLog.appender(
      () => undefined,
      () => undefined,
    )
    const scene = new Scene(ground, appender)
    await scene.#read()
    return scene
  }

  async close(): Promise<void> {
    await this.#reader?.stop('test ends')
    await this.#appender.close()
    await this.#ground.close()
  }

  /** Starts the function membership. */
  membership(config: FunctionConfig = {}): Promise<Part> {
    return startFunction(membershipFunction(this.#codec), this.#deps(), config)
  }

  /** Starts the function detect. */
  detect(pending: Partial<PendingSettings> = {}, config: FunctionConfig = {}, ruleText = TWO_RULES): Promise<Part> {
    const rules = fixedRules(evaluatorOf(ruleText))
    return startFunction(detectFunction({ codec: this.#codec, rules, pending }), this.#deps(), config)
  }

  /** Appends a record, keyed by host. */
  publish<Topic extends TopicKey>(topic: Topic, record: TopicRecords[Topic]): void {
    this.put(topic, this.encode(topic, record), 'origin' in record ? record.origin.hostId : undefined)
  }

  /** Appends any bytes. */
  put(topic: TopicKey, value: Uint8Array, key = sampleOrigin().hostId): void {
    this.#appender.append({
      topic,
      key: Buffer.from(key),
      value,
      valueStart: 0,
      valueEnd: value.length,
      timestampMs: Date.now(),
      mark: ++this.#mark,
    })
  }

  encode<Topic extends TopicKey>(topic: Topic, record: TopicRecords[Topic]): Uint8Array {
    return this.#codec.encode(topic, record)
  }

  readOnHost(origin: Partial<Origin> = {}): FileEvent {
    const process = sampleProcess({ containerId: null, containerClaim: null })
    return sampleFileEvent({ process, origin: sampleOrigin(origin) })
  }

  readInContainer(id: string, origin: Partial<Origin> = {}): FileEvent {
    const process = sampleProcess({ containerId: id, containerClaim: id })
    return sampleFileEvent({ process, origin: sampleOrigin(origin) })
  }

  readInClaim(claim: string, cgroupId: string): FileEvent {
    return sampleFileEvent({ process: sampleProcess({ containerId: null, containerClaim: claim, cgroupId }) })
  }

  factsEvent(id: string, name: string, change: Partial<ContainerEvent> = {}): ContainerEvent {
    return {
      type: 'facts',
      containerId: id,
      runtime: 'docker',
      facts: sampleContainerFacts({ name }),
      cgroupId: null,
      cgroupPath: null,
      initPid: null,
      exitCode: null,
      isOomKilled: null,
      reason: null,
      origin: sampleOrigin({ cpu: -1 }),
      ...change,
    }
  }

  /** Resolves when the store knows the facts of a container. */
  async knows(id: string): Promise<void> {
    const key = factsKey(sampleOrigin(), id)
    await waitFor(`facts of ${id}`, async () => (await this.#ground.store.read([key]))[0] ?? null)
  }

  /** Resolves with all alerts when there are so many. */
  async alerts(count: number): Promise<Alert[]> {
    await waitForCount('alerts', () => this.seen.alerts.length, count)
    return this.seen.alerts
  }

  /** Resolves with all dead letters when there are so many. */
  async deadLetters(count: number): Promise<DeadLetter[]> {
    await waitForCount('dead letters', () => this.seen.letters.length, count)
    return this.seen.letters
  }

  /** Resolves when so many pending events were written, repeated ones counted. */
  async pendingSeen(count: number): Promise<void> {
    await waitForCount('pending events', () => this.seen.pending.length, count)
  }

  /** Resolves when detect has handled all that was ever written to the topic of pending events. */
  async nothingPending(): Promise<void> {
    const handled = /^eunomia_function_records_total\{function="detect",topic="pending"\} (\d+)$/m
    let records = 0
    await waitFor(
      'the end of all waits',
      async () => (records = Number(handled.exec(await this.metrics.text())?.[1] ?? 0)) === this.seen.pending.length,
      { progress: () => records },
    )
  }

  #deps(): Parameters<typeof startFunction>[1] {
    const membership = new Membership(this.#ground.store, valueReader(this.#codec), this.metrics, SILENT_LOGGER)
    return { topicLog: this.#ground.topicLog, codec: this.#codec, membership, metrics: this.metrics, log: SILENT_LOGGER }
  }

  async #read(): Promise<void> {
    this.#reader = await this.#ground.topicLog.consume({
      group: 'test',
      topics: ['alerts', 'pending', 'deadletter'],
      from: 'earliest',
      handler: (batch) => {
        while (batch.next()) {
          const { valueBytes: bytes, valueStart: start, valueEnd: end } = batch
          if (batch.topic === 'alerts') this.seen.alerts.push(this.#codec.decode('alerts', bytes, start, end))
          if (batch.topic === 'pending') this.seen.pending.push(this.#codec.decode('pending', bytes, start, end))
          if (batch.topic === 'deadletter') this.seen.letters.push(this.#codec.decode('deadletter', bytes, start, end))
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
  }
}
