// The error of everything that keeps the live probes from running on this machine.
import { EunomiaError } from '../infra/process/errors.js'

/** Programs can't be loaded here; the message says what is missing and how to get it. */
export class ProbeUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PROBE_UNAVAILABLE'
}
