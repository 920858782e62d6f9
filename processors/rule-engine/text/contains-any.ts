// Whether a text holds any of some literals, at a cost that neither their number nor their form can blow up: few and short ones are looked for one by
// one, which is fastest then; many or long ones by one automaton, made when the first text comes.
import { LiteralAutomaton } from './literal-automaton.js'

/** Up to so many bytes of literals are looked for one by one. */
const MAX_PLAIN_BYTES = 64

/** Byte text in, byte text in it. An empty literal is in every text. */
export function compileContainsAny(literals: readonly string[]): (text: string) => boolean {
  const [only] = literals
  if (only !== undefined && literals.length === 1 && isPlain(literals)) return (text) => text.includes(only)
  if (literals.includes('')) return () => true
  if (isPlain(literals) || !LiteralAutomaton.fits(literals)) return (text) => literals.some((literal) => text.includes(literal))
  let automaton: LiteralAutomaton | undefined
  return (text) => (automaton ??= new LiteralAutomaton(literals)).holdsAny(text)
}

/** Most steps for each byte of the text. */
export function searchSteps(literals: readonly string[]): number {
  const bytes = literals.reduce((sum, { length }) => sum + length, 0)
  return bytes <= MAX_PLAIN_BYTES || !LiteralAutomaton.fits(literals) ? bytes : 2
}

function isPlain(literals: readonly string[]): boolean {
  return literals.reduce((sum, { length }) => sum + length, 0) <= MAX_PLAIN_BYTES
}
