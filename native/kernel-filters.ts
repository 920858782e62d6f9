// What the programs leave out, as values and as the bytes of bpf/record/filters.h. Knows numbers of kinds, never what they mean.

/** Who leaves events out, by their number in bpf/record/filters.h (enum kernel_filter). interest: the programs themselves, whatever is set. */
export const KERNEL_FILTERS = {
  interest: 0,
  own: 1,
  process: 2,
  user: 3,
  cgroup: 4,
  port: 5,
  outcome: 6,
  intent: 7,
  path: 8,
} as const

/** Name of a filter. */
export type KernelFilterName = keyof typeof KERNEL_FILTERS

/** Filters that know numbers: thread group ids, uids, cgroup ids, ports; all of the host. */
export type NumberFilterName = 'process' | 'user' | 'cgroup' | 'port'

/** FILTER_NUMBERS: most numbers of all filters together. */
export const MAX_FILTER_NUMBERS = 65_536

/** One number of a filter. */
export interface FilterNumber {
  readonly filter: NumberFilterName
  readonly number: bigint
  /** Of a cgroup: the id is one of a v1 controller. */
  readonly isV1?: boolean
  /** only: told, and of this filter nothing else. except: left out. */
  readonly mode: 'only' | 'except'
}

/** Bits of a way to open a file: OPEN_WAY_* of bpf/record/filters.h. */
export const OPEN_WAY = { read: 1, write: 2, created: 4 } as const
/** How many ways there are. */
export const OPEN_WAYS = 8

/** What becomes of an open: by path means that the reader is asked once for each path, by argument once for each path as each call named it. */
export type OpenChoice = 'told' | 'leftOut' | 'byPath' | 'byArgument'

/** What becomes of an open that failed, and has no path of its own. */
export type FailedOpenChoice = 'told' | 'leftOut'

/** Filters that are set together. */
export interface KernelFilters {
  readonly numbers: readonly FilterNumber[]
  /** Filters that tell nothing but their numbers of mode only, also when they have none. */
  readonly only: ReadonlySet<NumberFilterName>
  /** Kinds whose calls are told when they succeeded, and when they failed; null for all. */
  readonly succeeded: ReadonlySet<number> | null
  readonly failed: ReadonlySet<number> | null
  /** By way, from 0 to OPEN_WAYS - 1; of opens that succeeded, and that failed. */
  readonly opened: readonly OpenChoice[]
  readonly openFailed: readonly FailedOpenChoice[]
  /** Of what paths are judged by: with another one all verdicts are forgotten. 32 bits. */
  readonly pathRevision: number
}

const ALL_TOLD = Array<'told'>(OPEN_WAYS).fill('told')

/** Nothing is left out. */
export const NO_FILTERS: KernelFilters = {
  numbers: [],
  only: new Set(),
  succeeded: null,
  failed: null,
  opened: ALL_TOLD,
  openFailed: ALL_TOLD,
  pathRevision: 0,
}

const SETTINGS_BYTES = 64
const NUMBER_BYTES = 24
const MODES = { only: 1, except: 2 } as const
const CHOICES: Readonly<Record<OpenChoice, number>> = { told: 0, leftOut: 1, byPath: 2, byArgument: 3 }

/** struct filter_settings; seed and mask are the addon's to fill. */
export function settingsOf({ numbers, only, succeeded, failed, opened, openFailed, pathRevision }: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(SETTINGS_BYTES)
  const view = new DataView(bytes.buffer)
  const excepts = numbers.flatMap(({ filter, mode }) => (mode === 'except' ? filter : []))
  view.setUint32(0, maskOf([...only].map((name) => KERNEL_FILTERS[name])), true)
  view.setUint32(4, maskOf(excepts.map((name) => KERNEL_FILTERS[name])), true)
  view.setBigUint64(8, wideMaskOf(succeeded), true)
  view.setBigUint64(16, wideMaskOf(failed), true)
  for (let way = 0; way < OPEN_WAYS; way++) {
    bytes[24 + way] = CHOICES[opened[way] ?? 'told']
    bytes[32 + way] = CHOICES[openFailed[way] ?? 'told']
  }
  view.setUint32(52, pathRevision, true)
  return bytes
}

/** struct NumberEntry of each number. */
export function numbersOf({ numbers }: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(numbers.length * NUMBER_BYTES)
  const view = new DataView(bytes.buffer)
  numbers.forEach(({ filter, number, isV1 = false, mode }, index) => {
    const at = index * NUMBER_BYTES
    view.setBigUint64(at, number, true)
    view.setUint32(at + 8, KERNEL_FILTERS[filter], true)
    view.setUint32(at + 12, Number(isV1), true)
    view.setUint32(at + 16, MODES[mode], true)
  })
  return bytes
}

/** A value for each filter. */
export function mapFilters<Value>(of: (filter: number) => Value): Record<KernelFilterName, Value> {
  const { interest, own, process, user, cgroup, port, outcome, intent, path } = KERNEL_FILTERS
  return {
    ...{ interest: of(interest), own: of(own), process: of(process), user: of(user), cgroup: of(cgroup) },
    ...{ port: of(port), outcome: of(outcome), intent: of(intent), path: of(path) },
  }
}

const maskOf = (bits: readonly number[]): number => bits.reduce((mask, bit) => mask | (1 << bit), 0)

function wideMaskOf(kinds: ReadonlySet<number> | null): bigint {
  if (kinds === null) return (1n << 64n) - 1n
  return [...kinds].reduce((mask, kind) => mask | (1n << BigInt(kind)), 0n)
}
