// A realistic stream: mostly ordinary events that no rule matches, and a small share that a rule matches.
import type { RuleEvent } from '../../../processors/rule-engine/fields/rule-event.js'
import { aimedEvent } from './aimed-events.js'
import { finishEvent } from './finish-event.js'
import { ordinaryDraft, type OrdinaryKind } from './ordinary-events.js'
import { Random } from './random.js'
import type { Target } from './targets.js'

/** How a stream is mixed. */
export interface MixtureOptions {
  readonly seed: number
  readonly count: number
  /** Share of events that a rule matches, 0 to 1. They are of any kind and replace ordinary ones. */
  readonly matchShare: number
  /** The targets of matching events; required for a share above 0. */
  readonly targets: readonly Target[]
  /** Whether an event matches: an ordinary event must not, a matching one must. */
  readonly isMatch: (event: RuleEvent) => boolean
}

/** Shares of the kinds, in percent. */
export const KIND_SHARES: readonly (readonly [percent: number, kind: OrdinaryKind])[] = [
  [70, 'file'],
  [20, 'exec'],
  [10, 'rest'],
]
/** Attempts to create one event of the wanted kind before giving up. */
const MAX_TRIES = 10_000

/** The stream. The same options create the same events. */
export function eventMixture({ seed, count, matchShare, targets, isMatch }: MixtureOptions): RuleEvent[] {
  const random = new Random(seed)
  const matching = new Set<number>()
  while (matching.size < Math.round(count * matchShare)) matching.add(random.below(count))
  const find = (make: () => RuleEvent | null, wanted: boolean): RuleEvent => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const event = make()
      if (event !== null && isMatch(event) === wanted) return event
    }
    throw new RangeError(`no event that ${wanted ? 'a rule matches' : 'no rule matches'} in ${String(MAX_TRIES)} tries`)
  }
  return Array.from({ length: count }, (_, at) => {
    if (matching.has(at)) return find(() => aimedEvent(random.pick(targets), random), true)
    const kind = random.weighted(KIND_SHARES)
    return find(() => finishEvent(ordinaryDraft(kind, random)), false)
  })
}
