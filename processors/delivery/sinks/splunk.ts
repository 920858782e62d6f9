// Splunk's HTTP Event Collector. A status of 200 only says that the events are in its memory; with indexer acknowledgement, an alert counts as
// delivered when Splunk says that it is indexed, and is sent again when it does not.
// @see https://help.splunk.com/en/splunk-enterprise/get-data-in (HTTP Event Collector, "About HTTP Event Collector Indexer Acknowledgment")
import { createHash, randomUUID } from 'node:crypto'
import { JsonShape, type Shaped, Type, WHOLE_NUMBER } from '../../../infra/config/json-shape.js'
import { pause } from '../../../infra/waiting/clock.js'
import { alertWriter } from '../../../schemas/alert-formats.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { HTTP_SETTINGS, type HttpAnswer, HttpClient, httpMistakesOf, TIMEOUT_MS } from '../http/http-client.js'
import { outcomeOf, parsedJson, shownAnswer } from '../http/http-outcome.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const FIRST_POLL_MS = 50
const LAST_POLL_MS = 2_000
/** What is not indexed within as many times of a request is sent again. */
const RESEND_AFTER = 4
/** Success; the others add that a queue, or the acknowledgements, will soon be full. */
const TAKEN_CODES: ReadonlySet<number | null> = new Set([0, 24, 25])
/** Codes of an answer about the events themselves: no data, a wrong format, no event field, an empty one, wrong fields. */
const CONTENT_CODES: ReadonlySet<number> = new Set([5, 6, 12, 13, 15])
const FORMATS = ['ocsf', 'ecs', 'json'] as const

