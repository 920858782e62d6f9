// Mail over SMTP: plain text, one mail per message of a group, the later ones as answers to the first. Nothing of an alert is a header but the
// subject, which is one line without control characters.
import { createTransport, type Transporter } from 'nodemailer'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { messageOf } from '../../../infra/process/errors.js'
import { orAborted } from '../../../infra/waiting/signals.js'
import { readSecret, SECRET } from '../credentials/secret.js'
import { TLS_SETTINGS, tlsFilesOf, tlsMistakesOf } from '../credentials/tls.js'
import { shownAnswer } from '../http/http-outcome.js'
import { defineMessageSink, type GroupMessage, type MessageOutcome, type MessageSink } from '../sink.js'
import { messageFacts, messageTitle } from './message-text.js'

const TIMEOUT_MS = 30_000
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
  create: (settings) => Promise.resolve(new EmailSink(settings)),
})

class EmailSink implements MessageSink {
  readonly #settings: Settings
  readonly #transport: Transporter

  constructor(settings: Settings) {
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
      await orAborted(
        this.#transport.sendMail(mail).then(() => undefined),
        signal,
      )
      signal.throwIfAborted()
      return { kind: 'delivered', thread: message.thread ?? id }
    } catch (error) {
      return failureOf(error)
    }
  }

  close(): Promise<void> {
    this.#transport.close()
    return Promise.resolve()
  }
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
