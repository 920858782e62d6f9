// Syslog by RFC 5424: over TLS or TCP with octet counting (RFC 5425, RFC 6587) on one connection, or over UDP. Syslog has no acknowledgements: an
// alert counts as delivered when this host's kernel took it, and what was on the way when a connection broke may be lost. A receiver that refuses a
// client certificate, or a balancer without a receiver, ends a connection shortly after it was made: the first batch waits for that.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { messageOf } from '../../../infra/process/errors.js'
import { pause } from '../../../infra/waiting/clock.js'
import { ALERT_FORMATS, alertWriter } from '../../../schemas/alert-formats.js'
import { ALERT_SEVERITY } from '../../../schemas/alert-severity.js'
import { isoMicroseconds } from '../../../schemas/alert-parts.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { ReceiverUnreachableError } from '../http/http-client.js'
import { TLS_SETTINGS, tlsFilesOf, tlsMistakesOf } from '../credentials/tls.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const TIMEOUT_MS = 30_000
const LOCAL0 = 16
/** A new connection must stay open for so long, or for as long as it took to make, before its first batch, and once more after it. */
const CALM_MS = 250
const MAX_DATAGRAM = 65_507

const SETTINGS = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Name or address of the receiver.' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    protocol: Type.Optional(
      Type.Enum(['tls', 'tcp', 'udp'], {
        default: 'tls',
        description: 'udp loses messages without notice, and takes none above 65,507 bytes.',
      }),
    ),
    tls: Type.Optional(TLS_SETTINGS),
    format: Type.Optional(Type.Enum([...ALERT_FORMATS], { default: 'cef', description: 'Body of a message.' })),
    facility: Type.Optional(Type.Integer({ minimum: 0, maximum: 23, default: LOCAL0, description: 'Facility; 16 is local0.' })),
    appName: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,48}$', default: 'eunomia', description: 'APP-NAME.' })),
    timeoutMs: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 600_000,
        default: TIMEOUT_MS,
        description: 'Longest time to connect, and to hand over a batch, milliseconds.',
      }),
    ),
  },
  { additionalProperties: false },
)
type Settings = Shaped<typeof SETTINGS>

export const SYSLOG_SINK = defineAlertSink({
  kind: 'syslog',
  takes: 'alerts',
  isOrdered: true,
  batch: { alerts: 500, bytes: 1 << 20 },
  settings: SETTINGS,
  mistakesOf: ({ tls, protocol = 'tls' }) => [
    ...tlsMistakesOf(tls),
    ...(tls !== undefined && protocol !== 'tls' ? ['tls needs protocol: tls'] : []),
  ],
  create: (settings) => Promise.resolve(settings.protocol === 'udp' ? new UdpSink(settings) : new StreamSink(settings)),
})

/** The function that writes messages. Header fields hold visible ASCII only; the body is one line in each format. */
function syslogWriter({ format = 'cef', facility = LOCAL0, appName = 'eunomia' }: Settings): (alert: Alert) => Buffer {
  const bodyOf = alertWriter(format)
  return (alert) => {
    const { hostName, wallTimeUs } = alert.origin
    const priority = facility * 8 + ALERT_SEVERITY[alert.priority].syslog
    const host = hostName.replace(/[^\x21-\x7e]/g, '_').slice(0, 255) || '-'
    return Buffer.from(`<${String(priority)}>1 ${isoMicroseconds(wallTimeUs)} ${host} ${appName} - alert - ${bodyOf(alert)}`)
  }
}

/** A connection that is made. */
interface Connection {
  readonly socket: Socket
  readonly calmMs: number
  /** It stayed open after a batch. */
  isProven: boolean
}

class StreamSink implements AlertSink {
  readonly #settings: Settings
  readonly #messageOf: (alert: Alert) => Buffer
  #connection: Promise<Connection> | null = null

  constructor(settings: Settings) {
    this.#settings = settings
    this.#messageOf = syslogWriter(settings)
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const frames = alerts.map(({ alert }) => {
      const message = this.#messageOf(alert)
      return Buffer.concat([Buffer.from(`${String(message.length)} `), message])
    })
    const connection = await this.#connected()
    signal.throwIfAborted()
    await this.#write(connection.socket, Buffer.concat(frames), signal)
    if (!connection.isProven) await this.#calm(connection)
    connection.isProven = true
    return alerts.map(() => ({ kind: 'delivered' }))
  }

  async close(): Promise<void> {
    const { socket } = (await this.#connection?.catch(() => null)) ?? {}
    if (socket === undefined || socket.destroyed) return
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.setTimeout(this.#timeoutMs, () => socket.destroy())
      socket.end()
    })
  }

