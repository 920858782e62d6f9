// The condition of a Sigma rule: names of searches, `1 of pattern*`, `all of them`, with the precedence `not`, `and`, `or`.

export type SigmaConditionNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly SigmaConditionNode[] }
  | { readonly kind: 'not'; readonly node: SigmaConditionNode }
  | { readonly kind: 'search'; readonly name: string }
  | { readonly kind: 'of'; readonly least: number | 'all'; readonly pattern: string }

/** @throws TypeError for an invalid condition */
export function parseSigmaCondition(text: string): SigmaConditionNode {
  const words = text.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const take = (): string => words[at++] ?? ''
  const isNext = (word: string): boolean => (words[at] ?? '').toLowerCase() === word

  const chain = (kind: 'and' | 'or', term: () => SigmaConditionNode): SigmaConditionNode => {
    const first = term()
    const nodes = [first]
    while (isNext(kind)) {
      at++
      nodes.push(term())
    }
    return nodes.length === 1 ? first : { kind, nodes }
  }
  const either = (): SigmaConditionNode => chain('or', () => chain('and', negation))
  const negation = (): SigmaConditionNode => {
    if (isNext('not')) {
      at++
      return { kind: 'not', node: negation() }
    }
    const word = take()
    if (word === '(') {
      const inner = either()
      if (take() !== ')') throw new TypeError(`no closing parenthesis: ${text}`)
      return inner
    }
    if (!isNext('of')) return { kind: 'search', name: word }
    at++
    const least = word === 'all' ? 'all' : word === 'any' ? 1 : Number(word)
    return { kind: 'of', least, pattern: take() }
  }

  const condition = either()
  if (at !== words.length) throw new TypeError(`not understood behind word ${String(at)}: ${text}`)
  return condition
}
