// The rows of a hunt: alerts as text blocks, or a line for each, on standard output or into a file.
import { closeSync, openSync, writeSync } from 'node:fs'
import { messageOf, UsageError } from '../../infra/process/errors.js'
import type { AlertFormat } from '../../schemas/alert-formats.js'
import type { Alert } from '../../schemas/generated/types.js'
import { lineWriter } from '../alerts.js'
import { alertLines } from '../terminal/alert-text.js'
import { colorsFor, widthOf } from '../terminal/terminal-text.js'

/** How rows are written. */
export interface RowWishes {
  readonly format: AlertFormat | 'table'
  readonly output?: string
}

/** Writes the alerts in the wanted form, as they come. */
export class RowOutput {
  readonly #file: number | null
  readonly #text: (alert: Alert) => string

  /**
   * @param wanted `output`: a new file instead of standard output
   * @throws UsageError for a file that exists, or can't be written
   */
  constructor({ format, output }: RowWishes) {
    this.#file = output === undefined ? null : openNew(output)
    const stream = output === undefined ? process.stdout : { isTTY: false }
    if (format === 'table') {
      const [width, colors] = [widthOf(stream), colorsFor(stream)]
      this.#text = (alert) => `\n${alertLines(alert, width, colors, { nowMs: Date.now() }).join('\n')}\n`
    } else {
      const lineOf = lineWriter(format, stream.isTTY)
      this.#text = (alert) => `${lineOf(alert)}\n`
    }
  }

  write(alert: Alert): void {
    const text = this.#text(alert)
    if (this.#file === null) process.stdout.write(text)
    else writeAll(this.#file, text)
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o640)
  } catch (error) {
    throw new UsageError(`--output: ${messageOf(error)}`)
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
