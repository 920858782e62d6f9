// The error of everything that keeps maps and links from being pinned; probes work without.
import { EunomiaError } from '../infra/process/errors.js'

/** Nothing can be pinned here; the message says why and how to mend it. */
export class PinsUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PINS_UNAVAILABLE'
}
