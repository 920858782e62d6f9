// Items of lists and values of exceptions become text of a condition: those with a blank are put in quotes, unless they have some.

export function quoteItem(item: string): string {
  return item.includes(' ') && !item.startsWith('"') && !item.startsWith("'") ? `"${item}"` : item
}

/** The text without the quotes around it. */
export function unquoteItem(item: string): string {
  const first = item.charAt(0)
  return item.length >= 2 && (first === '"' || first === "'") && item.endsWith(first) ? item.slice(1, -1) : item
}
