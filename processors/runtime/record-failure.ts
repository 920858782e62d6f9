// Why a record goes to the dead letters, in the words of its schema. Any error becomes one: ours with its code, everything else as a bug.
import type { ErrorCode } from '../../infra/process/error-codes.js'
import { EunomiaError, messageOf } from '../../infra/process/errors.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'

/** Longest message that is kept: it may quote hostile bytes. */
const MAX_MESSAGE_LENGTH = 2_000

/** Why one record can't be processed. */
export interface RecordFailure {
  readonly code: ErrorCode
  readonly message: string
  /** Path of the field that could not be read; null when it is not known. */
  readonly field: string | null
  /** How often the record was tried. */
  readonly attempts: number
}

/** What to tell of an error. */
export function failureOf(error: unknown, attempts: number): RecordFailure {
  const message = messageOf(error).slice(0, MAX_MESSAGE_LENGTH)
  return {
    code: error instanceof EunomiaError ? error.code : 'EUNOMIA_FUNCTION_FAILED',
    message,
    field: error instanceof RecordUnreadableError ? error.field : null,
    attempts,
  }
}
