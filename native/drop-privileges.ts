// Gives up, in every thread of this process and for good, what it may do beyond its needs (native/src/process/privileges.cc).
import { capabilitiesText } from '../infra/process/capability-names.js'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import { heldPrivileges, without, type Privileges } from './held-privileges.js'
import { loadAddon } from './index.js'

/** Privileges could not be given up; some threads may have done so. */
export class PrivilegesError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PRIVILEGES'
}

/**
 * Leaves the capabilities of `keep` that are held, and no way to others: not by inheritance, not by programs that are started.
 * From then on the process is not dumped, and not traced by others of its user.
 * @returns what is held now, as the kernel tells it
 * @throws PrivilegesError (EUNOMIA_PRIVILEGES) when the kernel refuses, or a thread still holds more
 */
export function dropPrivileges(keep: number): Privileges {
  try {
    loadAddon().dropPrivileges(BigInt(keep))
  } catch (cause) {
    throw new PrivilegesError(`privileges can't be given up: ${messageOf(cause)}`, { cause })
  }
  const held = heldPrivileges()
  const { permitted, effective, inheritable, ambient, noNewPrivileges } = held
  const excess = without(permitted, keep) || without(effective, keep) || inheritable || ambient
  if (excess === 0 && noNewPrivileges) return held
  throw new PrivilegesError(`privileges are still held: ${capabilitiesText(excess) || 'programs that are started can get new ones'}`)
}
