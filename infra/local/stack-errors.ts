// What can go wrong with the services of this machine, told with the mend.
import { EunomiaError } from '../process/errors.js'

/** A service of the local stack could not be prepared or started, or did not stop. */
export class StackFailedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_STACK_FAILED'
}
