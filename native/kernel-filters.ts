// What the programs leave out, as values and as the bytes of bpf/record/filters.h. Knows numbers of kinds, never what they mean.
import {
  FILTER_NUMBER_BYTES,
  FILTER_NUMBER_FILTER,
  FILTER_NUMBER_IS_V1,
  FILTER_NUMBER_NUMBER,
  FILTER_SETTINGS_BYTES,
  FILTER_SETTINGS_EXCEPT,
  FILTER_SETTINGS_FAILED,
  FILTER_SETTINGS_ONLY,
  FILTER_SETTINGS_OPENED,
  FILTER_SETTINGS_OPEN_FAILED,
  FILTER_SETTINGS_PATH_REVISION,
  FILTER_SETTINGS_SUCCEEDED,
  KERNEL_FILTERS,
  NUMBER_EXCEPT,
  NUMBER_ONLY,
  OPEN_BY_ARGUMENT,
  OPEN_BY_PATH,
  OPEN_LEFT_OUT,
  OPEN_TOLD,
  OPEN_WAYS,
} from './generated/layout.js'

/** Name of a filter. */
export type KernelFilterName = keyof typeof KERNEL_FILTERS

/** Filters that know numbers: thread group ids, uids, cgroup ids, ports; all of the host. */
export type NumberFilterName = 'process' | 'user' | 'cgroup' | 'port'

/** One number of a filter. */
export interface FilterNumber {
  readonly filter: NumberFilterName
  readonly number: bigint
  /** Of a cgroup: the id is one of a v1 controller. */
  readonly isV1?: boolean
  /** only: told, and of this filter nothing else. except: left out. */
  readonly mode: 'only' | 'except'
}

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

/** What the addon reads of each number: struct filter_number, its enum number_mode, and padding. */
const NUMBER_ENTRY_BYTES = FILTER_NUMBER_BYTES + 8
const MODES = { only: NUMBER_ONLY, except: NUMBER_EXCEPT } as const
const CHOICES: Readonly<Record<OpenChoice, number>> = {
  told: OPEN_TOLD,
  leftOut: OPEN_LEFT_OUT,
  byPath: OPEN_BY_PATH,
  byArgument: OPEN_BY_ARGUMENT,
}

/** struct filter_settings; seed and mask are the addon's to fill. */
export function settingsOf({ numbers, only, succeeded, failed, opened, openFailed, pathRevision }: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(FILTER_SETTINGS_BYTES)
  const view = new DataView(bytes.buffer)
  const excepts = numbers.flatMap(({ filter, mode }) => (mode === 'except' ? filter : []))
  view.setUint32(FILTER_SETTINGS_ONLY, maskOf([...only].map((name) => KERNEL_FILTERS[name])), true)
  view.setUint32(FILTER_SETTINGS_EXCEPT, maskOf(excepts.map((name) => KERNEL_FILTERS[name])), true)
  view.setBigUint64(FILTER_SETTINGS_SUCCEEDED, wideMaskOf(succeeded), true)
  view.setBigUint64(FILTER_SETTINGS_FAILED, wideMaskOf(failed), true)
  for (let way = 0; way < OPEN_WAYS; way++) {
    bytes[FILTER_SETTINGS_OPENED + way] = CHOICES[opened[way] ?? 'told']
    bytes[FILTER_SETTINGS_OPEN_FAILED + way] = CHOICES[openFailed[way] ?? 'told']
  }
  view.setUint32(FILTER_SETTINGS_PATH_REVISION, pathRevision, true)
  return bytes
}

/** struct NumberEntry of each number. */
export function numbersOf({ numbers }: KernelFilters): Uint8Array {
  const bytes = new Uint8Array(numbers.length * NUMBER_ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  numbers.forEach(({ filter, number, isV1 = false, mode }, index) => {
    const at = index * NUMBER_ENTRY_BYTES
    view.setBigUint64(at + FILTER_NUMBER_NUMBER, number, true)
    view.setUint32(at + FILTER_NUMBER_FILTER, KERNEL_FILTERS[filter], true)
    view.setUint32(at + FILTER_NUMBER_IS_V1, Number(isV1), true)
    view.setUint32(at + FILTER_NUMBER_BYTES, MODES[mode], true)
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
