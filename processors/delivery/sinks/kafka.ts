// A Kafka topic in the cluster of the alerts, keyed by host: each batch is a transaction with the offset up to which alerts were copied, so that a
// repeat is recognised and no reader of committed records sees an alert twice.
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { ExactCopy, type CopyBatch, type CopyMark, type CopyMessage } from '../../../infra/kafka/exact-copy.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { MAX_AHEAD_MS, TOPICS } from '../../../infra/topic-log/topics.js'
import { alertWriter } from '../../../schemas/alert-formats.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { TLS_SETTINGS, tlsFilesOf, tlsMistakesOf } from '../credentials/tls.js'
import { type AlertSink, defineAlertSink, type Outcome, type SinkDeps, type TopicAlert } from '../sink.js'

const MAX_MESSAGE_BYTES = 1_000_000
/** Refused alerts of a partition in the metadata of a commit, of at most 4,096 bytes: a job that is cut off before they are dead letters comes again. */
const MAX_REFUSED = 200

const SETTINGS = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^\\s:]+:\\d+$|^\\[[^\\s]+\\]:\\d+$' }), {
      minItems: 1,
      description: 'HOST:PORT of brokers.',
    }),
    topic: Type.String({ pattern: '^[A-Za-z0-9._-]{1,249}$', description: 'Topic that gets the alerts; it must exist.' }),
    format: Type.Optional(
      Type.Enum(['ocsf', 'ecs', 'json', 'avro'], {
        default: 'ocsf',
        description: 'Value of a record; avro is that of the alerts topic, unchanged.',
      }),
    ),
    alertsTopic: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._-]{1,249}$',
        default: TOPICS.alerts.name,
        description: 'Name of the alerts topic, for a cluster with a prefix.',
      }),
    ),
    maxMessageBytes: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 100_000_000,
        default: MAX_MESSAGE_BYTES,
        description: 'What is longer is refused; max.message.bytes of the topic must allow it.',
      }),
    ),
    tls: Type.Optional(TLS_SETTINGS),
    isTls: Type.Optional(Type.Boolean({ default: false, description: 'TLS with the authorities of Node, without tls.' })),
    mechanism: Type.Optional(Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512'], { default: 'scram-sha-512' })),
    user: Type.Optional(Type.String({ minLength: 1, description: 'User, with password.' })),
    password: Type.Optional(SECRET),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

export const KAFKA_SINK = defineAlertSink({
  kind: 'kafka',
  takes: 'alerts',
  isOrdered: true,
  batch: { alerts: 500, bytes: 1 << 20 },
  settings: SETTINGS,
  mistakesOf: ({ tls, user, password, topic, alertsTopic = TOPICS.alerts.name }) => [
    ...tlsMistakesOf(tls),
    ...((user === undefined) === (password === undefined) ? [] : ['user and password need each other']),
    ...(topic === alertsTopic ? ['topic must not be the alerts topic: it would be delivered again and again'] : []),
  ],
  create: (settings, deps) => Promise.resolve(new KafkaSink(settings, deps)),
})

class KafkaSink implements AlertSink {
  readonly #copy: ExactCopy
  readonly #valueOf: (alert: TopicAlert) => Buffer
  readonly #maxBytes: number

  constructor(settings: Settings, { name, log }: SinkDeps) {
    const { topic, format = 'ocsf', alertsTopic: source = TOPICS.alerts.name, maxMessageBytes = MAX_MESSAGE_BYTES } = settings
    this.#valueOf = valueWriter(format)
    this.#maxBytes = maxMessageBytes
    this.#copy = new ExactCopy({ kafka: kafkaConfigOf(settings), topic, source, name: `eunomia.deliver.${name}.copied` }, log)
  }

  async send(alerts: readonly TopicAlert[]): Promise<readonly Outcome[]> {
    const outcomes = new Map<TopicAlert, Outcome>()
    for (const partition of new Set(alerts.map((alert) => alert.partition))) {
      const own = alerts.filter((alert) => alert.partition === partition)
      // The alert of `deliver test` is in no partition of the source.
      await this.#copy.copy(Math.max(0, partition), (mark) => this.#batchOf(own, mark, outcomes))
    }
    return alerts.map((alert) => outcomes.get(alert) ?? { kind: 'delivered' })
  }

  async close(): Promise<void> {
    await this.#copy.close()
  }

  /** What is not copied yet. Below the mark are alerts that were refused, which come again with a job that was cut off, or when somebody redrives them. */
  #batchOf(alerts: readonly TopicAlert[], { nextOffset, metadata }: CopyMark, outcomes: Map<TopicAlert, Outcome>): CopyBatch | null {
    const refused = new Set(metadata === '' ? [] : metadata.split(' ').map(Number))
    const due = alerts.filter(({ offset, isRedriven }) => isRedriven === true || offset < 0 || offset >= nextOffset || refused.has(offset))
    if (due.length === 0) return null
    const messages = new Map<CopyMessage, TopicAlert>()
    const refuse = (item: TopicAlert, reason: string, answer: string): void => {
      outcomes.set(item, { kind: 'refused', reason, answer })
      if (item.offset >= 0) refused.add(item.offset)
    }
    for (const item of due) {
      refused.delete(item.offset)
      const value = this.#valueOf(item)
      if (value.length > this.#maxBytes) refuse(item, 'larger than maxMessageBytes', `${String(value.length)} bytes`)
      else messages.set(messageOf(item.alert, value), item)
    }
    const next = due.reduce((highest, { offset }) => Math.max(highest, offset + 1), nextOffset)
    const markOf: CopyBatch['markOf'] = (tooLarge) => {
      for (const message of tooLarge) {
        const item = messages.get(message)
        if (item !== undefined) refuse(item, 'larger than max.message.bytes of the topic', `${String(message.value?.length)} bytes`)
      }
      return { nextOffset: next, metadata: [...refused].slice(-MAX_REFUSED).join(' ') }
    }
    return { messages: [...messages.keys()], markOf }
  }
}

/** The clock of a host that is ahead must not make a record that the broker refuses, or that pins the retention of the topic. */
function messageOf(alert: Alert, value: Buffer): CopyMessage {
  const timeMs = Math.max(0, Math.floor(Math.min(alert.origin.wallTimeUs / 1000, Date.now() + MAX_AHEAD_MS)))
  return { key: alert.origin.hostId, value, timestamp: String(timeMs), headers: { 'alert-id': stableIdOf(alert) } }
}

function valueWriter(format: NonNullable<Settings['format']>): (alert: TopicAlert) => Buffer {
  if (format === 'avro') return ({ bytes }) => Buffer.from(bytes)
  const textOf = alertWriter(format)
  return ({ alert }) => Buffer.from(textOf(alert))
}

function kafkaConfigOf({ brokers, tls, isTls = false, mechanism = 'scram-sha-512', user, password }: Settings): KafkaConfig {
  return {
    brokers,
    ...(tls === undefined ? (isTls ? { tls: true } : {}) : { tls: tlsFilesOf(tls) }),
    ...(user === undefined || password === undefined
      ? {}
      : { sasl: { mechanism, username: user, password: readSecret(password).reveal() } }),
  }
}
