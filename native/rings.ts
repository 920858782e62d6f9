// A session with the kernel: programs loaded and attached one by one, two mapped rings, counters, the running processes. Knows spans of the bytes of
// bpf/record/event.h, never their meaning.
import { release } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../infra/process/errors.js'
import { readMountInfo, rootMountOf } from '../infra/process/mount-info.js'
import { packageRoot } from '../infra/process/package-root.js'
import type { AddonOptions, AddonSession, CpuCounters, ProbeState } from './addon.js'
import { addonPath, loadAddon } from './index.js'
import { AddonKernelControl, checkKnobs, type KernelControl, type KernelKnobs } from './kernel-control.js'
import { missingRequirements, ProbeUnavailableError, withKernelNeed } from './requirements.js'

/** Committed records between two positions of a ring. Offsets are into `Ring.bytes`; positions count from the ring's creation. */
export interface RingSpan {
  /** Offset of the first record header in `Ring.bytes`. */
  startOffset: number
  /** Offset after the last committed record; may be in the second mapping, so records never wrap. */
  endOffset: number
  /** Position after the last committed record; `ack(endPosition)` frees the whole span. */
  endPosition: number
  /** Bytes that the kernel produced after `endPosition`. */
  bytesBehind: number
}

/**
 * One ring buffer of the kernel, mapped. A record is an 8-byte ring header (u32 length with bit 31 busy and bit 30 discarded, u32) and its bytes,
 * padded to 8.
 */
export interface Ring {
  readonly name: 'security' | 'bulk'
  readonly sizeBytes: number
  /** The data pages, mapped twice in a row. Read-only memory: a write ends the process with SIGSEGV. Detached by `close`. */
  readonly bytes: Uint8Array
  /**
   * Fills `span` with the committed records after the read position, about maxBytes at most, and moves the read position.
   * @returns the number of records, including discarded ones
   */
  poll(span: RingSpan, maxBytes: number): number
  /** Frees everything before `position` for the kernel. Positions only grow. */
  ack(position: number): void
  /** Announces that the reader is about to sleep. True: the next event wakes it. False: a record arrived in the meantime; poll again. */
  arm(): boolean
}

/** State that is pinned with a session. */
export interface PinnedState {
  /** Unix time at which rings and counters were created, microseconds. */
  readonly epochUs: number
  /** RECORD_VERSION of the programs. */
  readonly recordVersion: number
  /** An earlier process created them, and may have read part of the rings. */
  readonly isAdopted: boolean
}

/** Loaded programs with their rings. `close` is safe at any time, and twice. */
export interface KernelSession extends KernelControl {
  readonly probes: readonly ProbeState[]
  /** Null for a session that ends with its process. */
  readonly pinned: PinnedState | null
  readonly rings: readonly [security: Ring, bulk: Ring]
  /** Calls the listener on the event loop when an armed ring gets an event. One listener. */
  onWake(listener: () => void): void
  /** One entry per possible CPU. */
  counters(): readonly CpuCounters[]
  /** Runs that the kernel skipped because the program was already running on that CPU (recursion), by program name. */
  recursionMisses(): Readonly<Record<string, number>>
  /** Announces a reader. Without it, the programs of a pinned session stop filling the rings after a while and only count. */
  renew(): void
  /** Events dropped because there was no reader, by kind, all CPUs together. */
  unread(): readonly number[]
  /** Who made more events than a ring should carry: struct budget_key and struct budget of each entry (bpf/record/budgets.h). */
  budgets(): Buffer
  /** Calls with a number that no table has: struct unknown_call and its count of each entry (bpf/kernel-call/unknown_calls.h). */
  unknownCalls(): Buffer
  /**
   * Every running process as a KIND_TASK record with a ring header before it, as in a ring. Returns after two seconds at most, whatever the
   * processes do: arguments that could not be read by then are missing and marked (TEXT_ARGS_BLOCKED).
   */
  tasks(): Uint8Array
  /** Detaches the probes, including pinned ones, so that the rings can be read to their end. Rings and counters stay readable. Safe twice. */
  detach(): void
  /** Releases everything; pins stay. */
  close(): void
}

/** Options of a session. */
export interface KernelSessionOptions {
  /** Compiled programs; default bpf/build/eunomia.bpf.o. */
  readonly objectPath?: string
  /** Bound of each map of sockets: connections, datagram sockets, flows. Default 65,536 (bpf/network/socket_history.bpf.h). */
  readonly socketEntries?: number
  /** An empty folder in bpffs in which maps and links are pinned, so that they outlive the process; default none. */
  readonly pins?: PinPlace
}

