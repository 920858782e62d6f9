// Gathers errors and warnings while rule files are read and compiled. An error ends the item that it is about, not the load:
// a person sees all mistakes in one go.
import type { FilePlace } from './compiled-rule.js'
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

export class LoadReport {
  readonly errors: LoadError[] = []
  readonly warnings: LoadWarning[] = []
  /** Names of lists and macros whose definition failed: not knowing them is no second mistake. */
  readonly brokenNames = new Set<string>()

  error(code: LoadErrorCode, message: string, item: string | null, place: FilePlace): void {
    this.errors.push({ code, message, item, place })
  }
  warn(code: LoadWarningCode, message: string, item: string | null, place: FilePlace): void {
    this.warnings.push({ code, message, item, place })
  }

  /** Runs the work on one item; an ItemError is noted and ends it. True when it went through. */
  attempt(work: () => void): boolean {
    try {
      work()
      return true
    } catch (error) {
      if (!(error instanceof ItemError)) throw error
      this.error(error.code, error.message, error.item, error.place)
      return false
    }
  }
}
