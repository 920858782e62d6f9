// Errors and warnings about rule files, with code, place, what was expected and what is similar. The codes are Falco's.
import { EunomiaError } from '../../../infra/process/errors.js'
import type { FilePlace } from './rule-file.js'
/** Codes of errors: an item with an error is quarantined. docs/errors.md explains each code. */
export const LOAD_ERROR_CODES = [
  'LOAD_ERR_FILE_READ',
  'LOAD_ERR_YAML_PARSE',
  'LOAD_ERR_YAML_VALIDATE',
  'LOAD_ERR_COMPILE_CONDITION',
  'LOAD_ERR_COMPILE_OUTPUT',
  'LOAD_ERR_VALIDATE',
] as const
/** One of {@link LOAD_ERROR_CODES}. */
export type LoadErrorCode = (typeof LOAD_ERROR_CODES)[number]

/** Codes of warnings: an item with a warning is loaded. docs/errors.md explains each code. */
export const LOAD_WARNING_CODES = [
  'LOAD_UNKNOWN_SOURCE',
  'LOAD_NO_EVTTYPE',
  'LOAD_UNKNOWN_FILTER',
  'LOAD_UNUSED_MACRO',
  'LOAD_UNUSED_LIST',
  'LOAD_UNKNOWN_ITEM',
  'LOAD_UNKNOWN_KEY',
  'LOAD_DEPRECATED_ITEM',
  'LOAD_APPEND_NO_VALUES',
  'LOAD_EXCEPTION_NAME_NOT_UNIQUE',
  'LOAD_INVALID_MACRO_NAME',
  'LOAD_INVALID_LIST_NAME',
  'LOAD_COMPILE_CONDITION',
  'LOAD_PARTLY_EVALUATED',
  'LOAD_UNKNOWN_RULE',
  'LOAD_FILTER_NOT_APPLIED',
  'LOAD_EMPTY_PATTERN',
] as const
/** One of {@link LOAD_WARNING_CODES}. */
export type LoadWarningCode = (typeof LOAD_WARNING_CODES)[number]

/** One error or warning. `item` is the rule, macro, list or exception that it concerns. */
export interface Diagnostic<Code extends string = LoadErrorCode | LoadWarningCode> {
  readonly code: Code
  readonly message: string
  readonly item: string | null
  readonly place: FilePlace
}
/** An error. */
export type LoadError = Diagnostic<LoadErrorCode>
/** A warning. */
export type LoadWarning = Diagnostic<LoadWarningCode>

/** Rules could not be loaded. The message has one line for each error. */
export class RulesInvalidError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RULES_INVALID'
  static override readonly isUserMistake = true
  readonly errors: readonly LoadError[]

  constructor(errors: readonly LoadError[]) {
    const shown = errors.slice(0, MAX_SHOWN).map(diagnosticText)
    const rest = errors.length - shown.length
    super([...shown, ...(rest > 0 ? [`... and ${String(rest)} more`] : [])].join('\n'), { details: { errors: errors.length } })
    this.errors = errors
  }
}

const MAX_SHOWN = 50

/** `FILE:LINE:COLUMN: 'NAME': MESSAGE (CODE)`, or `FILE: MESSAGE` for a file that can't be read. */
export function diagnosticText({ code, message, item, place }: Diagnostic<string>): string {
  if (code === 'LOAD_ERR_FILE_READ') return `${place.file}: ${message}`
  const where = `${place.file}:${String(place.line)}:${String(place.column)}`
  return `${where}: ${item === null ? '' : `'${item}': `}${message} (${code})`
}
