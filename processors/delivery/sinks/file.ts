// Sinks that write lines: to a file that is rotated by size, or to stdout. An alert is delivered when its line is written, or synced.
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { Type } from '../../../infra/config/json-shape.js'
import { ALERT_FORMATS, alertWriter, type AlertFormat } from '../../../schemas/alert-formats.js'
import { type AlertSink, defineAlertSink, type Outcome, type TopicAlert } from '../sink.js'

const MIB = 1024 * 1024
const BATCH = { alerts: 500, bytes: 4 * MIB }
const DELIVERED: Outcome = { kind: 'delivered' }

/** Default: the record of the topic as JSON. */
const FORMAT = Type.Optional(Type.Enum([...ALERT_FORMATS]))

/** Alerts to lines. */
function linesOf(format: AlertFormat = 'json'): (alerts: readonly TopicAlert[]) => string {
  const lineOf = alertWriter(format)
  return (alerts) => alerts.map(({ alert }) => `${lineOf(alert)}\n`).join('')
}

/** Settings of a file. */
interface FileConfig {
  readonly path: string
  readonly maxBytes: number
  readonly keep: number
  readonly sync: 'always' | 'none'
  readonly format: AlertFormat
}

interface OpenFile {
  readonly handle: FileHandle
  bytes: number
}

/** Writes alerts to a file. Only one instance of the program may have it. */
class FileSink implements AlertSink {
  readonly #config: FileConfig
  readonly #lines: (alerts: readonly TopicAlert[]) => string
  #file: OpenFile | undefined
  /** Jobs of several partitions write one after the other. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(config: FileConfig) {
    this.#config = config
    this.#lines = linesOf(config.format)
  }

  /** Opens the file while the process may; a failure shows at the first alert. */
  async open(): Promise<void> {
    await this.#opened().catch(() => undefined)
  }

  async send(alerts: readonly TopicAlert[]): Promise<readonly Outcome[]> {
    const write = this.#writing.catch(() => undefined).then(async () => await this.#write(alerts))
    this.#writing = write
    await write
    return alerts.map(() => DELIVERED)
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#file?.handle.close()
    this.#file = undefined
  }

  async #write(alerts: readonly TopicAlert[]): Promise<void> {
    const text = Buffer.from(this.#lines(alerts))
    let file = await this.#opened()
    if (file.bytes > 0 && file.bytes + text.length > this.#config.maxBytes) {
      await this.#rotate()
      file = await this.#opened()
    }
    const start = file.bytes
    try {
      let written = 0
      while (written < text.length) written += (await file.handle.write(text, written)).bytesWritten
      file.bytes += text.length
      if (this.#config.sync === 'always') await file.handle.datasync()
    } catch (error) {
      // A full disk must not leave half a line, to which the next one would be appended.
      await file.handle.truncate(start).catch(() => undefined)
      file.bytes = start
      throw error
    }
  }

  async #opened(): Promise<OpenFile> {
    if (this.#file !== undefined) return this.#file
    // Alerts name commands and paths of other users.
    const handle = await open(this.#config.path, 'a', 0o600)
    this.#file = { handle, bytes: (await handle.stat()).size }
    return this.#file
  }

  /** alerts.json -> alerts.json.1 -> alerts.json.2 -> ... */
  async #rotate(): Promise<void> {
    const { path, keep } = this.#config
    await this.#file?.handle.close()
    this.#file = undefined
    if (keep === 0) return await rm(path)
    for (let index = keep - 1; index >= 1; index--) {
      await rename(`${path}.${String(index)}`, `${path}.${String(index + 1)}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    }
    await rename(path, `${path}.1`)
  }
}

/** A file of JSON lines. */
export const FILE_SINK = defineAlertSink({
  kind: 'file',
  takes: 'alerts',
  isOrdered: true,
  batch: BATCH,
  settings: Type.Object(
    {
      path: Type.String({ minLength: 1 }),
      maxBytes: Type.Optional(Type.Integer({ minimum: 64 * 1024, maximum: 1024 * 1024 * MIB })),
      keep: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
      sync: Type.Optional(Type.Enum(['always', 'none'])),
      format: FORMAT,
    },
    { additionalProperties: false },
  ),
  create: async ({ path, maxBytes = 100 * MIB, keep = 10, sync = 'always', format = 'json' }) => {
    const sink = new FileSink({ path, maxBytes, keep, sync, format })
    await sink.open()
    return sink
  },
})

/** The standard output. */
export const STDOUT_SINK = defineAlertSink({
  kind: 'stdout',
  takes: 'alerts',
  isOrdered: true,
  batch: BATCH,
  settings: Type.Object({ format: FORMAT }, { additionalProperties: false }),
  create: ({ format }) => {
    const textOf = linesOf(format)
    return Promise.resolve({
      send: async (alerts) => {
        await new Promise<void>((resolve, reject) => {
          process.stdout.write(textOf(alerts), (error) => (error instanceof Error ? reject(error) : resolve()))
        })
        return alerts.map(() => DELIVERED)
      },
      close: () => Promise.resolve(),
    })
  },
})
