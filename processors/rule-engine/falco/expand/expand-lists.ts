// Lists are put into conditions as text, before anything is parsed: wherever the name stands between delimiters, even inside quotes.
// That is how Falco does it, and rules rely on it.
import type { Collected } from '../collector.js'
import type { ListDefinition } from '../definitions.js'
import { quoteItem } from './quote-item.js'

/** A list with its items as they are put into conditions. */
export interface ExpandedList {
  readonly name: string
  readonly items: readonly string[]
  /** Names of the lists that it mentions. */
  readonly refs: readonly string[]
  readonly definition: ListDefinition
}

const BLANKS = ' \t\n\r'
const DELIMITERS = `${BLANKS}(),=`
/** Longest condition that lists may make. */
const MAX_EXPANDED = 4 * 1024 * 1024

/** Lists in load order. An item that names a list defined before is replaced by that one's own items, one level deep. */
export function expandLists(lists: ReadonlyMap<string, Collected<ListDefinition>>): ExpandedList[] {
  return inOrder(lists).map(({ definition, visibility }) => {
    const refs: string[] = []
    const items = definition.items.flatMap((item) => {
      const earlier = lists.get(item)
      if (earlier === undefined || earlier.index >= visibility) return [quoteItem(item)]
      refs.push(item)
      return earlier.definition.items.map(quoteItem)
    })
    return { name: definition.name, items, refs, definition }
  })
}

/** In the order of their first definition. */
export function inOrder<T>(map: ReadonlyMap<string, Collected<T>>): Collected<T>[] {
  return [...map.values()].sort((a, b) => a.index - b.index)
}

/**
 * Puts lists into a condition, in load order.
 * @returns the text and the names of the lists that were found; null when it grew beyond all reason
 */
export function substituteLists(condition: string, lists: readonly ExpandedList[]): { text: string; used: string[] } | null {
  let text = condition
  const used: string[] = []
  for (const list of lists) {
    if (!text.includes(list.name)) continue
    const result = substituteList(text, list)
    if (result === null) continue
    if (result.length > MAX_EXPANDED) return null
    text = result
    used.push(list.name)
  }
  return { text, used }
}

/** null when the name does not stand in the text as a word of its own. */
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
    // An empty list takes one neighbouring comma with it.
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

/** True when the name stands in the text where a list would be put in. */
export function mentionsList(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (isDelimiter(text, at - 1) && isDelimiter(text, at + name.length)) return true
  }
  return false
}

function isDelimiter(text: string, index: number): boolean {
  return index < 0 || index >= text.length || DELIMITERS.includes(text.charAt(index))
}
