// Values that satisfy an operator of either language: the value itself, a longer text around it, a neighboring number.
import type { Random } from '../random.js'

const PADDING = ['', 'a', 'x1', ' -v', '/srv', '.bak', '_tmp']

/** True when the operator is known to hold for the value; false also if this is not checked. */
export function isMetBy(operator: string, texts: readonly string[], value: string): boolean {
  switch (operator) {
    case 'exists':
      return true
    case '=':
    case 'in':
    case 'intersects':
      return texts.includes(value)
    case '!=':
      return !texts.includes(value)
    case 'contains':
      return texts.some((text) => value.includes(text))
    case 'startswith':
      return texts.some((text) => value.startsWith(text))
    case 'endswith':
      return texts.some((text) => value.endsWith(text))
    case '>=':
      return Number(value) >= Number(texts[0])
    case '<=':
      return Number(value) <= Number(texts[0])
    default:
      return false
  }
}

/**
 * A value for which the operator holds.
 * @param standing the value that other parts of the condition require; it is kept if one text can satisfy both
 */
export function satisfyingText(operator: string, texts: readonly string[], standing: string | null, random: Random): string {
  const text = texts.length === 0 ? '' : random.pick(texts)
  switch (operator) {
    case 'contains':
    case 'icontains':
      return standing === null ? random.pick(PADDING) + text + random.pick(PADDING) : `${standing} ${text}`
    case 'startswith':
      return text + (standing ?? random.pick(PADDING))
    case 'endswith':
      return (standing ?? random.pick(PADDING)) + text
    case '>':
      return shifted(text, 1 + random.below(3))
    case '>=':
      return shifted(text, random.below(2))
    case '<':
      return shifted(text, -1 - random.below(3))
    case '<=':
      return shifted(text, -random.below(2))
    case '!=':
      return otherThan(text)
    case 'glob':
    case 'iglob':
      return ofGlob(text, random)
    case 'regex':
      return ofRegex(text)
    case 'pmatch':
      return `${ofGlob(text, random)}${random.pick(['', '/', '/sub/file'])}`
    case 'bcontains':
    case 'bstartswith':
      return Buffer.from(text, 'hex').toString('latin1')
    default:
      return text
  }
}

function shifted(text: string, by: number): string {
  const value = Number(text)
  return Number.isSafeInteger(value) ? String(value + by) : text
}

function otherThan(text: string): string {
  return /^[0-9]+$/.test(text) ? String(Number(text) + 1) : text === 'true' ? 'false' : text === 'false' ? 'true' : `${text}x`
}

/** A text that a glob matches: wildcards are filled, the first member of a class is taken. */
export function ofGlob(glob: string, random: Random): string {
  return glob
    .replace(/\[[!^]?([^\]]+)\]/g, (_, members: string) => members.charAt(0))
    .replace(/\*/g, () => random.pick(['', 'a', 'mnt', 'x/y']))
    .replace(/\?/g, () => random.pick(['a', 'z', '7']))
}

/** A text that many patterns match: the first of each alternative, one for each repetition. */
export function ofRegex(pattern: string): string {
  return pattern
    .replace(/\(\?[a-z]+\)/g, '')
    .replace(/\\d|\[0-9\]/g, '7')
    .replace(/\\s/g, ' ')
    .replace(/\\w/g, 'w')
    .replace(/\\(.)/g, '$1')
    .replace(/\[\^[^\]]*\]/g, 'z')
    .replace(/\[([^\]])[^\]]*\]/g, '$1')
    .replace(/\(\??:?([^()|]*)(?:\|[^()]*)?\)/g, '$1')
    .replace(/\{(\d+),?\d*\}/g, '')
    .replace(/\.[*+]/g, 'q')
    .replace(/[*+?^$]/g, '')
}
