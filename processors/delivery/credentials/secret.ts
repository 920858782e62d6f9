// Secrets of sinks: named in the settings by a file or a variable of the environment, read once, and never printed.
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { messageOf, UsageError } from '../../../infra/process/errors.js'

/** Where a secret is. */
export const SECRET = Type.Union(
  [
    Type.Object({ file: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
    Type.Object({ env: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
  ],
  { concealed: '{file: PATH} or {env: NAME}' },
)

const MASK = '********'
const MAX_BYTES = 64 * 1024

/** A secret that logs, errors and JSON show masked. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The secret itself: only for what is sent to the receiver. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}

/** Reads a secret; of a file, without the line break at its end. @throws UsageError that names the place, not the secret */
export function readSecret(place: Shaped<typeof SECRET>, environment: NodeJS.ProcessEnv = process.env): Secret {
  if ('env' in place) {
    const text = environment[place.env]
    if (text === undefined || text === '') throw new UsageError(`the variable ${place.env}, which a sink needs, is not set`)
    return new Secret(text)
  }
  let text: string
  try {
    text = readFileSync(place.file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new UsageError(`the file ${place.file} with a secret of a sink can't be read: ${messageOf(error)}`, { cause: error })
  }
  if (text === '' || text.length > MAX_BYTES) throw new UsageError(`the file ${place.file} must hold one secret: it is empty or too large`)
  return new Secret(text)
}
