// What an event should contain so that a condition may hold: one value per field, found by walking the condition once. A wish is a
// good guess and no proof: contradictions between parts of a condition are not solved.
import { type Check, type Condition, type RightSide, fieldsIn } from '../../oracle/falco/condition.js'
import { isMetBy, satisfyingText } from './satisfying-text.js'
import type { Random } from '../random.js'

/** Values (Unicode text) by field as conditions write it: `proc.aname[2]`. */
export type Wish = Map<string, string>

/** `proc.aname[2]` */
export function fieldKey({ name, argument }: { readonly name: string; readonly argument: string | null }): string {
  return argument === null ? name : `${name}[${argument}]`
}

/** A wish for a condition without macros. */
export function wishFor(condition: Condition, random: Random): Wish {
  const wish: Wish = new Map()
  fulfil(condition, true, wish, random)
  return wish
}

function fulfil(condition: Condition, wanted: boolean, wish: Wish, random: Random): void {
  switch (condition.kind) {
    case 'not':
      fulfil(condition.term, !wanted, wish, random)
      return
    case 'and':
    case 'or': {
      const all = (condition.kind === 'and') === wanted
      for (const term of all ? condition.terms : [random.pick(condition.terms)]) fulfil(term, wanted, wish, random)
      return
    }
    case 'check':
      if (wanted) fulfilCheck(condition, wish, random)
      return
    case 'macro':
      return
  }
}

function fulfilCheck({ left, operator, right }: Check, wish: Wish, random: Random): void {
  const texts = textsOf(right)
  const [target] = fieldsIn(left)
  if (target === undefined) return
  const key = fieldKey(target)
  const standing = wish.get(key)
  if (standing !== undefined && isMetBy(operator, texts, standing)) return
  wish.set(key, satisfyingText(operator, texts, standing ?? null, random))
}

function textsOf(right: RightSide): readonly string[] {
  return right.kind === 'texts' ? right.texts.map((text) => Buffer.from(text, 'latin1').toString('utf8')) : []
}
