// Bounds and defaults of the knobs of the BPF programs, checked before anything is loaded: the kernel would say EINVAL only.
import { ENVIRONMENT_NAMES_MAX } from './generated/layout.js'
import { ProbeUnavailableError } from './probe-unavailable-error.js'
import type { KernelKnobs } from './kernel-session.js'

/** What a session has when nothing else is asked for. @see KernelKnobs */
export const DEFAULT_KERNEL_KNOBS: KernelKnobs = {
  argsBytes: 8192,
  securityRingBytes: 8 << 20,
  bulkRingBytes: 16 << 20,
  openReads: true,
  openArgument: true,
  environmentNames: [],
  ignoredPid: 0,
}

/** A name has less than ENVIRONMENT_NAME_BYTES. */
const VARIABLE = /^(?:[A-Za-z0-9_.-]{1,63}|[A-Za-z0-9_.-]{0,62}\*)$/
const PAGE_BYTES = 4096
const MAX_RING_BYTES = 1 << 30

function isRingSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= PAGE_BYTES && bytes <= MAX_RING_BYTES && (bytes & (bytes - 1)) === 0
}

/** @throws ProbeUnavailableError (EUNOMIA_PROBE_UNAVAILABLE) that names every knob out of its bounds. */
export function checkKnobs(knobs: KernelKnobs): void {
  const wrong: string[] = []
  if (!Number.isInteger(knobs.argsBytes) || knobs.argsBytes < 256 || knobs.argsBytes > 65536) wrong.push('argsBytes must be 256..65536')
  for (const name of ['securityRingBytes', 'bulkRingBytes'] as const) {
    if (!isRingSize(knobs[name])) wrong.push(`${name} must be a power of two from ${PAGE_BYTES} to ${MAX_RING_BYTES}`)
  }
  if (!Number.isInteger(knobs.ignoredPid) || knobs.ignoredPid < 0) wrong.push('ignoredPid must be a process id or 0')
  if (knobs.environmentNames.length > ENVIRONMENT_NAMES_MAX) wrong.push(`environmentNames must be ${ENVIRONMENT_NAMES_MAX} at most`)
  for (const name of knobs.environmentNames) {
    if (!VARIABLE.test(name))
      wrong.push(`environmentNames: ${JSON.stringify(name)} must be a name of at most 63 characters, with * at its end only`)
  }
  if (wrong.length > 0) throw new ProbeUnavailableError(`kernel knobs: ${wrong.join('; ')}`)
}
