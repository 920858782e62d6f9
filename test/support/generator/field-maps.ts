// Field maps for a condition: values that its checks require, near misses, values of other checks, absent and unknown fields.
import { isIP } from 'node:net'
import { type Check, type Condition, type FieldName, checksOf, fieldsIn } from '../oracle/falco/condition.js'
import { type FieldKind, kindOf } from '../oracle/falco/oracle-event.js'
import { nearMiss } from './wish/near-miss.js'
import type { Random } from './random.js'
import { satisfyingText } from './wish/satisfying-text.js'
import { fieldKey, wishFor, type Wish } from './wish/wish.js'

/** A map as the command line takes it, and the fields whose value is not known yet, which are not in the map. */
export interface GeneratedMap {
  readonly fields: Readonly<Record<string, unknown>>
  readonly open: ReadonlySet<string>
}

/** Probability of each change of a field, in percent. */
const FATES = [
  [44, 'wished'],
  [16, 'near'],
  [20, 'other'],
  [14, 'absent'],
  [6, 'open'],
] as const

/**
 * A map for a condition without macros.
 * @param isComplete no field is unknown
 */
export function fieldMapFor(condition: Condition, random: Random, isComplete = false): GeneratedMap {
  const wish = wishFor(condition, random)
  const isFaithful = random.chance(0.4)
  const fields: Record<string, unknown> = {}
  const open = new Set<string>()
  for (const [key, { field, checks }] of fieldsOf(condition)) {
    const fate = isFaithful && wish.has(key) ? 'wished' : random.weighted(FATES)
    if (fate === 'open' && !isComplete) open.add(key)
    if (fate === 'absent' || fate === 'open') continue
    const kind = kindOf(field)
    const text = (): string => textFor(key, checks, wish, fate, random)
    const isMany = kind.plurality !== 'one'
    const count = kind.plurality === 'sides' ? 2 : random.between(1, 3)
    if (!isMany && random.chance(0.02)) {
      fields[key] = text() // also if it is no value of the type
      continue
    }
    fields[key] = isMany ? Array.from({ length: count }, () => typed(text(), kind, random)) : typed(text(), kind, random)
  }
  return { fields, open }
}

function fieldsOf(condition: Condition): ReadonlyMap<string, { readonly field: FieldName; readonly checks: Check[] }> {
  const found = new Map<string, { readonly field: FieldName; readonly checks: Check[] }>()
  for (const check of checksOf(condition)) {
    const right = check.right.kind === 'texts' ? [] : fieldsIn(check.right)
    for (const field of [...fieldsIn(check.left), ...right]) {
      const key = Buffer.from(fieldKey(field), 'latin1').toString()
      const known = found.get(key)
      if (known === undefined) found.set(key, { field, checks: [check] })
      else known.checks.push(check)
    }
  }
  return found
}

function textFor(key: string, checks: readonly Check[], wish: Wish, fate: 'wished' | 'near' | 'other', random: Random): string {
  const check = random.pick(checks)
  const texts = check.right.kind === 'texts' ? check.right.texts.map((text) => Buffer.from(text, 'latin1').toString()) : []
  const wished = wish.get(key) ?? satisfyingText(check.operator, texts, null, random)
  if (fate === 'wished') return wished
  return fate === 'near' ? nearMiss(wished, random) : texts.length > 0 ? random.pick(texts) : random.pick(['', 'a', '7', '/tmp/x'])
}

const SPARE_ADDRESSES = ['10.0.0.5', '127.0.0.1', '192.168.7.9', '93.184.216.34', '::1', 'fd00::17', '2001:db8::1']

/** The text as a value of the type: some numbers and booleans as JSON has them, some as text. */
function typed(text: string, { family, type }: FieldKind, random: Random): unknown {
  switch (family) {
    case 'text':
      return text
    case 'bytes':
      return { base64: Buffer.from(text).toString('base64') }
    case 'number': {
      const number = wholeNumber(text, type, random)
      return random.chance(0.5) ? number : String(number)
    }
    case 'fraction':
      return Number.isFinite(Number(text)) && text !== '' ? Number(text) : 0.5
    case 'bool':
      return random.chance(0.5) ? text === 'true' : String(text === 'true')
    case 'address':
    case 'network':
      return isIP(text.split('/')[0] ?? '') !== 0 && random.chance(0.7) ? text.split('/')[0] : random.pick(SPARE_ADDRESSES)
  }
}

function wholeNumber(text: string, type: string, random: Random): number {
  const value = Number(text)
  const number = text !== '' && Number.isSafeInteger(value) ? value : random.pick([0, 1, 22, 80, 443, 1000, 65_535])
  const isSigned = /^INT|^ERRNO|^FD$|^PID$/.test(type)
  const most = /8$/.test(type) ? 127 : /16$|PORT/.test(type) ? 32_767 : 2_000_000_000
  return Math.min(most, isSigned ? Math.max(-most - 1, number) : Math.abs(number))
}
