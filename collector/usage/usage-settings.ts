// When aggregates are read, and of which processes and containers: from the settings, then from the control API within the same bounds.
import { ConfigError, mistakeOf, unknownSetting } from '../../infra/config/setting-value.js'
import { configSettings } from '../../infra/config/setting.js'
import { isChosenContainer } from '../containers/container-index.js'
import type { UsageOwner, UsagePlace } from './usage-owner.js'

/** Current settings. */
export interface UsageSettings extends Pick<UsageFilter, 'pids' | 'containers'> {
  /** Time between two readings, milliseconds. */
  readonly intervalMs: number
}

/** A change; absent fields stay. */
export type UsageChange = Partial<UsageSettings>

const SECTION = 'collector.usage.'
const NAMES = ['intervalMs', 'pids', 'containers'] as const
const PLACE = 'usage'

/** Parses JSON of the control API. @throws ConfigError with its mistakes */
export function parseUsageChange(json: unknown): UsageChange {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ConfigError([{ place: PLACE, message: `must be an object with ${NAMES.join(', ')}` }])
  }
  // One name more than exist: then at least one is wrong, and the work is bounded.
  const given = Object.entries(json as Readonly<Record<string, unknown>>).slice(0, NAMES.length + 1)
  const asSettings = given.map(([name, value]) => [name, name === 'pids' ? textsOfNumbers(value) : value] as const)
  const mistakes = asSettings.flatMap(([name, value]) => {
    const setting = NAMES.some((one) => one === name) ? configSettings().find(({ path }) => path === SECTION + name) : undefined
    const mistake = setting === undefined ? unknownSetting(name, NAMES, PLACE) : mistakeOf({ ...setting, path: name }, value, PLACE)
    return mistake ?? []
  })
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  // Every value was checked against its setting.
  const { pids, ...others } = Object.fromEntries(asSettings) as { intervalMs?: number; pids?: string[]; containers?: string[] }
  return pids === undefined ? others : { ...others, pids: pids.map(Number) }
}

/** Settings are texts, and JSON has numbers. */
function textsOfNumbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map((one: unknown) => (typeof one === 'number' ? String(one) : one)) : value
}

/** An empty list suppresses nothing. */
export interface UsageFilter {
  readonly pids: readonly number[]
  /** Ids of containers, beginnings of them (six hex digits at least), or names. */
  readonly containers: readonly string[]
  /** Name of a container; null while it is unknown: then only its id matches. Default: no names. */
  nameOf?(containerId: string): string | null
}

/** Whether the filter wants aggregates of a process. */
export function isPidWanted({ pids }: UsageFilter, { pid }: Pick<UsageOwner, 'pid'>): boolean {
  return pids.length === 0 || pids.includes(pid)
}

/** Whether the filter wants aggregates of a place. */
export function isPlaceWanted({ containers, nameOf }: UsageFilter, { containerId, containerClaim }: UsagePlace): boolean {
  if (containers.length === 0) return true
  const id = containerId ?? containerClaim
  if (id === null) return false
  const name = nameOf?.(id) ?? null
  return containers.some((wanted) => isChosenContainer(wanted, id, name))
}
