// Where views go: over the last one on a terminal, one after the other on a pipe.
import type { Writable } from 'node:stream'

const ESCAPE = '\u001b['
/** A name may hold characters that are wider than one column: no line goes on in the next, so that the cursor finds back. */
const NO_WRAP = `${ESCAPE}?7l`
const WRAP = `${ESCAPE}?7h`

/** Draws. */
export class TopScreen {
  readonly #output: Writable
  readonly #isTerminal: boolean
  #drawn = 0

  constructor(output: Writable & { readonly isTTY?: boolean }) {
    this.#output = output
    this.#isTerminal = output.isTTY === true
  }

  /** Shows these lines. @returns false when the reader is slow: wait for `drain` */
  draw(lines: readonly string[]): boolean {
    const text = lines.map((line) => `${line}\n`).join('')
    if (!this.#isTerminal) {
      // An empty line between two tables.
      return this.#output.write(this.#drawn++ === 0 ? text : `\n${text}`)
    }
    const back = this.#drawn === 0 ? '' : `${ESCAPE}${String(this.#drawn)}F${ESCAPE}J`
    this.#drawn = lines.length
    return this.#output.write(`${NO_WRAP}${back}${text}${WRAP}`)
  }
}
