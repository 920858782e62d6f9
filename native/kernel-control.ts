// What a session sets in the programs: knobs before the load; watched kinds, filters and verdicts on paths at any time. Converts them to the bytes of
// bpf/record/filters.h. Knows the numbers of kinds, not their meaning.
import type { AddonSession } from './addon.js'
import {
  ENVIRONMENT_NAMES_MAX,
  FILTER_NUMBER,
  FILTER_SETTINGS,
  KERNEL_FILTERS,
  KIND_MAX,
  NUMBER_EXCEPT,
  NUMBER_ONLY,
  OPEN_BY_ARGUMENT,
  OPEN_BY_BOTH,
  OPEN_BY_PATH,
  OPEN_LEFT_OUT,
  OPEN_EMITTED,
  OPEN_WAYS,
} from './generated/layout.js'
import { ProbeUnavailableError } from './requirements.js'

/** What processes may report (bpf/record/budgets.bpf.h, shares.bpf.h). Each 1 or more. */
export interface KernelBudgets {
  /** Kernel calls a second of one process and kind, 1,000,000 at most. */
  readonly callsPerSecond: number
  /** Part of the free room of the security ring for the forks, execs, exits and cgroups of a user in a cgroup, 1,000 at most. */
  readonly processPercent: number
}

/** Knobs of the BPF programs, set in rodata between open and load. */
export interface KernelKnobs {
  /** Longest captured arguments of one exec, bytes, 256..65536; default 8192. Longer ones are cut and marked. */
  readonly argsBytes: number
  /** Size of the ring for security-relevant kinds, bytes, a power of two times the page size; default 8 MiB. */
  readonly securityRingBytes: number
  /** Size of the ring for bulk kinds (opens), bytes, a power of two times the page size; default 16 MiB. */
  readonly bulkRingBytes: number
  /** Emit opens that only read. Default true. */
  readonly openReads: boolean
  /** Capture the path as given also for opens that succeed (costs a read of user memory). Default true. */
  readonly openArgument: boolean
  /** Environment variables to capture of an exec: names, or prefixes followed by *. Default none; then the environment is not read. */
  readonly environmentNames: readonly string[]
  readonly budgets: KernelBudgets
  /** Leave out events of this process (thread group id in the host namespace); 0 for none. */
  readonly ignoredPid: number
}

/** The defaults. @see KernelKnobs */
export const DEFAULT_KERNEL_KNOBS: KernelKnobs = {
  argsBytes: 8192,
  securityRingBytes: 8 << 20,
  bulkRingBytes: 16 << 20,
  openReads: true,
  openArgument: true,
  environmentNames: [],
  budgets: { callsPerSecond: 2000, processPercent: 60 },
  ignoredPid: 0,
}

/** A name is shorter than ENVIRONMENT_NAME_BYTES. */
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
  for (const [name, value] of Object.entries(knobs.budgets)) {
    const most = name === 'processPercent' ? 1000 : 1_000_000
    if (!Number.isInteger(value) || value < 1 || value > most) wrong.push(`budgets.${name} must be 1..${most}`)
  }
  if (!Number.isInteger(knobs.ignoredPid) || knobs.ignoredPid < 0) wrong.push('ignoredPid must be a process id or 0')
  if (knobs.environmentNames.length > ENVIRONMENT_NAMES_MAX) wrong.push(`environmentNames must be ${ENVIRONMENT_NAMES_MAX} at most`)
  for (const name of knobs.environmentNames) {
    if (!VARIABLE.test(name))
      wrong.push(`environmentNames: ${JSON.stringify(name)} must be a name of at most 63 characters, with * at its end only`)
  }
  if (wrong.length > 0) throw new ProbeUnavailableError(`kernel knobs: ${wrong.join('; ')}`)
}

/** Filters by one end of a socket, or either; what they leave out counts as that of `port`. */
type EndFilterName = 'localPort' | 'remotePort' | 'anyPort'

/** Name of a filter, in counts. */
export type KernelFilterName = Exclude<keyof typeof KERNEL_FILTERS, EndFilterName>

/** Filters by number: thread group ids, uids, cgroup ids, ports; all as the host sees them. */
export type NumberFilterName = 'process' | 'user' | 'cgroup' | 'port' | EndFilterName

/** One number of a filter. */
export interface FilterNumber {
  readonly filter: NumberFilterName
  readonly number: bigint
  /** Of a cgroup: the id belongs to a v1 controller. */
  readonly isV1?: boolean
  /** only: emit events of this number; without one, the filter emits nothing. except: leave them out. */
  readonly mode: 'only' | 'except'
}

/**
 * What happens to an open. byPath: the reader decides once for each path. byArgument: once for each path as a call names it. byBoth: once for each path
 * whether it may be emitted, and of those that may, once for each as a call names it.
 */
export type OpenChoice = 'emitted' | 'leftOut' | 'byPath' | 'byArgument' | 'byBoth'

/** What happens to a failed open, which has no path of its own. */
export type FailedOpenChoice = 'emitted' | 'leftOut'

/** Filters that are set together. */
export interface KernelFilters {
  readonly numbers: readonly FilterNumber[]
  /** Filters that emit nothing but their numbers of mode only, even when they have none. */
  readonly only: ReadonlySet<NumberFilterName>
  /** Kinds whose calls are emitted when they succeed, and when they fail; null for all. */
  readonly succeeded: ReadonlySet<number> | null
  readonly failed: ReadonlySet<number> | null
  /** By open mode, from 0 to OPEN_WAYS - 1; for opens that succeed, and that fail. */
  readonly opened: readonly OpenChoice[]
  readonly openFailed: readonly FailedOpenChoice[]
  /** Version of the rules for paths: with another one, all verdicts are discarded. 32 bits. */
  readonly pathRevision: number
}

