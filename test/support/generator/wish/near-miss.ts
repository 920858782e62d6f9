// Near misses of a value, which a slightly wrong operator would accept.
import type { Random } from '../random.js'

const CHANGES: readonly ((text: string, random: Random) => string)[] = [
  (text) => text.slice(0, -1),
  (text) => text.slice(1),
  (text) => `${text}x`,
  (text) => `x${text}`,
  (text) => `${text}/`,
  (text) => `${text} `,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.replace('/', '//'),
  (text) => text.replace(/[a-z]/, (letter) => letter.toUpperCase()),
  (text, random) => {
    const at = random.below(Math.max(1, text.length))
    return `${text.slice(0, at)}?${text.slice(at + 1)}`
  },
  (text) => text.split('').reverse().join(''),
  (text) => text.slice(0, text.lastIndexOf('/')),
  (text) => text.slice(text.lastIndexOf('/') + 1),
  (text) => (/^-?[0-9]+$/.test(text) ? String(Number(text) + 1) : `${text}\n`),
  (text) => (/^-?[0-9]+$/.test(text) ? String(Number(text) - 1) : `${text}é`),
  () => '',
]

/** A text that is nearly the given one, and sometimes the same. */
export function nearMiss(text: string, random: Random): string {
  return random.pick(CHANGES)(text, random)
}
