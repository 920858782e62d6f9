// A webhook: one signed POST per alert, by the Standard Webhooks specification. The id is the alert's, the same for each attempt, so that the
// receiver recognises a repeat.
// @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { createHmac } from 'node:crypto'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { UsageError } from '../../../infra/process/errors.js'
import { alertWriter } from '../../../schemas/alert-formats.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { HTTP_SETTINGS, HttpClient, httpMistakesOf } from '../http/http-client.js'
import { outcomeOf } from '../http/http-outcome.js'
import { jsonTemplate, templateMistakesOf } from '../http/json-template.js'
import { sendEach } from '../http/send-each.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const FORMATS = ['ocsf', 'ecs', 'json', 'template'] as const
const AT_ONCE = 16
const MIN_KEY_BYTES = 16
/** Set by the sink, or by the connection. */
const OWN_HEADERS = /^(webhook-.*|content-length|content-type|host|connection|transfer-encoding|authorization)$/i

const SETTINGS = Type.Object(
  {
    ...HTTP_SETTINGS,
    format: Type.Optional(
      Type.Enum([...FORMATS], {
        default: 'ocsf',
        description: 'Body: OCSF or ECS JSON, the record of the topic as JSON, or the template.',
      }),
    ),
    template: Type.Optional(
      Type.String({ maxLength: 65_536, description: 'JSON with places for values: {"text": "{{rule}} on {{origin.hostName}}"}.' }),
    ),
    secret: Type.Optional(SECRET),
    previousSecret: Type.Optional(SECRET),
    bearer: Type.Optional(SECRET),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_|~-]+$" }),
        Type.String({ pattern: '^[\\t\\x20-\\x7e]*$', concealed: 'a text in ASCII' }),
        {
          description: 'More headers, which are no secrets.',
          concealed: 'the names of headers with their values',
        },
      ),
    ),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

export const WEBHOOK_SINK = defineAlertSink({
  kind: 'webhook',
  takes: 'alerts',
  isOrdered: false,
  batch: { alerts: 64, bytes: 4 << 20 },
  settings: SETTINGS,
  mistakesOf: (settings) => [
    ...httpMistakesOf(settings),
    ...((settings.format === 'template') === (settings.template !== undefined) ? [] : ['format: template and template need each other']),
    ...(settings.template === undefined ? [] : templateMistakesOf(settings.template)),
    ...(settings.previousSecret !== undefined && settings.secret === undefined ? ['previousSecret needs secret'] : []),
    ...Object.keys(settings.headers ?? {}).flatMap((name) => (OWN_HEADERS.test(name) ? [`headers.${name} is set by the sink`] : [])),
  ],
  create: (settings) => Promise.resolve(new WebhookSink(settings)),
})

class WebhookSink implements AlertSink {
  readonly #client: HttpClient
  readonly #headers: Readonly<Record<string, string>>
  readonly #keys: readonly Buffer[]
  readonly #bodyOf: (alert: Alert) => string

  constructor(settings: Settings) {
    const { format = 'ocsf', template = '', secret, previousSecret, bearer, headers = {} } = settings
    this.#bodyOf = format === 'template' ? jsonTemplate(template) : alertWriter(format)
    this.#keys = [secret, previousSecret].filter((one) => one !== undefined).map((place) => keyOf(readSecret(place).reveal()))
    this.#headers = {
      ...headers,
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${readSecret(bearer).reveal()}` }),
    }
    this.#client = new HttpClient(settings)
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    return await sendEach(alerts, AT_ONCE, async ({ alert }) => {
      const body = this.#bodyOf(alert)
      const headers = { ...this.#headers, ...webhookHeaders(stableIdOf(alert), body, this.#keys, Date.now()) }
      return outcomeOf(await this.#client.send({ headers, body }, signal))
    })
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}

/** Id, time and a signature for each key; without keys, no signature. */
function webhookHeaders(id: string, body: string, keys: readonly Buffer[], nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`)
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  }
}

/** A key as the specification writes it: base64 after `whsec_`. @throws UsageError */
function keyOf(secret: string): Buffer {
  const base64 = secret.replace(/^whsec_/, '')
  const key = Buffer.from(base64, 'base64')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || key.length < MIN_KEY_BYTES) {
    throw new UsageError(`the secret of a webhook must be whsec_ and at least ${String(MIN_KEY_BYTES)} bytes in base64`)
  }
  return key
}