const ALL_EMITTED = Array<'emitted'>(OPEN_WAYS).fill('emitted')

/** Nothing is left out. */
export const NO_FILTERS: KernelFilters = {
  numbers: [],
  only: new Set(),
  succeeded: null,
  failed: null,
  opened: ALL_EMITTED,
  openFailed: ALL_EMITTED,
  pathRevision: 0,
}

/** The addon's entry of a number: struct filter_number, its enum number_mode, and padding. */
const NUMBER_ENTRY_BYTES = FILTER_NUMBER.bytes + 8
const MODES = { only: NUMBER_ONLY, except: NUMBER_EXCEPT } as const
const CHOICES: Readonly<Record<OpenChoice, number>> = {
  emitted: OPEN_EMITTED,
  leftOut: OPEN_LEFT_OUT,
  byPath: OPEN_BY_PATH,
  byArgument: OPEN_BY_ARGUMENT,
  byBoth: OPEN_BY_BOTH,
}

/** struct filter_settings; the addon fills seed and mask. */
export function settingsOf({ numbers, only, succeeded, failed, opened, openFailed, pathRevision }: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(FILTER_SETTINGS.bytes)
  const view = new DataView(bytes.buffer)
  const excepts = numbers.flatMap(({ filter, mode }) => (mode === 'except' ? filter : []))
  view.setUint32(FILTER_SETTINGS.only, maskOf([...only].map((name) => KERNEL_FILTERS[name])), true)
  view.setUint32(FILTER_SETTINGS.except, maskOf(excepts.map((name) => KERNEL_FILTERS[name])), true)
  view.setBigUint64(FILTER_SETTINGS.succeeded, wideMaskOf(succeeded), true)
  view.setBigUint64(FILTER_SETTINGS.failed, wideMaskOf(failed), true)
  for (let way = 0; way < OPEN_WAYS; way++) {
    bytes[FILTER_SETTINGS.opened + way] = CHOICES[opened[way] ?? 'emitted']
    bytes[FILTER_SETTINGS.openFailed + way] = CHOICES[openFailed[way] ?? 'emitted']
  }
  view.setUint32(FILTER_SETTINGS.pathRevision, pathRevision, true)
  return bytes
}

/** struct NumberEntry of each number. */
export function numbersOf({ numbers }: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(numbers.length * NUMBER_ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  numbers.forEach(({ filter, number, isV1 = false, mode }, index) => {
    const at = index * NUMBER_ENTRY_BYTES
    view.setBigUint64(at + FILTER_NUMBER.number, number, true)
    view.setUint32(at + FILTER_NUMBER.filter, KERNEL_FILTERS[filter], true)
    view.setUint32(at + FILTER_NUMBER.isV1, Number(isV1), true)
    view.setUint32(at + FILTER_NUMBER.bytes, MODES[mode], true)
  })
  return bytes
}

/** A value for each filter. */
export function mapFilters<Value>(of: (filter: number) => Value): Record<KernelFilterName, Value> {
  const { interest, own, process, user, cgroup, port, outcome, intent, path, budget } = KERNEL_FILTERS
  return {
    ...{ interest: of(interest), own: of(own), process: of(process), user: of(user), cgroup: of(cgroup) },
    ...{ port: of(port), outcome: of(outcome), intent: of(intent), path: of(path), budget: of(budget) },
  }
}

const maskOf = (bits: readonly number[]): number => bits.reduce((mask, bit) => mask | (1 << bit), 0)

function wideMaskOf(kinds: ReadonlySet<number> | null): bigint {
  if (kinds === null) return (1n << 64n) - 1n
  return [...kinds].reduce((mask, kind) => mask | (1n << BigInt(kind)), 0n)
}

/** What can be changed while the programs run. */
export interface KernelControl {
  /**
   * Watches the system calls of these kinds (enum event_kind) from now on, and no others; at the start all are watched. Kinds that stay lose no event.
   * Forks, execs, exits, cgroups, the OOM killer and io_uring operations have their own hooks and are always emitted.
   */
  watchKinds(kinds: ReadonlySet<number>): void
  /**
   * Replaces the filters; at the start there are none. What both the old and the new ones emit is emitted during the change, too. Forks, execs, exits
   * and cgroups are always emitted. @throws Error with `errno`: E2BIG for more than FILTER_NUMBERS numbers
   */
  setFilters(filters: KernelFilters): void
  /** Decides whether opens of a path are emitted, by the ticket of one of them (OPEN_HAS_TICKET of bpf/record/event.h). */
  setPathVerdict(ticketLow: number, ticketHigh: number, isEmitted: boolean): void
  /** What each filter left out, by kind, all CPUs together. */
  suppressions(): Readonly<Record<KernelFilterName, readonly number[]>>
}

/** The control of the session that an addon opened. */
export class AddonKernelControl implements KernelControl {
  readonly #session: AddonSession

  constructor(addonSession: AddonSession) {
    this.#session = addonSession
  }

  watchKinds(kinds: ReadonlySet<number>): void {
    const wanted = new Uint8Array(KIND_MAX)
    for (const kind of kinds) wanted[kind] = 1
    this.#session.watchKinds(wanted)
  }

  setFilters(filters: KernelFilters): void {
    this.#session.setFilters(settingsOf(filters), numbersOf(filters))
  }

  setPathVerdict(ticketLow: number, ticketHigh: number, isEmitted: boolean): void {
    this.#session.setPathVerdict(ticketLow, ticketHigh, isEmitted)
  }

  suppressions(): Readonly<Record<KernelFilterName, readonly number[]>> {
    const counts = this.#session.suppressions()
    return mapFilters((filter) => counts.slice(filter * KIND_MAX, (filter + 1) * KIND_MAX))
  }
}
