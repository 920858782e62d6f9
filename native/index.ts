// The only loader of the addons: opens a session with the kernel, or says what is missing on this machine.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import { packageRoot } from '../infra/process/package-root.js'
import type { Addon, AddonOptions, RegexAddon } from './addon.js'
import type { KernelKnobs, KernelSession } from './kernel-session.js'
import { checkKnobs } from './knobs.js'
import { ProbeUnavailableError } from './probe-unavailable-error.js'
import { missingRequirements } from './requirements.js'
import { AddonKernelSession } from './session.js'

/** Where a session takes its parts from; for tests of other programs. */
export interface KernelSessionOptions {
  /** Compiled programs; default bpf/build/eunomia.bpf.o. */
  readonly objectPath?: string
  /** Bound of each map of sockets: connections, datagram sockets, flows. Default 65,536 (bpf/network/socket_history.bpf.h). */
  readonly socketEntries?: number
  /** An empty folder in bpffs where maps and links are pinned, so that they outlive the process; default none. */
  readonly pins?: PinPlace
}

/** Where a session is pinned. */
export interface PinPlace {
  readonly folder: string
  /** How long after the last `renew` the programs only count, milliseconds. */
  readonly noReaderMs: number
}

/** Compiled programs of this build. */
export function defaultObjectPath(): string {
  return join(packageRoot(), 'bpf/build/eunomia.bpf.o')
}

const NO_PINS: PinPlace = { folder: '', noReaderMs: 0 }
const SOCKET_ENTRIES = 65_536

function optionsOf(
  knobs: KernelKnobs,
  objectPath: string,
  { socketEntries = SOCKET_ENTRIES, pins = NO_PINS }: KernelSessionOptions,
): AddonOptions {
  return {
    objectPath,
    rodata: {
      knob_args_bytes: knobs.argsBytes,
      knob_open_reads: Number(knobs.openReads),
      knob_open_argument: Number(knobs.openArgument),
      knob_environment: Number(knobs.environmentNames.length > 0),
    },
    environment: knobs.environmentNames.map((name) => (name.endsWith('*') ? name.slice(0, -1) : `${name}=`)),
    ringBytes: {
      ...{ security_ring: knobs.securityRingBytes, bulk_ring: knobs.bulkRingBytes },
      ...{ connections: socketEntries, datagram_sockets: socketEntries, flows: socketEntries },
    },
    pinFolder: pins.folder,
    isAdopted: false,
    ignoredPid: knobs.ignoredPid,
    noReaderMs: pins.noReaderMs,
  }
}

const load = createRequire(import.meta.url)

/** The compiled addon of the kernel: needs libbpf. */
export function loadAddon(): Addon {
  return load(addonPath('eunomia')) as Addon
}

/** The compiled addon of regular expressions: needs libre2. */
export function loadRegexAddon(): RegexAddon {
  const path = addonPath('regex')
  try {
    return load(path) as RegexAddon
  } catch (cause) {
    throw new RegexUnavailableError(`regular expressions can't be compiled: ${REGEX_NEEDS} (${messageOf(cause)})`, { cause })
  }
}

const REGEX_NEEDS = 'apt-get install libre2-dev g++ make (in an image, libre2-11 is enough), then npm run build'

/** The addon of regular expressions can't be loaded; the message says what it needs. */
export class RegexUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGEX_UNAVAILABLE'
}

function addonPath(name: 'eunomia' | 'regex'): string {
  return join(packageRoot(), `native/build/Release/${name}.node`)
}

/**
 * Takes over what an earlier process pinned in a folder: its programs run on, with the knobs that it had.
 * @throws ProbeUnavailableError when the pins are not all there, or not of this version
 */
export function openPinnedSet(options: PinPlace & { readonly objectPath: string; readonly ignoredPid: number }): KernelSession {
  const { folder: pinFolder, noReaderMs, objectPath, ignoredPid } = options
  try {
    const Session = loadAddon().Session
    return new AddonKernelSession(
      new Session({ objectPath, rodata: {}, ringBytes: {}, environment: [], pinFolder, isAdopted: true, ignoredPid, noReaderMs }),
      { isAdopted: true },
    )
  } catch (cause) {
    throw new ProbeUnavailableError(`pinned probes can't be taken over: ${messageOf(cause)}`, { cause })
  }
}

/**
 * Loads the programs, attaches each on its own and maps the rings. Events flow from then on.
 * @throws ProbeUnavailableError (EUNOMIA_PROBE_UNAVAILABLE) when a requirement is missing, or no probe at all could be attached
 */
export function openKernelSession(knobs: KernelKnobs, options: KernelSessionOptions = {}): KernelSession {
  checkKnobs(knobs)
  const objectPath = options.objectPath ?? defaultObjectPath()
  const missing = missingRequirements(objectPath, addonPath('eunomia'))
  if (missing.length > 0) throw new ProbeUnavailableError(`live probes can't run: ${missing.join('; ')}`)
  let session: KernelSession
  try {
    const addonSession = new (loadAddon().Session)(optionsOf(knobs, objectPath, options))
    session = new AddonKernelSession(addonSession, options.pins === undefined ? null : { isAdopted: false })
  } catch (cause) {
    throw new ProbeUnavailableError(`live probes can't be loaded: ${messageOf(cause)}`, { cause })
  }
  if (session.probes.some((probe) => probe.isAttached)) return session
  session.close()
  const reasons = session.probes.map((probe) => `${probe.name}: ${probe.error ?? ''}`).join('; ')
  throw new ProbeUnavailableError(`no probe can be attached: ${reasons}`)
}
