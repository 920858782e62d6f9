// Reads the values of one item of a rule file (a rule, a macro, a list, an exception) and refuses values of the wrong form, with Falco's messages.
import { nearestName } from '../../../infra/text/nearest.js'
import type { PlacedText } from './definitions.js'
import { ItemError, type LoadReport } from '../read/load-report.js'
import type { FilePlace } from '../read/rule-file.js'
import type { YamlNode } from '../read/yaml-file.js'

const TRUE_WORDS = new Set(['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON'])
const FALSE_WORDS = new Set(['false', 'False', 'FALSE', 'no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF'])

/** One item: its node, and its name for messages. */
export class ItemReader {
  readonly node: YamlNode
  readonly name: string | null

  constructor(node: YamlNode, name: string | null) {
    this.node = node
    this.name = name
  }

  get place(): FilePlace {
    return this.node.place
  }

  fail(message: string, place: FilePlace = this.place): never {
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', message, this.name, place)
  }

  has(key: string): boolean {
    return this.node.entries.has(key)
  }
  get(key: string): YamlNode | undefined {
    return this.node.entries.get(key)?.value
  }
  placeOf(key: string): FilePlace {
    return this.node.entries.get(key)?.keyPlace ?? this.place
  }

  /** A required text. */
  text(key: string): PlacedText {
    const value = this.get(key) ?? this.fail(`Item has no mapping for key '${key}'`)
    if (value.kind === 'null') this.fail(`Mapping for key '${key}' is empty`, value.place)
    if (value.kind !== 'scalar') this.fail('Value is not a scalar value', value.place)
    if (value.text === '') this.fail('Value must be non-empty', value.place)
    return { text: value.text, places: value.places }
  }

  optionalText(key: string): PlacedText | undefined {
    return this.has(key) ? this.text(key) : undefined
  }

  optionalBoolean(key: string): boolean | undefined {
    if (!this.has(key)) return undefined
    const { text, places } = this.text(key)
    if (TRUE_WORDS.has(text)) return true
    if (FALSE_WORDS.has(text)) return false
    return this.fail(`Can't decode YAML scalar value: '${key}' must be true or false`, places.start)
  }

  optionalNumber(key: string): number | undefined {
    if (!this.has(key)) return undefined
    const { text, places } = this.text(key)
    if (!/^[0-9]{1,10}$/.test(text)) this.fail(`Can't decode YAML scalar value: '${key}' must be a whole number`, places.start)
    return Number(text)
  }

  /** A required sequence of texts. */
  texts(key: string): string[] {
    const value = this.get(key) ?? this.fail(`Item has no mapping for key '${key}'`)
    if (value.kind !== 'sequence') this.fail('Value is not a sequence', value.place)
    return value.items.map((item) => {
      if (item.kind !== 'scalar') this.fail('sequence value is not scalar', item.place)
      return item.text
    })
  }

  /** Warns about unknown keys, with the nearest known one. */
  warnUnknownKeys(known: readonly string[], report: LoadReport, kind: string): void {
    for (const [key, { keyPlace }] of this.node.entries) {
      if (known.includes(key)) continue
      const near = nearestName(key, known)
      report.warn(
        'LOAD_UNKNOWN_KEY',
        `Unknown key '${key}' in ${kind}${near === undefined ? '' : ` (did you mean '${near}'?)`}`,
        this.name,
        keyPlace,
      )
    }
  }
}

// The key `override` of an item: which properties are appended to those of the earlier item, and which replace them.

/** Properties by their operation. */
export interface Overrides {
  readonly append: ReadonlySet<string>
  readonly replace: ReadonlySet<string>
}

/** @returns the overrides of an item, or null if it has none */
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

/** Checks that every overridden property is given, and that every given property that can be overridden is. */
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
