// The error of everything that keeps maps and links from being pinned; probes work without.
import { constants } from 'node:os'
import { EunomiaError } from '../infra/process/errors.js'

/** Nothing can be pinned here; the message says why and how to fix it. */
export class PinsUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PINS_UNAVAILABLE'

  /** Another collector of this host holds the pins: they work. */
  get isHeld(): boolean {
    return (this.cause as NodeJS.ErrnoException | undefined)?.errno === constants.errno.EWOULDBLOCK
  }
}
