// Reads the keys of one Sigma document and checks their form. Every mistake is an ItemError with the title of the rule and the place.
import { nearestName } from '../../../../infra/text/nearest.js'
import { ItemError } from '../../read/load-report.js'
import type { YamlNode } from '../../read/yaml-file.js'
/** Longest text and list of texts, characters: every alert carries them. */
const MAX_TEXT = 2048
const MAX_TEXTS = 32 * 1024

/** Refuses a repeated key, such as a second `CommandLine|contains` in a search, which would be ignored. @throws ItemError */
export function refuseRepeatedKeys({ repeatedKeys }: YamlNode): void {
  const [first] = repeatedKeys
  if (first === undefined) return
  throw new ItemError('LOAD_ERR_YAML_VALIDATE', `key '${first.key}' occurs twice in the same mapping`, null, first.place)
}

/** Reads keys of one document; mistakes name the rule and the place. */
export class DocumentReader {
  readonly #node: YamlNode
  readonly #title: string | null
  /** Key of the mapping within the document; null for the document itself. */
  readonly #within: string | null

  /** @param of the document, and the key of the mapping in it; by default the whole document */
  constructor(node: YamlNode, of: { readonly title: string | null; readonly key: string | null } = { title: titleOf(node), key: null }) {
    this.#node = node
    this.#title = of.title
    this.#within = of.key
  }

  /** Reads the keys of a mapping within the document. */
  within(key: string): DocumentReader {
    return new DocumentReader(this.map(key), { title: this.#title, key })
  }

  get keys(): Iterable<string> {
    return this.#node.entries.keys()
  }

  get place(): YamlNode['place'] {
    return this.#node.place
  }

  /** The node of a key, or the mapping if the key is absent. */
  keyPlace(key: string): YamlNode['place'] {
    return this.#node.entries.get(key)?.keyPlace ?? this.place
  }

  fail(message: string, at: string | YamlNode): never {
    const place = typeof at === 'string' ? this.keyPlace(at) : at.place
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', message, this.#title, place)
  }

  /** Reports something that the mapping lacks. */
  failHere(message: string): never {
    this.fail(`${this.#within === null ? 'Rule' : `'${this.#within}'`} ${message}`, this.#node)
  }

  /** Reports an unknown value of a closed list, with the nearest known one. */
  failUnknown(what: string, text: string, known: readonly string[], at: string | YamlNode): never {
    const near = nearestName(text, known)
    this.fail(`unknown ${what} '${text}'${near === undefined ? `: expected ${known.join(', ')}` : ` (did you mean '${near}'?)`}`, at)
  }

  has(key: string): boolean {
    return this.#node.entries.has(key)
  }
  get(key: string): YamlNode | undefined {
    return this.#node.entries.get(key)?.value
  }

  /** The value of a required key. */
  node(key: string): YamlNode {
    return this.get(key) ?? this.failHere(`has no '${key}'`)
  }

  map(key: string): YamlNode {
    const node = this.node(key)
    if (node.kind !== 'map') this.fail(`'${key}' must be a mapping`, node)
    refuseRepeatedKeys(node)
    return node
  }

  /** A text; null if absent or empty. */
  text(key: string, longest = MAX_TEXT): string | null {
    const node = this.get(key)
    if (node === undefined || node.kind === 'null') return null
    if (node.kind !== 'scalar') this.fail(`'${key}' must be a text`, node)
    if (node.text.length > longest) this.fail(`'${key}' is longer than ${String(longest)} characters`, node)
    return node.text === '' ? null : node.text
  }

  /** Texts of a list, or a single one. */
  texts(key: string): string[] {
    const node = this.get(key)
    if (node === undefined || node.kind === 'null') return []
    if (node.kind === 'map') this.fail(`'${key}' must be a list of texts`, node)
    const items = node.kind === 'scalar' ? [node] : node.items
    // Many short texts count like a few long ones.
    if (items.reduce((sum, { text }) => sum + text.length + 1, 0) > MAX_TEXTS)
      this.fail(`'${key}' is longer than ${String(MAX_TEXTS)} characters`, node)
    return items.flatMap((item) => {
      if (item.kind === 'map' || item.kind === 'sequence') this.fail(`'${key}' must be a list of texts`, item)
      return item.text === '' ? [] : [item.text]
    })
  }
}

function titleOf(node: YamlNode): string | null {
  const title = node.entries.get('title')?.value
  return title?.kind === 'scalar' && title.text !== '' ? title.text.slice(0, MAX_TEXT) : null
}
