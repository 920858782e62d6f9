// One row of `rules top`, and in which order rows are shown.
import { nearestName } from '../../../infra/text/nearest.js'
import { UsageError } from '../../../infra/process/errors.js'

/** What one rule did. */
export interface TopRule {
  readonly name: string
  readonly evaluated: number
  readonly matched: number
  readonly seconds: number
}

/** What the table can be ordered by. */
export const TOP_ORDERS = ['time', 'cost', 'evaluated', 'matched', 'name'] as const
/** One of them. */
export type TopOrder = (typeof TOP_ORDERS)[number]

/** Microseconds for one judgement. */
export function costUs({ seconds, evaluated }: TopRule): number {
  return evaluated === 0 ? 0 : (seconds / evaluated) * 1e6
}

const KEYS: Readonly<Record<Exclude<TopOrder, 'name'>, (rule: TopRule) => number>> = {
  time: ({ seconds }) => seconds,
  cost: costUs,
  evaluated: ({ evaluated }) => evaluated,
  matched: ({ matched }) => matched,
}

/** The most first; those alike by name. */
export function sortedRules(rules: readonly TopRule[], order: TopOrder): TopRule[] {
  const byName = (a: TopRule, b: TopRule): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  if (order === 'name') return [...rules].sort(byName)
  const key = KEYS[order]
  return [...rules].sort((a, b) => key(b) - key(a) || byName(a, b))
}

/** @throws UsageError that names the nearest */
export function orderOf(text: string): TopOrder {
  const order = TOP_ORDERS.find((candidate) => candidate === text)
  if (order !== undefined) return order
  const near = nearestName(text, TOP_ORDERS)
  throw new UsageError(`--sort: '${text}' is none of ${TOP_ORDERS.join(', ')}${near === undefined ? '' : `; did you mean '${near}'?`}`)
}
