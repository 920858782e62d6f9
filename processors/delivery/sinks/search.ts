// Elasticsearch and OpenSearch: ECS documents by `_bulk` with `create` and the alert id as `_id`, so that a repeat is recognised (409). Each item
// of an answer counts for itself.
import { JsonShape, type Shaped, Type } from '../../../infra/config/json-shape.js'
import { alertWriter } from '../../../schemas/alert-formats.js'
import { stableIdOf } from '../../../schemas/alert-parts.js'
import { indexTemplateOf, type SearchEngine } from '../../../schemas/ecs/index-template.js'
import { HTTP_SETTINGS, type HttpAnswer, HttpClient, httpMistakesOf } from '../http/http-client.js'
import { outcomeOf, parsedJson, shownAnswer, statusText } from '../http/http-outcome.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { type AlertSink, type AlertSinkKind, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const INDEX = 'eunomia-alerts'
/** Of a whole batch with an error for each item. */
const MAX_ANSWER_BYTES = 8 << 20
/** Types of errors about a document. Others with status 400 are about the index or the cluster, as index_closed_exception. */
const DOCUMENT_ERRORS: ReadonlySet<string> = new Set([
  'document_parsing_exception',
  'illegal_argument_exception',
  'json_parse_exception',
  'mapper_parsing_exception',
  'parsing_exception',
  'strict_dynamic_mapping_exception',
  'x_content_parse_exception',
])
/** Reasons of an illegal_argument_exception that are about the index. Only their beginning counts: others may hold text of the alert. */
const INDEX_REASON = /^(no write index is defined for alias|only write ops with an op_type of create|pipeline with id )/
const FILTER = 'filter_path=items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason'

const SETTINGS = Type.Object(
  {
    ...HTTP_SETTINGS,
    index: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9._-]{0,200}$',
        default: INDEX,
        description: 'Index, alias or data stream that takes the alerts.',
      }),
    ),
    dataStream: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'The index is a data stream. A repeat is then recognised within one backing index only.',
      }),
    ),
    template: Type.Optional(
      Type.Boolean({ default: true, description: 'Put the index template of ECS there, with the name of the index.' }),
    ),
    user: Type.Optional(Type.String({ minLength: 1, description: 'User, with password.' })),
    password: Type.Optional(SECRET),
    apiKey: Type.Optional(SECRET),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

const ITEM = Type.Object({
  status: Type.Integer(),
  error: Type.Optional(
    Type.Object({
      type: Type.Optional(Type.String()),
      reason: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      caused_by: Type.Optional(Type.Object({ reason: Type.Optional(Type.Union([Type.String(), Type.Null()])) })),
    }),
  ),
})
const ITEM_SHAPE = new JsonShape(ITEM)
const ANSWER = new JsonShape(Type.Object({ items: Type.Array(Type.Object({ create: ITEM })) }))
type Item = Shaped<typeof ITEM>

function kindOf(engine: SearchEngine): AlertSinkKind<typeof SETTINGS> {
  return defineAlertSink({
    kind: engine,
    takes: 'alerts',
    isOrdered: false,
    batch: { alerts: 1_000, bytes: 4 << 20 },
    settings: SETTINGS,
    mistakesOf: (settings) => [
      ...httpMistakesOf(settings),
      ...((settings.user === undefined) === (settings.password === undefined) ? [] : ['user and password need each other']),
      ...(settings.user !== undefined && settings.apiKey !== undefined ? ['user and apiKey exclude each other'] : []),
    ],
    create: (settings) => Promise.resolve(new SearchSink(engine, settings)),
  })
}

export const ELASTICSEARCH_SINK = kindOf('elasticsearch')
export const OPENSEARCH_SINK = kindOf('opensearch')

class SearchSink implements AlertSink {
  readonly #client: HttpClient
  readonly #headers: Readonly<Record<string, string>>
  readonly #index: string
  readonly #template: string | null
  readonly #documentOf = alertWriter('ecs')
  #isTemplateThere: boolean

  constructor(engine: SearchEngine, settings: Settings) {
    const { index = INDEX, dataStream = false, template = true } = settings
    this.#client = new HttpClient(settings)
    this.#headers = authorizationOf(settings)
    this.#index = index
    this.#template = template ? JSON.stringify(indexTemplateOf({ engine, index, isDataStream: dataStream })) : null
    this.#isTemplateThere = !template
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const failure = await this.#putTemplate(signal)
    if (failure !== null) return alerts.map(() => failure)
    return await this.#sendBulk(alerts, signal)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async #putTemplate(signal: AbortSignal): Promise<Outcome | null> {
    if (this.#isTemplateThere || this.#template === null) return null
    const answer = await this.#client.send(
      {
        method: 'PUT',
        path: `/_index_template/${this.#index}`,
        headers: { ...this.#headers, 'content-type': 'application/json' },
        body: this.#template,
      },
      signal,
    )
    this.#isTemplateThere = answer.status < 300
    // What the alerts hold has no part in it, so none of them is refused.
    return this.#isTemplateThere ? null : { kind: 'retry', reason: `the index template: ${statusText(answer)} ${shownAnswer(answer.body)}` }
  }

  async #sendBulk(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const answer = await this.#client.send(
      {
        path: `/${this.#index}/_bulk?${FILTER}`,
        headers: { ...this.#headers, 'content-type': 'application/x-ndjson' },
        body: alerts.map(({ alert }) => `{"create":{"_id":"${stableIdOf(alert)}"}}\n${this.#documentOf(alert)}\n`).join(''),
        maxAnswerBytes: MAX_ANSWER_BYTES,
      },
      signal,
    )
    if (answer.status === 200) return itemOutcomes(answer, alerts.length)
    const parsed = parsedJson(answer.body)
    const outcome = answer.status === 400 && ITEM_SHAPE.fits(parsed) ? itemOutcome(parsed) : outcomeOf(answer)
    if (outcome.kind !== 'refused' || alerts.length === 1) return alerts.map(() => outcome)
    // One of them is too large, or breaks the request: find it.
    const half = Math.ceil(alerts.length / 2)
    return [...(await this.#sendBulk(alerts.slice(0, half), signal)), ...(await this.#sendBulk(alerts.slice(half), signal))]
  }
}

function authorizationOf({ user, password, apiKey }: Settings): Readonly<Record<string, string>> {
  if (apiKey !== undefined) return { authorization: `ApiKey ${readSecret(apiKey).reveal()}` }
  if (user === undefined || password === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${user}:${readSecret(password).reveal()}`).toString('base64')}` }
}

/** What is missing in the answer is sent again. */
function itemOutcomes({ body }: HttpAnswer, count: number): Outcome[] {
  const parsed = parsedJson(body)
  const items = ANSWER.fits(parsed) ? parsed.items : []
  return Array.from({ length: count }, (_, index) => {
    const item = items[index]
    return item === undefined ? { kind: 'retry', reason: 'the answer has no status for it' } : itemOutcome(item.create)
  })
}

/** 409: a document with this id is there already. */
function itemOutcome({ status, error }: Item): Outcome {
  if (status === 409) return { kind: 'delivered' }
  const reasons = [error?.type, error?.reason, error?.caused_by?.reason].filter((one) => one !== undefined && one !== null)
  const body = reasons.join(': ')
  const isAboutDocument = error?.type === undefined || (DOCUMENT_ERRORS.has(error.type) && !INDEX_REASON.test(error.reason ?? ''))
  if (status === 400 && !isAboutDocument) return { kind: 'retry', reason: `status 400: ${shownAnswer(body)}` }
  return outcomeOf({ status, body })
}
