// Falco rule files as lists of items with every scalar a text, and the readers of their keys. Written for files that load: the
// oracle does not check what a loader must refuse.
import { parseAllDocuments } from 'yaml'

/** One list, macro or rule of a file. */
export type RuleItem = Readonly<Record<string, unknown>>

/** Items of a file, in order; all of its documents. */
export function itemsOf(text: string): RuleItem[] {
  const items: RuleItem[] = []
  for (const document of parseAllDocuments(text, { schema: 'failsafe', merge: false, uniqueKeys: false })) {
    const [error] = document.errors
    if (error !== undefined) throw new TypeError(`no YAML: ${error.message}`)
    const content: unknown = document.toJS()
    if (Array.isArray(content)) items.push(...content.filter(isItem))
  }
  return items
}

function isItem(value: unknown): value is RuleItem {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(item: RuleItem, key: string): string | undefined {
  const value = item[key]
  return typeof value === 'string' ? value : undefined
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
}

export function itemsIn(value: unknown): RuleItem[] {
  return Array.isArray(value) ? value.filter(isItem) : []
}

/** How the item changes a key of one of the same name: `append: true` appends all. */
export function changeOf(item: RuleItem, key: string): 'append' | 'replace' | null {
  if (textOf(item, 'append') === 'true') return key in item ? 'append' : null
  const override = item['override']
  if (!isItem(override)) return null
  const how = textOf(override, key)
  return how === 'append' || how === 'replace' ? how : null
}

/** True when the item changes an earlier one instead of replacing it. */
export function isChange(item: RuleItem): boolean {
  return textOf(item, 'append') === 'true' || isItem(item['override'])
}
