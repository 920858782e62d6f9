// Substitutes lists in the text of conditions before parsing, wherever the name stands between delimiters, even inside quotes. Falco does the same, and
// rules rely on it.
import { quoteItem, type ListDefinition } from './definitions.js'
import type { Collected } from './rule-items.js'

/** A list with its items in the form in which conditions get them. */
export interface ExpandedList {
  readonly name: string
  readonly items: readonly string[]
  /** Names of the lists that it mentions. */
  readonly refs: readonly string[]
  readonly definition: ListDefinition
}

const BLANKS = ' \t\n\r'
const DELIMITERS = `${BLANKS}(),=`
/** Longest condition after substitution. */
const MAX_EXPANDED = 1024 * 1024

/**
 * Expands lists, in load order. An item that names an earlier list is replaced by that list's own items, one level deep.
 * @param onTooLong called for a list that is skipped because it has more than `maxItems` items with those of other lists in it
 */
export function expandLists(
  lists: ReadonlyMap<string, Collected<ListDefinition>>,
  maxItems: number,
  onTooLong: (list: ListDefinition) => void = () => undefined,
): ExpandedList[] {
  return inOrder(lists).flatMap(({ definition, visibility }): ExpandedList[] => {
    const inner = definition.items.map((item) => {
      const earlier = lists.get(item)
      return earlier === undefined || earlier.index >= visibility ? null : earlier.definition
    })
    // Counted before it is built: lists of lists multiply.
    if (inner.reduce((sum, list) => sum + (list?.items.length ?? 1), 0) > maxItems) {
      onTooLong(definition)
      return []
    }
    const items = definition.items.flatMap((item, index) => (inner[index] ?? { items: [item] }).items.map(quoteItem))
    const refs = inner.flatMap((list) => (list === null ? [] : [list.name]))
    return [{ name: definition.name, items, refs, definition }]
  })
}

/** In the order of their first definition. */
export function inOrder<T>(map: ReadonlyMap<string, Collected<T>>): Collected<T>[] {
  return [...map.values()].sort((a, b) => a.index - b.index)
}

/**
 * Substitutes lists in a condition, in load order.
 * @returns the text and the names of the lists in it; null if the text grows above the bound
 */
export function substituteLists(condition: string, lists: readonly ExpandedList[]): { text: string; used: string[] } | null {
  let text = condition
  const used: string[] = []
  // Most lists are in no condition: looking up its words is cheaper than searching it for every list.
  const words = new Set(wordsOf(condition))
  for (const list of lists) {
    if (!words.has(list.name) && !HAS_DELIMITER.test(list.name)) continue
    const result = substituteList(text, list)
    if (result === null) continue
    if (result.length > MAX_EXPANDED) return null
    text = result
    used.push(list.name)
    for (const word of list.items.flatMap(wordsOf)) words.add(word)
  }
  return { text, used }
}

const HAS_DELIMITER = /[ \t\n\r(),=]/
const wordsOf = (text: string): string[] => text.split(/[ \t\n\r(),=]+/)

/** null if the name is not in the text as a word of its own. */
function substituteList(text: string, list: ExpandedList): string | null {
  const replacement = list.items.join(', ')
  let result = ''
  let from = 0
  let isFound = false
  for (let at = text.indexOf(list.name); at >= 0; at = text.indexOf(list.name, at + 1)) {
    const behind = at + list.name.length
    if (at < from || !isDelimiter(text, at - 1) || !isDelimiter(text, behind)) continue
    isFound = true
    let start = at
    let end = behind
    while (start > from && BLANKS.includes(text.charAt(start - 1))) start--
    while (end < text.length && BLANKS.includes(text.charAt(end))) end++
    // An empty list removes one neighbouring comma.
    if (replacement === '') {
      if (start > from && text.charAt(start - 1) === ',') start--
      else if (text.charAt(end) === ',') end++
    }
    result += `${text.slice(from, start)} ${replacement} `
    from = end
    if (result.length > MAX_EXPANDED) return result
  }
  return isFound ? result + text.slice(from) : null
}

/** Whether the name is in the text where a list would be substituted. */
export function mentionsList(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (isDelimiter(text, at - 1) && isDelimiter(text, at + name.length)) return true
  }
  return false
}

function isDelimiter(text: string, index: number): boolean {
  return index < 0 || index >= text.length || DELIMITERS.includes(text.charAt(index))
}
