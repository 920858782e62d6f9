// The key `override` of an item: which of its properties are appended to those of the earlier item, and which replace them.
import type { ItemReader } from './item-reader.js'

/** Properties by what is done with them. */
export interface Overrides {
  readonly append: ReadonlySet<string>
  readonly replace: ReadonlySet<string>
}

/** @returns the overrides of an item, or null when it has none */
export function readOverrides(item: ItemReader, appendable: readonly string[], replaceable: readonly string[]): Overrides | null {
  const node = item.get('override')
  if (node === undefined) return null
  if (node.kind !== 'map') return item.fail("Value of 'override' must be a mapping of keys to 'append' or 'replace'", node.place)
  const append = new Set<string>()
  const replace = new Set<string>()
  for (const [key, { keyPlace, value }] of node.entries) {
    if (value.text === 'append') {
      if (!appendable.includes(key)) item.fail(`Key '${key}' cannot be appended to, use 'replace' instead`, keyPlace)
      append.add(key)
    } else if (value.text === 'replace') {
      if (!replaceable.includes(key)) item.fail(`Key '${key}' cannot be replaced`, keyPlace)
      replace.add(key)
    } else {
      const allowed = [...(appendable.includes(key) ? ['append'] : []), ...(replaceable.includes(key) ? ['replace'] : [])].join(' ')
      item.fail(`Invalid override operation for key '${key}': '${value.text}'. Allowed values are: ${allowed}`, value.place)
    }
  }
  return append.size + replace.size === 0 ? null : { append, replace }
}

/** Every overridden property is given, and every given property that could be is overridden. */
export function checkOverriddenKeys(item: ItemReader, overrides: Overrides, overridable: readonly string[]): void {
  for (const [kind, keys] of [['append', overrides.append] as const, ['replace', overrides.replace] as const]) {
    for (const key of keys) {
      if (!item.has(key)) item.fail(`An ${kind} override for '${key}' was specified but '${key}' is not defined`, item.placeOf('override'))
    }
  }
  for (const key of overridable) {
    if (item.has(key) && !overrides.append.has(key) && !overrides.replace.has(key)) {
      item.fail(`Unexpected key '${key}': no corresponding entry under 'override' is defined.`, item.placeOf(key))
    }
  }
}

export const OVERRIDE_AND_APPEND =
  "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead."
export const APPEND_IS_DEPRECATED = "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead."
