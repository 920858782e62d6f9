// The base class of all our errors. Each area defines its classes next to the code that throws them, with a code from error-codes.ts.
// Retry decisions read `isRetryable` and nothing else; the command line reads `isUserMistake` for its exit status.
import type { ErrorCode } from './error-codes.js'

/** Flat facts of an error for logs: numbers, strings, booleans. Never a secret, never a whole event. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** Base class of expected errors. Any other error is a bug and is shown with its stack. */
export abstract class EunomiaError extends Error {
  static readonly code: ErrorCode
  /** The same call may succeed later without any change. */
  static readonly isRetryable: boolean = false
  /** A mistake of the user: one message, no stack, exit status 2. */
  static readonly isUserMistake: boolean = false
  readonly details: ErrorDetails

  /** @param message one sentence: what failed, and how to fix it */
  constructor(message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.details = options.details ?? {}
  }

  get code(): ErrorCode {
    return (this.constructor as typeof EunomiaError).code
  }
  get isRetryable(): boolean {
    return (this.constructor as typeof EunomiaError).isRetryable
  }
  get isUserMistake(): boolean {
    return (this.constructor as typeof EunomiaError).isUserMistake
  }
}

/** A wrong argument or flag on the command line. */
export class UsageError extends EunomiaError {
  static override readonly code = 'EUNOMIA_USAGE'
  static override readonly isUserMistake = true
}

/** The state folder can't be created, read or written: read-only, full, or owned by another user. */
export class StateFolderError extends EunomiaError {
  static override readonly code = 'EUNOMIA_STATE_FOLDER'
}

/** Another process listens on the requested port. */
export class PortInUseError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PORT_IN_USE'
}

/** True if a retry may help. */
export function isRetryable(error: unknown): boolean {
  return error instanceof EunomiaError && error.isRetryable
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A service of the local stack could not be prepared, started or stopped. */
export class StackFailedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_STACK_FAILED'
}
