// The rows of a hunt: alerts as text blocks, or a line for each, on standard output or into a file.
import { closeSync, openSync, writeSync } from 'node:fs'
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
  readonly #file: number
  readonly #text: (alert: Alert) => string

  /** @param wanted `output`: a file instead of standard output */
  constructor({ format, output }: RowWishes) {
    this.#file = output === undefined ? process.stdout.fd : openSync(output, 'w', 0o640)
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
    writeAll(this.#file, this.#text(alert))
  }

  close(): void {
    if (this.#file !== process.stdout.fd) closeSync(this.#file)
  }
}

/** A pipe that is full takes a part. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
