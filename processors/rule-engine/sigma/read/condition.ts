// Parses Sigma conditions. Precedence from loosest to tightest: or, and, not, `N of pattern`, parentheses.

/** The text is no condition. `index` is the position of the mistake (UTF-16). */
export class SigmaConditionError extends Error {
  readonly index: number
  constructor(message: string, index: number) {
    super(message)
    this.index = index
  }
}

/** Longest condition, characters, and deepest nesting: far above any real one. */
const MAX_LENGTH = 64 * 1024
const MAX_DEPTH = 100

const NAME = /^[\p{L}\p{N}_.-]+$/u
const PATTERN = /^[\p{L}\p{N}_.*-]+$/u
const WORDS = ['and', 'or', 'not', 'of', 'them']

interface Token {
  readonly text: string
  readonly index: number
}

/** @throws SigmaConditionError */
export function parseSigmaCondition(text: string): ConditionNode {
  if (text.length > MAX_LENGTH) throw new SigmaConditionError(`the condition is longer than ${String(MAX_LENGTH)} characters`, 0)
  const pipe = text.indexOf('|')
  if (pipe >= 0) throw new SigmaConditionError("'|' (aggregation) is no part of conditions any more: a correlation takes its place", pipe)
  return new Parser(
    [...text.matchAll(/[()]|[^\s()]+/g)].map((match) => ({ text: match[0], index: match.index })),
    text.length,
  ).whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #end: Token
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens
    this.#end = { text: '', index: length }
  }

  whole(): ConditionNode {
    const node = this.#or()
    const rest = this.#peek()
    if (rest !== this.#end) throw new SigmaConditionError(`expected 'and', 'or' or the end, not '${shown(rest)}'`, rest.index)
    return node
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? this.#end
  }
  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }
  #takes(word: string): boolean {
    const isIt = this.#peek().text.toLowerCase() === word
    if (isIt) this.#at++
    return isIt
  }

  #or(): ConditionNode {
    return this.#joined('or', () => this.#joined('and', () => this.#not()))
  }

  #joined(kind: 'and' | 'or', part: () => ConditionNode): ConditionNode {
    const first = part()
    const children = [first]
    while (this.#takes(kind)) children.push(part())
    return children.length === 1 ? first : { kind, children }
  }

  #not(): ConditionNode {
    const { index } = this.#peek()
    if (this.#takes('not')) return { kind: 'not', child: this.#deeper(index, () => this.#not()) }
    if (!this.#takes('(')) return this.#search()
    const inner = this.#deeper(index, () => this.#or())
    if (!this.#takes(')')) throw new SigmaConditionError("expected a closing ')'", this.#peek().index)
    return inner
  }

  #deeper<T>(index: number, parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new SigmaConditionError(`nested deeper than ${String(MAX_DEPTH)}`, index)
    const result = parse()
    this.#depth--
    return result
  }

  #search(): ConditionNode {
    const token = this.#next()
    const { text, index } = token
    const quantifier = text.toLowerCase()
    if (/^(?:[0-9]{1,4}|all|any)$/.test(quantifier) && this.#takes('of')) return this.#of(quantifier, index)
    if (!NAME.test(text) || WORDS.includes(quantifier)) {
      throw new SigmaConditionError(`expected the name of a search, not '${shown(token)}'`, index)
    }
    return { kind: 'search', name: text, index }
  }

  #of(quantifier: string, index: number): ConditionNode {
    const token = this.#next()
    if (!PATTERN.test(token.text)) {
      throw new SigmaConditionError(`expected 'them' or a pattern of names after 'of', not '${shown(token)}'`, token.index)
    }
    const count = quantifier === 'all' ? 'all' : quantifier === 'any' ? 1 : Number(quantifier)
    if (count === 0) throw new SigmaConditionError("'0 of' asks for nothing: expected a number from 1 on", index)
    return { kind: 'of', count, pattern: token.text.toLowerCase() === 'them' ? 'them' : token.text, index }
  }
}

function shown({ text }: Token): string {
  return text === '' ? 'the end' : text
}

/** A condition: names of searches, joined. `index` is the start of the node in the text (UTF-16). */
export type ConditionNode =
  | { readonly kind: 'and' | 'or'; readonly children: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly child: ConditionNode }
  | { readonly kind: 'search'; readonly name: string; readonly index: number }
  /** `1 of selection*`, `all of them`: how many of the searches with a name of that pattern must hold. */
  | { readonly kind: 'of'; readonly count: number | 'all'; readonly pattern: string; readonly index: number }
