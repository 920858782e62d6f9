// Bounds of a YAML text, checked token by token before it is parsed: the parser of the library recurses and holds every token, so a hostile
// file would end the process and not only fail.
import { CST, Lexer } from 'yaml'

/** Most tokens of one text: a hundred times the largest public rule file. Parsing so many takes about 300 MiB and two seconds. */
export const MAX_TOKENS = 1_000_000
/** Most collections within one another that begin on one line or within brackets. */
export const MAX_INLINE_DEPTH = 100
/** Most columns before the first token of a line, each of which may be a level of nesting. */
export const MAX_INDENT = 400

/** What exceeds a bound, and its offset in the text. */
export interface YamlExcess {
  readonly problem: string
  readonly offset: number
}

/** Checks the bounds without parsing. Returns null for a text that may be parsed. Takes a third of a second at most. */
export function yamlExcess(text: string): YamlExcess | null {
  let offset = 0
  let tokens = 0
  let brackets = 0
  let onLine = 0
  let isLineStart = true
  let isScalarText = false
  for (const token of new Lexer().lex(text)) {
    tokens++
    const isMark = !isScalarText && (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END)
    const type: CST.TokenType | null = isScalarText ? null : CST.tokenType(token)
    if (token === CST.FLOW_END && !isScalarText) brackets = 0
    if (type === 'newline') {
      onLine = 0
      isLineStart = true
    } else {
      if (type === 'space' && isLineStart && token.length > MAX_INDENT) return { problem: 'nested too deeply', offset }
      isLineStart = false
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') brackets++
    else if (type === 'flow-map-end' || type === 'flow-seq-end') brackets = Math.max(0, brackets - 1)
    else if (brackets === 0 && (type === 'seq-item-ind' || type === 'explicit-key-ind')) onLine++
    if (brackets > MAX_INLINE_DEPTH || onLine > MAX_INLINE_DEPTH) return { problem: 'nested too deeply', offset }
    if (tokens > MAX_TOKENS) return { problem: `more than ${String(MAX_TOKENS)} tokens`, offset }
    isScalarText = type === 'scalar'
    if (!isMark) offset += token.length
  }
  return null
}
