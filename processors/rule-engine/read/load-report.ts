// Gathers errors and warnings while rule files are read and compiled, and what they keep out of the set. An error ends the item that it is
// about, not the load: a person sees all mistakes in one go, and a bad rule never hurts another.
import type { FilePlace } from './rule-file.js'
import type { LoadError, LoadErrorCode, LoadWarning, LoadWarningCode } from './diagnostics.js'

/** Ends the item that is being read; the reader notes it and goes on with the next. */
export class ItemError extends Error {
  readonly code: LoadErrorCode
  readonly item: string | null
  readonly place: FilePlace

  constructor(code: LoadErrorCode, message: string, item: string | null, place: FilePlace) {
    super(message)
    this.code = code
    this.item = item
    this.place = place
  }
}

/** Ends an item that rests on another one whose mistake was told where it stands: this is no second mistake. */
export class FollowOnError extends Error {
  readonly told: LoadError

  constructor(told: LoadError) {
    super(told.message)
    this.told = told
  }
}

/** What mistakes keep out of a rule set: a rule, or a whole file when nothing of it can be read. */
export interface Quarantined {
  readonly kind: 'rule' | 'file'
  /** Name of a Falco rule, title of a Sigma rule, path of a file. */
  readonly name: string
  /** The mistake; where the rule uses a broken macro or list, the mistake there. */
  readonly error: LoadError
}

/** Kinds of named items that others rest on. */
type NamedKind = 'list' | 'macro' | 'rule'

/** Most mistakes, and most warnings, that are kept; what has one that is not told is kept out all the same. */
const MAX_TOLD = 10_000
const TOO_MANY = `more than ${String(MAX_TOLD)} mistakes: the others are not told`

/** The report of one load. */
export class LoadReport {
  /** Each mistake once, however many rules it shows in. */
  readonly errors: LoadError[] = []
  /** Mistakes that were noted, also those that are not told any more. */
  noted = 0
  readonly warnings: LoadWarning[] = []
  readonly quarantined: Quarantined[] = []
  /** Items by name whose definition, or a change of it, failed: what rests on them is kept out, and not knowing them is no second mistake. */
  readonly broken: Readonly<Record<NamedKind, Map<string, LoadError>>> = { list: new Map(), macro: new Map(), rule: new Map() }
  readonly #told = new Map<string, LoadError>()

  /** @returns the error, or the same one that was told before */
  error(code: LoadErrorCode, message: string, item: string | null, place: FilePlace): LoadError {
    const key = JSON.stringify([code, message, place.file, place.line, place.column])
    const known = this.#told.get(key)
    if (known !== undefined) return known
    const error: LoadError = { code, message, item, place }
    this.noted++
    if (this.errors.length >= MAX_TOLD) return error
    this.#told.set(key, error)
    this.errors.push(this.errors.length < MAX_TOLD - 1 ? error : { ...error, message: TOO_MANY, item: null })
    return error
  }
  warn(code: LoadWarningCode, message: string, item: string | null, place: FilePlace): void {
    if (this.warnings.length < MAX_TOLD) this.warnings.push({ code, message, item, place })
  }

  /** Keeps a rule or a file out of the set. */
  quarantine(kind: Quarantined['kind'], name: string, error: LoadError): void {
    this.quarantined.push({ kind, name, error })
  }

  /** Runs the work on one item; an ItemError is noted and ends it. True when it went through. */
  attempt(work: () => void): boolean {
    return this.failureOf(work) === null
  }

  /** The same. @returns the mistake that ended it; null when it went through */
  failureOf(work: () => void): LoadError | null {
    try {
      work()
      return null
    } catch (error) {
      if (error instanceof FollowOnError) return error.told
      if (!(error instanceof ItemError)) throw error
      return this.error(error.code, error.message, error.item, error.place)
    }
  }
}
