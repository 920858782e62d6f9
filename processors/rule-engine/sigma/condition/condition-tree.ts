// The condition of a Sigma rule as written: names of searches, joined. What a search is, is not known here.

/** `index` is where the node begins in the text of the condition (UTF-16). */
export type ConditionNode =
  | { readonly kind: 'and' | 'or'; readonly children: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly child: ConditionNode }
  | { readonly kind: 'search'; readonly name: string; readonly index: number }
  /** `1 of selection*`, `all of them`: how many of the searches with a name of that pattern must hold. */
  | { readonly kind: 'of'; readonly count: number | 'all'; readonly pattern: string; readonly index: number }
