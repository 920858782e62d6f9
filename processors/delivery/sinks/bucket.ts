// An S3-compatible bucket: an object per batch, JSON lines in gzip, named by partition and offsets. The same batch makes the same object; after a
// re-read, batches may overlap, and each line has the id of its alert.
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { messageOf } from '../../../infra/process/errors.js'
import { inSlices, type Steps } from '../../../infra/waiting/steps.js'
import { alertWriter } from '../../../schemas/alert-formats.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { SECRET } from '../credentials/secret.js'
import { TLS_SETTINGS, tlsMistakesOf } from '../credentials/tls.js'
import { ADDRESS, ReceiverUnreachableError } from '../http/http-client.js'
import { shownAnswer, statusText } from '../http/http-outcome.js'
import { s3ClientOf } from '../http/s3-client.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const compress = promisify(gzip)
const TIMEOUT_MS = 30_000
const PREFIX = 'eunomia/alerts'
const OFFSET_DIGITS = 20
const HASH_DIGITS = 12
/** Answers about the content. Most others with 400 are about credentials, clocks and connections, which somebody repairs. */
const CONTENT_ERRORS: ReadonlySet<string> = new Set(['EntityTooLarge', 'MaxMessageLengthExceeded'])

const SETTINGS = Type.Object(
  {
    bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$', description: 'Name of the bucket.' }),
    prefix: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9!_.*()/=-]{0,500}$', default: PREFIX, description: 'What names of objects begin with.' }),
    ),
    format: Type.Optional(Type.Enum(['json', 'ocsf', 'ecs'], { default: 'json', description: 'Lines of an object.' })),
    region: Type.Optional(Type.String({ pattern: '^[a-z0-9-]+$', default: 'us-east-1' })),
    endpoint: Type.Optional(
      Type.String({ ...ADDRESS, pattern: '^https?://[^\\s]+$', description: 'Address of a service that is not AWS.' }),
    ),
    pathStyle: Type.Optional(Type.Boolean({ default: false, description: 'The bucket is in the path, not in the name of the host.' })),
    accessKeyId: Type.Optional(SECRET),
    secretAccessKey: Type.Optional(SECRET),
    tls: Type.Optional(TLS_SETTINGS),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 600_000, default: TIMEOUT_MS, description: 'Longest time of a request, milliseconds.' }),
    ),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

export const BUCKET_SINK = defineAlertSink({
  kind: 'bucket',
  takes: 'alerts',
  isOrdered: false,
  batch: { alerts: 10_000, bytes: 16 << 20 },
  settings: SETTINGS,
  mistakesOf: ({ tls, accessKeyId, secretAccessKey }) => [
    ...tlsMistakesOf(tls),
    ...((accessKeyId === undefined) === (secretAccessKey === undefined) ? [] : ['accessKeyId and secretAccessKey need each other']),
  ],
  create: (settings) => Promise.resolve(new BucketSink(settings)),
})

class BucketSink implements AlertSink {
  readonly #client: S3Client
  readonly #settings: Settings
  readonly #lineOf: (alert: Alert) => string

  constructor(settings: Settings) {
    this.#settings = settings
    this.#lineOf = alertWriter(settings.format ?? 'json')
    this.#client = s3ClientOf(settings)
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes = new Map<number, Outcome>()
    for (const partition of new Set(alerts.map((alert) => alert.partition))) {
      const own = alerts.filter((alert) => alert.partition === partition)
      outcomes.set(partition, await this.#put(own, signal))
    }
    return alerts.map(({ partition }) => outcomes.get(partition) ?? { kind: 'retry', reason: 'not sent' })
  }

  close(): Promise<void> {
    this.#client.destroy()
    return Promise.resolve()
  }

  async #put(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<Outcome> {
    const { bucket, prefix = PREFIX } = this.#settings
    const lines: string[] = []
    await inSlices(this.#write(alerts, lines))
    const body = await compress(lines.join(''))
    try {
      const Key = objectNameOf(prefix, alerts)
      const facts = { ContentType: 'application/x-ndjson', ContentEncoding: 'gzip' }
      await this.#client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body, ...facts }), { abortSignal: signal })
      return { kind: 'delivered' }
    } catch (error) {
      return this.#failureOf(error)
    }
  }

  *#write(alerts: readonly TopicAlert[], lines: string[]): Steps<void> {
    for (const { alert } of alerts) {
      lines.push(`${this.#lineOf(alert)}\n`)
      yield
    }
  }

  #failureOf(error: unknown): Outcome {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
    const status = $metadata?.httpStatusCode
    const reason = shownAnswer(messageOf(error))
    if (status === undefined) throw new ReceiverUnreachableError(`the bucket can't be reached: ${reason}`)
    const text = statusText({ status, body: reason })
    // A proxy in between names no error.
    if (status === 413 || CONTENT_ERRORS.has(name ?? '')) return { kind: 'refused', reason: text, answer: `${name ?? ''}: ${reason}` }
    return { kind: 'retry', reason: `${text}: ${name ?? ''}: ${reason}` }
  }
}

/**
 * `PREFIX/partition=0/00000000000000000017-00000000000000000412.396.5c1e0a9d3b47.jsonl.gz`: first and last offset, how many of those between, and a
 * hash of all, so that no other batch has the name. The alert of `deliver test` is in no partition and must not take the name of a batch.
 */
function objectNameOf(prefix: string, alerts: readonly TopicAlert[]): string {
  const folder = prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`
  const { partition, alert } = alerts[0] ?? { partition: -1 }
  if (partition < 0) return `${folder}test/${alert === undefined ? 'none' : stableIdOf(alert)}.jsonl.gz`
  const offsets = alerts.map(({ offset }) => offset)
  const [from, to] = [Math.min(...offsets), Math.max(...offsets)].map((offset) => String(offset).padStart(OFFSET_DIGITS, '0'))
  const hash = createHash('sha256').update(offsets.join(' ')).digest('hex').slice(0, HASH_DIGITS)
  return `${folder}partition=${String(partition)}/${String(from)}-${String(to)}.${String(offsets.length)}.${hash}.jsonl.gz`
}
