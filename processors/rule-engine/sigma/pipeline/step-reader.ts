// Reads the keys of one step, condition or pipeline and checks their form. An unknown key is a mistake, reported with the nearest known one.
import { nearestName } from '../../../../infra/text/nearest.js'
import { detectionProblem } from '../read/detection.js'
import type { FilePlace } from '../../read/rule-file.js'
import type { YamlNode } from '../../read/yaml-file.js'
import { compileRegularExpression } from '../../text/regular-expression.js'

/** Longest text, and most entries of a list or mapping. */
const MAX_TEXT = 16 * 1024
const MAX_ENTRIES = 10_000

/** Reads the keys of one mapping and tracks which were not read. */
export class StepReader {
  readonly #node: YamlNode
  readonly #what: string
  readonly #read = new Set<string>()

  /** @param what the mapping is, for messages: `transformation 'field_name_mapping'` */
  constructor(node: YamlNode, what: string) {
    if (node.kind !== 'map') throw detectionProblem(`${what} must be a mapping`, node.place)
    const [repeated] = node.repeatedKeys
    if (repeated !== undefined) throw detectionProblem(`key '${repeated.key}' occurs twice in ${what}`, repeated.place)
    this.#node = node
    this.#what = what
  }

  get place(): FilePlace {
    return this.#node.place
  }

  fail(message: string, key?: string): never {
    throw detectionProblem(`${this.#what}: ${message}`, this.placeOf(key ?? ''))
  }

  /** The place of a key's value, or of the mapping if the key is absent. */
  placeOf(key: string): FilePlace {
    return this.#node.entries.get(key)?.value.place ?? this.place
  }

  node(key: string): YamlNode | null {
    this.#read.add(key)
    const node = this.#node.entries.get(key)?.value
    return node === undefined || node.kind === 'null' ? null : node
  }

  optionalText(key: string): string | null {
    const node = this.node(key)
    return node === null ? null : this.#textOf(node, key)
  }

  text(key: string): string {
    return this.optionalText(key) ?? this.fail(`has no '${key}'`)
  }

  /** One word of a closed list; the first one if the key is absent. */
  choice<T extends string>(key: string, words: readonly [T, ...T[]]): T {
    const text = this.optionalText(key)
    if (text === null) return words[0]
    return words.find((word) => word === text) ?? this.fail(`'${key}' must be ${words.join(' or ')}, not '${text}'`, key)
  }

  flag(key: string): boolean {
    const text = this.optionalText(key)?.toLowerCase()
    if (text === undefined) return false
    return text === 'true' ? true : text === 'false' ? false : this.fail(`'${key}' must be true or false`, key)
  }

  /** A list of texts, or one text; null if the key is absent. */
  optionalTexts(key: string): string[] | null {
    const node = this.node(key)
    return node === null ? null : this.#textsOf(node, key)
  }

  texts(key: string): string[] {
    return this.optionalTexts(key) ?? this.fail(`has no '${key}'`)
  }

  items(key: string): readonly YamlNode[] {
    const node = this.node(key)
    if (node === null) return []
    if (node.kind !== 'sequence') return this.fail(`'${key}' must be a list`, key)
    if (node.items.length > MAX_ENTRIES) this.fail(`'${key}' has more than ${String(MAX_ENTRIES)} entries`, key)
    return node.items
  }

  /** A mapping of a text to one or more texts. */
  mapping(key: string): Map<string, readonly string[]> {
    const node = this.node(key) ?? this.fail(`has no '${key}'`)
    if (node.kind !== 'map') return this.fail(`'${key}' must be a mapping`, key)
    if (node.entries.size > MAX_ENTRIES) this.fail(`'${key}' has more than ${String(MAX_ENTRIES)} entries`, key)
    const [repeated] = node.repeatedKeys
    if (repeated !== undefined) throw detectionProblem(`${this.#what}: '${repeated.key}' occurs twice in '${key}'`, repeated.place)
    return new Map([...node.entries].map(([name, { value }]) => [name, this.#textsOf(value, `${key}.${name}`)]))
  }

  /** A regular expression that must match at the beginning of a text. */
  prefixPattern(key: string, pattern: string): (text: string) => boolean {
    const matches = compileRegularExpression(`(?:${pattern})(?s:.*)`)
    const own = compileRegularExpression(pattern)
    if (typeof own !== 'function') return this.fail(own.problem, key)
    return typeof matches === 'function' ? matches : this.fail(matches.problem, key)
  }

  /** Refuses keys that were not read. */
  done(): void {
    for (const [key, { keyPlace }] of this.#node.entries) {
      if (this.#read.has(key)) continue
      const near = nearestName(key, this.#read)
      throw detectionProblem(`${this.#what}: unknown key '${key}'${near === undefined ? '' : ` (did you mean '${near}'?)`}`, keyPlace)
    }
  }

  #textOf(node: YamlNode, key: string): string {
    if (node.kind === 'map' || node.kind === 'sequence') throw detectionProblem(`${this.#what}: '${key}' must be a text`, node.place)
    if (node.text.length > MAX_TEXT)
      throw detectionProblem(`${this.#what}: '${key}' is longer than ${String(MAX_TEXT)} characters`, node.place)
    return node.text
  }

  #textsOf(node: YamlNode, key: string): string[] {
    if (node.kind === 'null' || (node.kind === 'sequence' && node.items.length === 0)) {
      throw detectionProblem(`${this.#what}: '${key}' is empty`, node.place)
    }
    const items = node.kind === 'sequence' ? node.items : [node]
    if (items.length > MAX_ENTRIES)
      throw detectionProblem(`${this.#what}: '${key}' has more than ${String(MAX_ENTRIES)} entries`, node.place)
    return items.map((item) => this.#textOf(item, key))
  }
}

/** Parts of pySigma that have no meaning, or another one, here. */
const REFUSED: Readonly<Record<string, string>> = {
  query_expression_placeholders: 'it makes text of a query, and no query is made here',
  regex: 'texts are compared without case already',
  case: 'texts are compared without case already',
  convert_type: 'texts and numbers are compared alike already',
  hashes_fields: 'records have one hash, of the executable',
  field_name_transform: 'name each field in a field_name_mapping',
  strict_field_mapping_failure: 'a rule with a field that no record has says so by itself',
  set_custom_attribute: 'rules have no attributes of their own',
  nest: 'write the steps one after the other',
  template: 'it makes text of a query, and no query is made here',
}

/** Refuses a name, with the reason if it is known, otherwise with the nearest known name. @throws ItemError */
export function refuseName(reader: StepReader, what: string, name: string, known: readonly string[]): never {
  const reason = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined
  const place = reader.placeOf('type')
  if (reason !== undefined) throw detectionProblem(`${what} '${name}' is not supported: ${reason}`, place)
  const near = nearestName(name, known)
  const help = near === undefined ? `: expected ${known.join(', ')}` : ` (did you mean '${near}'?)`
  throw detectionProblem(`unknown ${what} '${name}'${help}`, place)
}
