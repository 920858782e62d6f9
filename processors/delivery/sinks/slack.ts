// Slack: a message per group, its summaries in the thread of it (with a bot token; an incoming webhook has no threads). Everything of an alert is
// plain text with Slack's three special characters escaped, so that it mentions nobody and links nowhere.
// @see https://docs.slack.dev/messaging/formatting-message-text
import { JsonShape, type Shaped, Type } from '../../../infra/config/json-shape.js'
import { UsageError } from '../../../infra/process/errors.js'
import { readSecret, SECRET, type Secret } from '../credentials/secret.js'
import { ADDRESS, HTTP_SETTINGS, type HttpAnswer, HttpClient, httpMistakesOf } from '../http/http-client.js'
import { outcomeOf, parsedJson } from '../http/http-outcome.js'
import { jsonText } from '../../../schemas/alert-formats.js'
import { defineMessageSink, type GroupMessage, type MessageOutcome, type MessageSink } from '../sink.js'
import { messageFacts, messageTitle } from './message-text.js'

const API = 'https://slack.com/api'
/** Bounds of a text in a block, of which a message may have 50, and of a fact in it. */
const MAX_BLOCK_CHARS = 2_900
const MAX_FACT_CHARS = 600
/** Answers of the API about the content of a message. */
const CONTENT_ERRORS: ReadonlySet<string> = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_too_long',
  'msg_blocks_too_long',
  'no_text',
])

const SETTINGS = Type.Object(
  {
    ...HTTP_SETTINGS,
    url: Type.Optional(Type.String({ ...ADDRESS, default: API, description: 'Address of the API.' })),
    token: Type.Optional(SECRET),
    channel: Type.Optional(Type.String({ minLength: 1, description: 'Id of the channel, with token.' })),
    webhook: Type.Optional(SECRET),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

const ANSWER = new JsonShape(Type.Object({ ok: Type.Boolean(), ts: Type.Optional(Type.String()), error: Type.Optional(Type.String()) }))

export const SLACK_SINK = defineMessageSink({
  kind: 'slack',
  takes: 'messages',
  messagesPerSecond: 1,
  settings: SETTINGS,
  mistakesOf: (settings) => [
    ...httpMistakesOf({ ...settings, url: settings.url ?? API }),
    ...((settings.token === undefined) === (settings.channel === undefined) ? [] : ['token and channel need each other']),
    ...((settings.token === undefined) === (settings.webhook === undefined) ? ['set either token and channel, or webhook'] : []),
  ],
  create: (settings) => Promise.resolve(new SlackSink(settings)),
})

class SlackSink implements MessageSink {
  readonly #client: HttpClient
  readonly #channel: string | null
  readonly #headers: Readonly<Record<string, string>>

  constructor({ token, channel, webhook, ...settings }: Settings) {
    this.#client = new HttpClient({ ...settings, url: webhook === undefined ? (settings.url ?? API) : addressOf(readSecret(webhook)) })
    this.#channel = channel ?? null
    this.#headers = {
      'content-type': 'application/json; charset=utf-8',
      ...(token === undefined ? {} : { authorization: `Bearer ${readSecret(token).reveal()}` }),
    }
  }

  async notify(message: GroupMessage, signal: AbortSignal): Promise<MessageOutcome> {
    const isApi = this.#channel !== null
    const place = isApi ? { channel: this.#channel, ...(message.thread === null ? {} : { thread_ts: message.thread }) } : {}
    const body = jsonText({ ...place, ...slackMessage(message) })
    const path = isApi ? { path: '/chat.postMessage' } : {}
    const answer = await this.#client.send({ ...path, headers: this.#headers, body }, signal)
    return isApi && answer.status === 200 ? apiOutcome(answer, message) : outcomeOf(answer)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}

/** The address of an incoming webhook is a secret, which no message may show. */
function addressOf(secret: Secret): string {
  const url = secret.reveal()
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw new UsageError('the secret webhook of a Slack sink must be an address of http or https')
  return url
}

/** The API says in the body what it refuses. */
function apiOutcome({ body, afterMs }: HttpAnswer, { thread }: GroupMessage): MessageOutcome {
  const parsed = parsedJson(body)
  if (!ANSWER.fits(parsed)) return { kind: 'retry', reason: 'no answer of the API of Slack' }
  const { ok, ts, error = 'unknown error' } = parsed
  if (ok) {
    const opened = thread ?? ts
    return { kind: 'delivered', ...(opened === undefined ? {} : { thread: opened }) }
  }
  if (CONTENT_ERRORS.has(error)) return { kind: 'refused', reason: 'Slack refuses the message', answer: error }
  return { kind: 'retry', reason: `Slack: ${error.slice(0, 100)}`, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** The message without its place. */
function slackMessage(message: GroupMessage): object {
  const title = escaped(messageTitle(message), MAX_BLOCK_CHARS)
  const facts = messageFacts(message).map(([name, text]) => escaped(`${name}: ${text}`, MAX_FACT_CHARS))
  const block = (text: string): object => ({ type: 'section', text: { type: 'plain_text', text, emoji: false } })
  return {
    text: title,
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [title, ...blockTexts(facts)].map(block),
  }
}

/** As many lines in a block as it takes: what an alert holds never cuts off what follows it. */
function blockTexts(lines: readonly string[]): string[] {
  const texts: string[] = []
  for (const line of lines) {
    const last = texts.at(-1)
    if (last === undefined || last.length + 1 + line.length > MAX_BLOCK_CHARS) texts.push(line)
    else texts[texts.length - 1] = `${last}\n${line}`
  }
  return texts
}

/** Cut before it is escaped, and again so that no escape is cut. */
function escaped(text: string, chars: number): string {
  let result = ''
  for (const character of text) {
    const next = character === '&' ? '&amp;' : character === '<' ? '&lt;' : character === '>' ? '&gt;' : character
    if (result.length + next.length > chars) return `${result}...`
    result += next
  }
  return result
}