  get #timeoutMs(): number {
    return this.#settings.timeoutMs ?? TIMEOUT_MS
  }

  async #connected(): Promise<Connection> {
    if (this.#connection !== null) return await this.#connection
    const forget = (): void => void (this.#connection === connection && (this.#connection = null))
    const connection = this.#connect(forget)
    this.#connection = connection
    return await connection
  }

  /** @param forget called when the connection takes no more */
  async #connect(forget: () => void): Promise<Connection> {
    const { host, port, tls, protocol = 'tls' } = this.#settings
    const isTls = protocol === 'tls'
    const socket = isTls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tlsFilesOf(tls) })
      : connectTcp({ host, port })
    // A receiver that closes its side would take no more: the next batch makes a new connection.
    socket.once('end', forget).once('close', forget)
    socket.resume()
    const startMs = performance.now()
    try {
      await settled(socket, isTls ? 'secureConnect' : 'connect', this.#timeoutMs)
    } catch (error) {
      socket.destroy()
      forget()
      throw this.#failure(error)
    }
    socket.on('error', forget)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
    const connection = { socket, calmMs: Math.max(CALM_MS, performance.now() - startMs), isProven: false }
    await this.#calm(connection)
    return connection
  }

  /** Resolves when the receiver has not ended the connection for a while. */
  async #calm({ socket, calmMs }: Connection): Promise<void> {
    const ended = new AbortController()
    const end = (): void => ended.abort()
    socket.once('end', end).once('close', end)
    const isOpen = !isOver(socket) && (await pause(calmMs, ended.signal))
    socket.removeListener('end', end).removeListener('close', end)
    if (!isOpen) throw this.#failure(endOf(socket))
  }

  /** Resolves when the kernel has all of it. */
  async #write(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
    if (isOver(socket)) throw this.#failure(endOf(socket))
    const end = (): void => void socket.destroy()
    let onClose = (): void => undefined
    signal.addEventListener('abort', end, { once: true })
    const timer = setTimeout(end, this.#timeoutMs)
    try {
      await new Promise<void>((resolve, reject) => {
        onClose = () => reject(endOf(socket))
        socket.once('close', onClose)
        socket.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)))
      })
    } catch (error) {
      throw this.#failure(error)
    } finally {
      clearTimeout(timer)
      socket.removeListener('close', onClose)
      signal.removeEventListener('abort', end)
    }
  }

  #failure(error: unknown): ReceiverUnreachableError {
    const { host, port } = this.#settings
    return new ReceiverUnreachableError(`${host}:${String(port)} can't be reached: ${messageOf(error)}`, { cause: error })
  }
}

/** The receiver takes no more. */
function isOver({ destroyed, readableEnded }: Socket): boolean {
  return destroyed || readableEnded
}

/** Why. */
function endOf({ errored }: Socket): Error {
  return errored ?? new Error('the receiver ended the connection')
}

/** Resolves with the event; rejects with an error of the socket, or when it is late. */
function settled(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no connection within ${String(timeoutMs)} ms`)), timeoutMs)
    socket.once(event, () => {
      clearTimeout(timer)
      resolve()
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}

class UdpSink implements AlertSink {
  readonly #settings: Settings
  readonly #messageOf: (alert: Alert) => Buffer
  readonly #sockets: Readonly<Record<'udp4' | 'udp6', UdpSocket>>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#messageOf = syslogWriter(settings)
    this.#sockets = { udp4: createSocket('udp4').unref(), udp6: createSocket('udp6').unref() }
  }

  async send(alerts: readonly TopicAlert[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = []
    for (const { alert } of alerts) {
      signal.throwIfAborted()
      outcomes.push(await this.#sendOne(this.#messageOf(alert)))
    }
    return outcomes
  }

  close(): Promise<void> {
    for (const socket of Object.values(this.#sockets)) socket.close()
    return Promise.resolve()
  }

  async #sendOne(message: Buffer): Promise<Outcome> {
    if (message.length > MAX_DATAGRAM)
      return { kind: 'refused', reason: 'too large for a datagram', answer: `${String(message.length)} bytes` }
    const { host, port } = this.#settings
    return await new Promise((resolve) => {
      this.#sockets[host.includes(':') ? 'udp6' : 'udp4'].send(message, port, host, (error) =>
        resolve(error === null ? { kind: 'delivered' } : { kind: 'retry', reason: error.message }),
      )
    })
  }
}
