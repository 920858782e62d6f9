// Errors of container runtimes: one kind, since whatever goes wrong (no socket, no answer, no sense in it) is mended by asking again later.
import { EunomiaError } from '../../infra/errors.js'

/** A runtime does not answer, or not in a form that can be used. */
export class RuntimeUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RUNTIME_UNREACHABLE'
  static override readonly isRetryable = true
}
