// When aggregates are read, and of which processes and containers: from the settings, then from the control API within the same bounds.
import { JsonShape, type Shaped, Type } from '../../infra/config/json-shape.js'
import { ConfigError } from '../../infra/config/setting-value.js'
import { MAX_CONTAINER_NAME, MAX_FILTERED, USAGE_SETTINGS } from '../../infra/config/usage-settings.js'
import { isChosenContainer } from '../containers/container-index.js'
import type { UsageOwner, UsagePlace } from './usage-owner.js'

/** Current settings. */
export interface UsageSettings extends Pick<UsageFilter, 'pids' | 'containers'> {
  /** Time between two readings, milliseconds. */
  readonly intervalMs: number
}

/** The settings write pids as texts; JSON has numbers. */
const USAGE_CHANGE = new JsonShape(
  Type.Partial(
    Type.Object({
      intervalMs: USAGE_SETTINGS.properties.intervalMs,
      pids: Type.Array(Type.Integer({ minimum: 1, maximum: 4_194_304 }), { maxItems: MAX_FILTERED }),
      containers: Type.Array(Type.String({ minLength: 1, maxLength: MAX_CONTAINER_NAME }), { maxItems: MAX_FILTERED }),
    }),
    { additionalProperties: false },
  ),
  4 * MAX_FILTERED,
)

/** A change; absent fields stay. */
export type UsageChange = Shaped<typeof USAGE_CHANGE.schema>

/** Parses JSON of the control API. @throws ConfigError with its first mistake */
export function parseUsageChange(json: unknown): UsageChange {
  if (USAGE_CHANGE.fits(json)) return json
  throw new ConfigError([{ place: 'usage', message: USAGE_CHANGE.mismatchOf(json) ?? '' }])
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