const SETTINGS = Type.Object(
  {
    ...HTTP_SETTINGS,
    token: SECRET,
    format: Type.Optional(Type.Enum([...FORMATS], { default: 'ocsf', description: 'Body of an event.' })),
    index: Type.Optional(Type.String({ minLength: 1, description: 'Index; default: that of the token.' })),
    sourcetype: Type.Optional(Type.String({ minLength: 1, description: 'Default: eunomia:FORMAT.' })),
    source: Type.Optional(Type.String({ minLength: 1, default: 'eunomia', description: 'Source of the events.' })),
    acknowledge: Type.Optional(
      Type.Boolean({
        default: true,
        description: 'Wait until events are indexed, for at most timeoutMs; the token must have indexer acknowledgement.',
      }),
    ),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

const ANSWER = new JsonShape(Type.Object({ code: WHOLE_NUMBER, ackId: Type.Optional(WHOLE_NUMBER) }))
const ACKS = new JsonShape(Type.Object({ acks: Type.Record(Type.String(), Type.Boolean()) }))

export const SPLUNK_SINK = defineAlertSink({
  kind: 'splunk',
  takes: 'alerts',
  isOrdered: false,
  // A batch is held until it is indexed, which takes seconds.
  concurrency: 32,
  // Splunk refuses requests above 800 KB or so by default (max_content_length of limits.conf).
  batch: { alerts: 500, bytes: 256 << 10 },
  settings: SETTINGS,
  mistakesOf: httpMistakesOf,
  create: (settings) => Promise.resolve(new SplunkSink(settings)),
})

class SplunkSink implements AlertSink {
  readonly #client: HttpClient
  readonly #settings: Settings
  readonly #headers: Readonly<Record<string, string>>
  /** Acknowledgements belong to it. */
  readonly #channel = randomUUID()
  readonly #eventOf: (alert: Alert) => string
  /** Of batches that Splunk took and has not indexed, by a hash of the request; the oldest first. */
  readonly #waiting = new Map<string, { readonly ackId: number; readonly untilMs: number }>()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#client = new HttpClient(settings)
    this.#headers = {
      authorization: `Splunk ${readSecret(settings.token).reveal()}`,
      'x-splunk-request-channel': this.#channel,
      'content-type': 'application/json',
    }
    this.#eventOf = eventWriter(settings)
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const body = alerts.map(({ alert }) => this.#eventOf(alert)).join('\n')
    const outcome = await this.#sendOnce(body, signal)
    if (outcome.kind !== 'refused' || alerts.length === 1) return alerts.map(() => outcome)
    // One of them is too large, or wrong: find it.
    const half = Math.ceil(alerts.length / 2)
    return [...(await this.send(alerts.slice(0, half), signal)), ...(await this.send(alerts.slice(half), signal))]
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  /** A batch that Splunk has is not sent again: only its acknowledgement is asked for. */
  async #sendOnce(body: string, signal: AbortSignal): Promise<Outcome> {
    for (const [key, { untilMs }] of this.#waiting) if (untilMs <= performance.now()) this.#waiting.delete(key)
    const key = createHash('sha256').update(body).digest('base64')
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) return await this.#acknowledged(key, waiting.ackId, signal)
    const answer = await this.#client.send({ path: '/services/collector/event', headers: this.#headers, body }, signal)
    const taken = this.#outcomeOf(answer)
    if (typeof taken !== 'number') return taken
    this.#waiting.set(key, { ackId: taken, untilMs: performance.now() + RESEND_AFTER * (this.#settings.timeoutMs ?? TIMEOUT_MS) })
    return await this.#acknowledged(key, taken, signal)
  }

  async #acknowledged(key: string, ackId: number, signal: AbortSignal): Promise<Outcome> {
    if (!(await this.#isIndexed(ackId, signal))) return { kind: 'retry', reason: 'not indexed in time' }
    this.#waiting.delete(key)
    return { kind: 'delivered' }
  }

  /** @returns the id of the acknowledgement to wait for, or the outcome */
  #outcomeOf(answer: HttpAnswer): Outcome | number {
    const parsed = parsedJson(answer.body)
    const { code, ackId } = ANSWER.fits(parsed) ? parsed : { code: null }
    if (answer.status !== 200) {
      const outcome = outcomeOf(answer)
      // Such as a wrong index or a token without acknowledgement: nothing about the events.
      const isSetting = outcome.kind === 'refused' && answer.status === 400 && code !== null && !CONTENT_CODES.has(code)
      return isSetting ? { kind: 'retry', reason: `${outcome.reason}: ${shownAnswer(answer.body)}` } : outcome
    }
    if (!TAKEN_CODES.has(code)) return { kind: 'retry', reason: `no answer of an event collector: ${shownAnswer(answer.body)}` }
    if (this.#settings.acknowledge === false) return { kind: 'delivered' }
    return ackId ?? { kind: 'retry', reason: 'no ackId in the answer: the token needs indexer acknowledgement, or set acknowledge: false' }
  }

  /** Asks until Splunk says that the events are indexed, which it says once; false when the signal ends it. A failure to ask says nothing. */
  async #isIndexed(ackId: number, signal: AbortSignal): Promise<boolean> {
    for (let pauseMs = FIRST_POLL_MS; await pause(pauseMs, signal); pauseMs = Math.min(LAST_POLL_MS, pauseMs * 2)) {
      const path = `/services/collector/ack?channel=${this.#channel}`
      const request = { path, headers: this.#headers, body: JSON.stringify({ acks: [ackId] }) }
      const answer = await this.#client.send(request, signal).catch(() => null)
      const parsed = parsedJson(answer?.body ?? '')
      if (answer?.status === 200 && ACKS.fits(parsed) && parsed.acks[String(ackId)] === true) return true
    }
    return false
  }
}

function eventWriter({ format = 'ocsf', index, source = 'eunomia', sourcetype }: Settings): (alert: Alert) => string {
  const bodyOf = alertWriter(format)
  const fixed = { source, sourcetype: sourcetype ?? `eunomia:${format}`, ...(index === undefined ? {} : { index }) }
  return (alert) => {
    const { wallTimeUs, hostName } = alert.origin
    const facts = { time: wallTimeUs / 1e6, host: hostName, ...fixed, fields: { alert_id: stableIdOf(alert) } }
    return `${JSON.stringify(facts).slice(0, -1)},"event":${bodyOf(alert)}}`
  }
}
