// The largest of many, and the others: what a bound on records leaves out is summed up and told, never left away.

/** The `count` largest in falling order, and the others in any. */
export function topOf<Item>(
  items: readonly Item[],
  count: number,
  weightOf: (item: Item) => number,
): { readonly top: readonly Item[]; readonly others: readonly Item[] } {
  const sorted = [...items].sort((one, other) => weightOf(other) - weightOf(one))
  return { top: sorted.slice(0, count), others: sorted.slice(count) }
}
