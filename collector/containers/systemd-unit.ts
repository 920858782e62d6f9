// Resolves the systemd unit of a cgroup from its path: slices, then the unit, then what the unit creates.
// The unit name is the one that systemctl shows, with its escapes (`\x2d`): unescaped, different units could have the same name.
// @see systemd src/basic/cgroup-util.c cg_path_get_unit(), cg_path_get_user_unit()

/** Units of a cgroup; null if it belongs to none. */
export interface SystemdUnits {
  /** System unit: sshd.service, session-3.scope, user@1000.service, init.scope. */
  readonly unit: string | null
  /** Unit of the user's own systemd, if that runs the process. The user can choose any name. */
  readonly userUnit: string | null
}

/** For a cgroup without a unit. */
export const NO_UNITS: SystemdUnits = { unit: null, userUnit: null }
const UNIT = /^[A-Za-z0-9:_.\\@-]+\.(?:service|scope|socket|mount|swap)$/
const SLICE = /^[A-Za-z0-9:_.\\@-]+\.slice$/
const USER_MANAGER = /^user@[0-9]{1,10}\.service$/
/** UNIT_NAME_MAX, with the byte that systemd prepends to names reserved by the kernel. */
const MAX_NAME = 256
/** Deeper parts are not slices. */
const MAX_DEPTH = 64

/** @param path of the cgroup below the root of its hierarchy; null when it is not known */
export function systemdUnitsOf(path: string | null): SystemdUnits {
  if (path?.startsWith('/') !== true) return NO_UNITS
  const parts = path.slice(1).split('/', MAX_DEPTH).map(unescaped)
  const at = firstAfterSlices(parts, 0)
  const unit = unitAt(parts, at)
  if (unit === null) return NO_UNITS
  const userUnit = USER_MANAGER.test(unit) ? unitAt(parts, firstAfterSlices(parts, at + 1)) : null
  return { unit, userUnit }
}

/** cg_unescape(): a name that collides with a kernel file is prefixed with _. */
function unescaped(part: string): string {
  return part.startsWith('_') ? part.slice(1) : part
}

function firstAfterSlices(parts: readonly string[], start: number): number {
  let at = start
  while (isNamed(parts[at], SLICE)) at++
  return at
}

function unitAt(parts: readonly string[], at: number): string | null {
  const part = parts[at]
  return part !== undefined && isNamed(part, UNIT) ? part : null
}

function isNamed(part: string | undefined, form: RegExp): boolean {
  return part !== undefined && part.length <= MAX_NAME && !part.startsWith('.') && form.test(part)
}
