// The only loader of the addon: opens a session with the kernel, or says what is missing on this machine.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { messageOf } from '../infra/errors.js'
import { packageRoot } from '../infra/package-root.js'
import type { Addon, AddonOptions } from './addon.js'
import type { KernelKnobs, KernelSession } from './kernel-session.js'
import { checkKnobs } from './knobs.js'
import { ProbeUnavailableError } from './probe-unavailable-error.js'
import { missingRequirements } from './requirements.js'
import { AddonKernelSession } from './session.js'

/** Where a session takes its parts from; for tests of other programs. */
export interface KernelSessionOptions {
  /** Compiled programs; default bpf/build/eunomia.bpf.o. */
  readonly objectPath?: string
  /** Bound of each map of sockets: connections, datagram sockets, flows. Default 65,536 (bpf/socket_history.bpf.h). */
  readonly socketEntries?: number
}

function optionsOf(knobs: KernelKnobs, objectPath: string, socketEntries = 65_536): AddonOptions {
  return {
    objectPath,
    rodata: {
      knob_args_bytes: knobs.argsBytes,
      knob_open_reads: Number(knobs.openReads),
      knob_open_argument: Number(knobs.openArgument),
      knob_ignored_pid: knobs.ignoredPid,
    },
    ringBytes: {
      ...{ security_ring: knobs.securityRingBytes, bulk_ring: knobs.bulkRingBytes },
      ...{ connections: socketEntries, datagram_sockets: socketEntries, flows: socketEntries },
    },
  }
}

function loadAddon(path: string): Addon {
  const load = createRequire(import.meta.url)
  return load(path) as Addon
}

/**
 * Loads the programs, attaches each on its own and maps the rings. Events flow from then on.
 * @throws ProbeUnavailableError (EUNOMIA_PROBE_UNAVAILABLE) when a requirement is missing, or no probe at all could be attached
 */
export function openKernelSession(knobs: KernelKnobs, options: KernelSessionOptions = {}): KernelSession {
  checkKnobs(knobs)
  const objectPath = options.objectPath ?? join(packageRoot(), 'bpf/build/eunomia.bpf.o')
  const addonPath = join(packageRoot(), 'native/build/Release/eunomia.node')
  const missing = missingRequirements(objectPath, addonPath)
  if (missing.length > 0) throw new ProbeUnavailableError(`live probes can't run: ${missing.join('; ')}`)
  let session: KernelSession
  try {
    session = new AddonKernelSession(new (loadAddon(addonPath).Session)(optionsOf(knobs, objectPath, options.socketEntries)))
  } catch (cause) {
    throw new ProbeUnavailableError(`live probes can't be loaded: ${messageOf(cause)}`, { cause })
  }
  if (session.probes.some((probe) => probe.isAttached)) return session
  session.close()
  const reasons = session.probes.map((probe) => `${probe.name}: ${probe.error ?? ''}`).join('; ')
  throw new ProbeUnavailableError(`no probe can be attached: ${reasons}`)
}
