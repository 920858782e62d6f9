// Events that are aimed at a rule: an ordinary event with the values that the rule requires. Most match; some just miss, because a wish is a guess.
import type { RuleEvent } from '../../../processors/rule-engine/fields/rule-event.js'
import { applyWish } from './apply-wish.js'
import { finishEvent } from './finish-event.js'
import { nearMiss } from './wish/near-miss.js'
import { ordinaryDraft, type OrdinaryKind } from './ordinary-events.js'
import type { Random } from './random.js'
import type { Target } from './targets.js'
import type { Wish } from './wish/wish.js'

/** An event for the target; null if no record holds events of its type. */
export function aimedEvent(target: Target, random: Random): RuleEvent | null {
  return eventOfWish(target.wish(random), random)
}

/** The same with one value that just misses. */
export function nearMissEvent(target: Target, random: Random): RuleEvent | null {
  const wish = target.wish(random)
  const fields = [...wish.keys()].filter((field) => field !== 'evt.type')
  if (fields.length > 0) {
    const field = random.pick(fields)
    wish.set(field, nearMiss(wish.get(field) ?? '', random))
  }
  return eventOfWish(wish, random)
}

/** An ordinary event with the values of the wish in it. */
export function eventOfWish(wish: Wish, random: Random): RuleEvent | null {
  const draft = ordinaryDraft(kindOf(wish.get('evt.type') ?? 'execve'), random)
  applyWish(draft, wish)
  return finishEvent(draft)
}

function kindOf(eventType: string): OrdinaryKind {
  if (eventType.startsWith('open') || eventType === 'creat') return 'file'
  return eventType.startsWith('exec') ? 'exec' : 'rest'
}
