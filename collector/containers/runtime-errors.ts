// Errors of container runtimes: one kind, since whatever goes wrong (no socket, no answer, no sense in it) is mended by asking again later.
import { EunomiaError } from '../../infra/process/errors.js'

/** A runtime does not answer, or not in a form that can be used. `details.isAbsent`: there is no such socket, so the runtime may not be here at all. */
export class RuntimeUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RUNTIME_UNREACHABLE'
  static override readonly isRetryable = true
}

/** A socket that is not there, which is no outage of a runtime that was never here. */
export function isAbsence(error: unknown): boolean {
  if (error instanceof RuntimeUnreachableError) return error.details['isAbsent'] === true
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
