// The condition of a correlation: what the count, sum or average of a window is compared with.

/** Operators of a `condition`. */
export const THRESHOLD_OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
/** One of them. */
export type ThresholdOperator = (typeof THRESHOLD_OPERATORS)[number]

/** One comparison. */
export interface Threshold {
  readonly operator: ThresholdOperator
  readonly value: number
}

const SIGNS: Readonly<Record<ThresholdOperator, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' }

/** True when all of them hold. */
export function holds(thresholds: readonly Threshold[], count: number): boolean {
  return thresholds.every((threshold) => compare(threshold, count))
}

function compare({ operator, value }: Threshold, count: number): boolean {
  switch (operator) {
    case 'gt':
      return count > value
    case 'gte':
      return count >= value
    case 'lt':
      return count < value
    case 'lte':
      return count <= value
    case 'eq':
      return count === value
    case 'neq':
      return count !== value
  }
}

/** `>= 5 and < 10` */
export function thresholdsText(thresholds: readonly Threshold[]): string {
  return thresholds.map(({ operator, value }) => `${SIGNS[operator]} ${String(value)}`).join(' and ')
}

/** Where every threshold bounds from below: more only helps. */
export function areLowerBounds(thresholds: readonly Threshold[]): boolean {
  return thresholds.every(({ operator }) => operator === 'gt' || operator === 'gte')
}

/** Where every threshold bounds from above: less only helps. */
export function areUpperBounds(thresholds: readonly Threshold[]): boolean {
  return thresholds.every(({ operator }) => operator === 'lt' || operator === 'lte')
}

/** The least whole count that satisfies lower bounds. */
export function leastCount(thresholds: readonly Threshold[]): number {
  return Math.max(...thresholds.map(({ operator, value }) => (operator === 'gt' ? Math.floor(value) + 1 : Math.ceil(value))), 0)
}
