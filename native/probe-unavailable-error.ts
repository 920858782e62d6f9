// The error of everything that keeps the live probes from running on this machine.
import { constants } from 'node:os'
import { EunomiaError } from '../infra/process/errors.js'

/** Programs can't be loaded here; the message says what is missing and how to get it. */
export class ProbeUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PROBE_UNAVAILABLE'

  /** The kernel refused it for want of privileges. */
  get isForbidden(): boolean {
    const errno = (this.cause as NodeJS.ErrnoException | undefined)?.errno
    return errno === constants.errno.EPERM || errno === constants.errno.EACCES
  }
}