/** Where a session is pinned. */
export interface PinPlace {
  readonly folder: string
  /** How long after the last `renew` the programs stop filling the rings and only count, milliseconds. */
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
      knob_host_root_mount: hostRootMount(),
      knob_call_ns: eventNs(knobs.budgets.callsPerSecond),
      knob_process_percent: knobs.budgets.processPercent,
    },
    environment: knobs.environmentNames.map((name) => (name.endsWith('*') ? name.slice(0, -1) : `${name}=`)),
    ringBytes: {
      ...{ security_ring: knobs.securityRingBytes, bulk_ring: knobs.bulkRingBytes },
      ...{ connections: socketEntries, datagram_sockets: socketEntries, flows: socketEntries },
    },
    pinFolder: pins.folder,
    isAdopted: false,
    ignoredPid: knobs.ignoredPid,
    taskArgsBytes: knobs.argsBytes,
    noReaderMs: pins.noReaderMs,
  }
}

const eventNs = (perSecond: number): number => Math.round(1e9 / perSecond)

/** 0 when it is not known. */
function hostRootMount(): number {
  try {
    return rootMountOf(readMountInfo())?.id ?? 0
  } catch {
    return 0
  }
}

/**
 * Takes over what an earlier process pinned in a folder. Its programs keep running with the knobs that it set.
 * @throws ProbeUnavailableError when pins are missing or of another version
 */
export function openPinnedSet(
  options: PinPlace & Pick<KernelKnobs, 'argsBytes' | 'ignoredPid'> & { readonly objectPath: string },
): KernelSession {
  const { folder: pinFolder, noReaderMs, objectPath, ignoredPid, argsBytes: taskArgsBytes } = options
  try {
    const Session = loadAddon().Session
    return new AddonKernelSession(
      new Session({
        objectPath,
        rodata: {},
        ringBytes: {},
        environment: [],
        pinFolder,
        isAdopted: true,
        ignoredPid,
        taskArgsBytes,
        noReaderMs,
      }),
      { isAdopted: true },
    )
  } catch (cause) {
    throw new ProbeUnavailableError(`pinned probes can't be taken over: ${messageOf(cause)}`, { cause })
  }
}

/**
 * Loads the programs, attaches each separately and maps the rings. Events flow from then on.
 * @throws ProbeUnavailableError (EUNOMIA_PROBE_UNAVAILABLE) when a requirement is missing or no probe can be attached
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

class AddonRing implements Ring {
  readonly name: 'security' | 'bulk'
  readonly sizeBytes: number
  readonly bytes: Uint8Array
  readonly #index: number
  readonly #session: AddonSession
  readonly #state: Float64Array

  constructor(name: 'security' | 'bulk', index: number, session: AddonSession, state: Float64Array) {
    this.name = name
    this.#index = index
    this.#session = session
    this.#state = state
    this.bytes = new Uint8Array(session.bytes(index))
    this.sizeBytes = this.bytes.byteLength / 2
  }

  poll(span: RingSpan, maxBytes: number): number {
    const records = this.#session.poll(this.#index, maxBytes)
    span.startOffset = this.#state[0] ?? 0
    span.endOffset = this.#state[1] ?? 0
    span.endPosition = this.#state[2] ?? 0
    span.bytesBehind = this.#state[3] ?? 0
    return records
  }

  ack(position: number): void {
    this.#session.ack(this.#index, position)
  }

  arm(): boolean {
    return this.#session.arm(this.#index)
  }
}

/** After `close`, rings return nothing and lists are empty. */
class AddonKernelSession extends AddonKernelControl implements KernelSession {
  readonly probes: readonly ProbeState[]
  readonly rings: readonly [security: Ring, bulk: Ring]
  readonly pinned: PinnedState | null
  readonly #session: AddonSession

  constructor(addonSession: AddonSession, pinned: { readonly isAdopted: boolean } | null = null) {
    super(addonSession)
    const state = new Float64Array(addonSession.pollState())
    this.#session = addonSession
    this.pinned = pinned === null ? null : { ...addonSession.readerState(), isAdopted: pinned.isAdopted }
    this.probes = addonSession.probes().map((probe) => withKernelNeed(probe, release()))
    this.rings = [new AddonRing('security', 0, addonSession, state), new AddonRing('bulk', 1, addonSession, state)]
  }

  onWake(listener: () => void): void {
    this.#session.onWake(listener)
  }

  counters(): readonly CpuCounters[] {
    return this.#session.counters()
  }

  recursionMisses(): Readonly<Record<string, number>> {
    return this.#session.recursionMisses()
  }

  renew(): void {
    this.#session.renew()
  }

  unread(): readonly number[] {
    return this.#session.unread()
  }

  budgets(): Buffer {
    return this.#session.budgets()
  }

  unknownCalls(): Buffer {
    return this.#session.unknownCalls()
  }

  tasks(): Uint8Array {
    return this.#session.tasks()
  }

  detach(): void {
    this.#session.detach()
  }

  close(): void {
    this.#session.close()
  }
}
