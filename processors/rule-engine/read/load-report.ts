// Collects the errors and warnings of a load, and what the errors exclude from the rule set. An error ends its item but not the load: one run reports all
// mistakes, and a bad rule never affects another.
import type { FilePlace } from './rule-file.js'
import type { LoadError, LoadErrorCode, LoadWarning, LoadWarningCode } from './diagnostics.js'

/** Ends the current item; the reader reports it and continues with the next item. */
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

/** Ends an item that depends on a broken one. The mistake is reported at its own place, not a second time. */
export class FollowOnError extends Error {
  readonly reported: LoadError

  constructor(reported: LoadError) {
    super(reported.message)
    this.reported = reported
  }
}

/** What mistakes exclude from a rule set: a rule, or a whole file if none of it can be read. */
export interface Quarantined {
  readonly kind: 'rule' | 'file'
  /** Name of a Falco rule, title of a Sigma rule, path of a file. */
  readonly name: string
  /** The mistake, or that of the broken macro or list that the rule uses. */
  readonly error: LoadError
}

/** Kinds of named items on which others depend. */
type NamedKind = 'list' | 'macro' | 'rule'

/** Most errors, and most warnings, that are reported. An item with an unreported error is excluded all the same. */
const MAX_REPORTED = 10_000
const TOO_MANY = `more than ${String(MAX_REPORTED)} mistakes: the others are not reported`

/** The report of one load. */
export class LoadReport {
  /** Each mistake once, in however many rules it occurs. */
  readonly errors: LoadError[] = []
  /** Number of all mistakes, including unreported ones. */
  noted = 0
  readonly warnings: LoadWarning[] = []
  readonly quarantined: Quarantined[] = []
  /** Items whose definition, or a change to it, failed, by name. What depends on them is excluded without a second error. */
  readonly broken: Readonly<Record<NamedKind, Map<string, LoadError>>> = { list: new Map(), macro: new Map(), rule: new Map() }
  readonly #reported = new Map<string, LoadError>()

  /** @returns the error, or an equal one that was reported before */
  error(code: LoadErrorCode, message: string, item: string | null, place: FilePlace): LoadError {
    const key = JSON.stringify([code, message, place.file, place.line, place.column])
    const known = this.#reported.get(key)
    if (known !== undefined) return known
    const error: LoadError = { code, message, item, place }
    this.noted++
    if (this.errors.length >= MAX_REPORTED) return error
    this.#reported.set(key, error)
    this.errors.push(this.errors.length < MAX_REPORTED - 1 ? error : { ...error, message: TOO_MANY, item: null })
    return error
  }
  warn(code: LoadWarningCode, message: string, item: string | null, place: FilePlace): void {
    if (this.warnings.length < MAX_REPORTED) this.warnings.push({ code, message, item, place })
  }

  /** Excludes a rule or a file from the set. */
  quarantine(kind: Quarantined['kind'], name: string, error: LoadError): void {
    this.quarantined.push({ kind, name, error })
  }

  /** Runs the work on one item; an ItemError ends it and is reported. @returns whether the work succeeded */
  attempt(work: () => void): boolean {
    return this.failureOf(work) === null
  }

  /** Like {@link attempt}. @returns the mistake that ended the work; null if it succeeded */
  failureOf(work: () => void): LoadError | null {
    try {
      work()
      return null
    } catch (error) {
      if (error instanceof FollowOnError) return error.reported
      if (!(error instanceof ItemError)) throw error
      return this.error(error.code, error.message, error.item, error.place)
    }
  }
}
