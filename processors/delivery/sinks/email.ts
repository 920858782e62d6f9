// Mail over SMTP: plain text, one mail per message of a group, the later ones as answers to the first. Nothing of an alert is a header but the
// subject, which is one line without control characters.
import { createTransport, type Transporter } from 'nodemailer'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { messageOf } from '../../../infra/process/errors.js'
import type { Logger } from '../../../infra/process/logger.js'
import { pause } from '../../../infra/waiting/clock.js'
import { orAborted } from '../../../infra/waiting/signals.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { TLS_SETTINGS, tlsFilesOf, tlsMistakesOf } from '../credentials/tls.js'
import { shownAnswer } from '../http/http-outcome.js'
import { defineMessageSink, type GroupMessage, type MessageOutcome, type MessageSink, type SinkDeps } from '../sink.js'
import { messageFacts, messageTitle } from './message-text.js'

const TIMEOUT_MS = 30_000
/** Pauses before a mail is sent again to those only whom the server did not take yet, while others have it. */
const AGAIN_MS = [1_000, 4_000]
const ADDRESS = Type.String({ pattern: '^[^\\s@<>,;"]+@[A-Za-z0-9.-]+$', maxLength: 254 })

const SETTINGS = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Name or address of the mail server.' }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, default: 587 })),
    security: Type.Optional(
      Type.Enum(['starttls', 'tls', 'none'], { default: 'starttls', description: 'none sends mail and password in the clear.' }),
    ),
    tls: Type.Optional(TLS_SETTINGS),
    user: Type.Optional(Type.String({ minLength: 1, description: 'User, with password.' })),
    password: Type.Optional(SECRET),
    from: ADDRESS,
    to: Type.Array(ADDRESS, { minItems: 1, maxItems: 50 }),
    timeoutMs: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 600_000, default: TIMEOUT_MS, description: 'Longest time of a step, milliseconds.' }),
    ),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

export const EMAIL_SINK = defineMessageSink({
  kind: 'email',
  takes: 'messages',
  messagesPerSecond: 1,
  settings: SETTINGS,
  mistakesOf: ({ tls, user, password, security = 'starttls' }) => [
    ...tlsMistakesOf(tls),
    ...((user === undefined) === (password === undefined) ? [] : ['user and password need each other']),
    ...(tls !== undefined && security === 'none' ? ['tls needs security: starttls or tls'] : []),
  ],
  create: (settings, deps) => Promise.resolve(new EmailSink(settings, deps)),
})

class EmailSink implements MessageSink {
  readonly #settings: Settings
  readonly #transport: Transporter
  readonly #name: string
  readonly #log: Logger

  constructor(settings: Settings, { name, log }: SinkDeps) {
    this.#name = name
    this.#log = log
    const { host, port = 587, security = 'starttls', tls, user, password, timeoutMs = TIMEOUT_MS } = settings
    this.#settings = settings
    this.#transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: tlsFilesOf(tls),
      ...(user === undefined || password === undefined ? {} : { auth: { user, pass: readSecret(password).reveal() } }),
      ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  async notify(message: GroupMessage, signal: AbortSignal): Promise<MessageOutcome> {
    const { from, to } = this.#settings
    const id = mailIdOf(message.id, from)
    const mail = {
      ...{ from, to: [...to], subject: messageTitle(message), text: mailText(message), messageId: id },
      ...(message.thread === null ? {} : { inReplyTo: message.thread, references: message.thread }),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Eunomia-Group': message.groupId.replace(/[^0-9a-f]/g, '') },
    }
    try {
      const missed = await this.#missedBy(mail, mail.to, signal)
      const refusal = missed.length === 0 ? null : await this.#sendRest(mail, missed, signal)
      return refusal ?? { kind: 'delivered', thread: message.thread ?? id }
    } catch (error) {
      return failureOf(error)
    }
  }

  /** Sends to `to`. @returns recipients that the server did not take. @throws if it took none */
  async #missedBy(mail: object, to: readonly string[], signal: AbortSignal): Promise<readonly Missed[]> {
    let missed: readonly Missed[] = []
    const sending = this.#transport.sendMail({ ...mail, envelope: { from: this.#settings.from, to: [...to] } }).then((info) => {
      const { rejectedErrors = [] } = info as { readonly rejectedErrors?: readonly Missed[] }
      missed = rejectedErrors
    })
    await orAborted(sending, signal)
    signal.throwIfAborted()
    return missed
  }

  /** Others have the mail: it is sent again to the rest alone, and who is left then is a dead letter, so that nobody else waits for them. */
  async #sendRest(mail: object, first: readonly Missed[], signal: AbortSignal): Promise<MessageOutcome | null> {
    const left = new Map(first.map((one) => [one.recipient ?? '', one]))
    for (const ms of AGAIN_MS) {
      const later = [...left].flatMap(([to, { responseCode = 0 }]) => (responseCode < 500 ? [to] : []))
      if (later.length === 0 || !(await pause(ms, signal))) break
      const missed = await this.#missedBy(mail, later, signal).catch((error: unknown) => (error as RejectedMail).rejectedErrors ?? null)
      if (missed === null) continue
      for (const to of later) left.delete(to)
      for (const one of missed) left.set(one.recipient ?? '', one)
    }
    if (left.size === 0) return null
    const recipients = [...left.keys()]
    const answer = shownAnswer([...left.values()].map(messageOf).join('; '))
    this.#log.warn({ sink: this.#name, recipients, answer }, 'a mail did not reach all of its recipients')
    return { kind: 'refused', reason: `the mail server does not take ${recipients.join(', ')}; the others have the mail`, answer }
  }

  close(): Promise<void> {
    this.#transport.close()
    return Promise.resolve()
  }
}

/** A recipient that the server did not take, and its answer. */
interface Missed extends Error {
  readonly recipient?: string
  readonly responseCode?: number
}

/** It took none. */
interface RejectedMail {
  readonly rejectedErrors?: readonly Missed[]
}

/** A server that will never take the content of this mail says so with 5xx after DATA. */
function failureOf(error: unknown): MessageOutcome {
  const { responseCode = 0, command = '' } = error as { responseCode?: number; command?: string }
  const reason = shownAnswer(messageOf(error))
  return responseCode >= 500 && command === 'DATA'
    ? { kind: 'refused', reason: 'the mail server refuses the mail', answer: reason }
    : { kind: 'retry', reason }
}

function mailIdOf(id: string, from: string): string {
  return `<${id.replace(/[^A-Za-z0-9.-]/g, '_').slice(0, 150)}@${from.slice(from.indexOf('@') + 1)}>`
}

function mailText(message: GroupMessage): string {
  return `${messageTitle(message)}\n\n${messageFacts(message)
    .map(([name, text]) => `${name}: ${text}`)
    .join('\n')}\n`
}
