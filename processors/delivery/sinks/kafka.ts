// A Kafka topic in the cluster of the alerts, keyed by host: each batch is a transaction with the offset up to which alerts were copied, so that a
// repeat is recognised and no reader of committed records sees an alert twice.
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { ExactCopy, type CopyBatch, type CopyMark } from '../../../infra/kafka/exact-copy.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import { alertWriter } from '../../../schemas/alert-formats.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { TLS_SETTINGS, tlsFilesOf, tlsMistakesOf } from '../credentials/tls.js'
import { type AlertSink, defineAlertSink, type Outcome, type SinkDeps, type TopicAlert } from '../sink.js'

const MAX_MESSAGE_BYTES = 1_000_000
/** In the metadata of a commit, of at most 4,096 bytes. */
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

  /** What is not copied yet. Alerts that were refused can come again below the mark, when somebody redrives them. */
  #batchOf(alerts: readonly TopicAlert[], { nextOffset, metadata }: CopyMark, outcomes: Map<TopicAlert, Outcome>): CopyBatch | null {
    const refused = new Set(metadata === '' ? [] : metadata.split(' ').map(Number))
    const due = alerts.filter(({ offset }) => offset < 0 || offset >= nextOffset || refused.has(offset))
    if (due.length === 0) return null
    const messages = due.flatMap((item) => {
      const { alert, offset } = item
      const value = this.#valueOf(item)
      const isTooLarge = value.length > this.#maxBytes
      if (isTooLarge)
        outcomes.set(item, { kind: 'refused', reason: 'larger than maxMessageBytes', answer: `${String(value.length)} bytes` })
      if (isTooLarge && offset >= 0) refused.add(offset)
      else refused.delete(offset)
      const headers = { 'alert-id': stableIdOf(alert) }
      return isTooLarge ? [] : [{ key: alert.origin.hostId, value, timestamp: String(Math.floor(alert.origin.wallTimeUs / 1000)), headers }]
    })
    const next = due.reduce((highest, { offset }) => Math.max(highest, offset + 1), nextOffset)
    return { messages, mark: { nextOffset: next, metadata: [...refused].slice(-MAX_REFUSED).join(' ') } }
  }
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
