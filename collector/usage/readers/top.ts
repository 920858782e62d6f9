// The largest items and the others: what exceeds the limit on records is summed up and reported, never dropped.

/** The `count` largest in descending order, and the others in any order. */
export function topOf<Item>(
  items: readonly Item[],
  count: number,
  weightOf: (item: Item) => number,
): { readonly top: readonly Item[]; readonly others: readonly Item[] } {
  const sorted = [...items].sort((one, other) => weightOf(other) - weightOf(one))
  return { top: sorted.slice(0, count), others: sorted.slice(count) }
}
