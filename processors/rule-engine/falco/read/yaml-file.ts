// YAML text of a rule file to documents of nodes with places. All scalars are text, as Falco reads them; nothing is executed or merged.
// Hostile input is bounded: size of the file, number of nodes behind aliases.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { Document, Node, YAMLMap } from 'yaml'
import type { FilePlace } from '../../compiled-rule.js'
import { placesOf } from './text-places.js'
import type { TextPlaces } from './text-places.js'

/** Largest rule file that is read. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** A node of a rule file. Aliases are resolved. */
export interface YamlNode {
  readonly kind: 'map' | 'sequence' | 'scalar' | 'null'
  readonly place: FilePlace
  /** Text of a scalar; empty for all others. */
  readonly text: string
  /** Places within the text of a scalar. */
  readonly places: TextPlaces
  /** Members of a sequence. */
  readonly items: readonly YamlNode[]
  /** Entries of a map, first wins; keys that are no scalars are left out. */
  readonly entries: ReadonlyMap<string, { readonly keyPlace: FilePlace; readonly value: YamlNode }>
}

/** The documents of a file, or why it is no YAML. */
export type YamlFile = { readonly documents: readonly YamlNode[] } | { readonly problem: string; readonly place: FilePlace }

const MAX_NODES = 2_000_000
const NULL_WORDS = new Set(['', '~', 'null', 'Null', 'NULL'])

export function readYamlFile(file: string, text: string): YamlFile {
  const start: FilePlace = { file, line: 1, column: 1 }
  if (text.length > MAX_FILE_BYTES) return { problem: `file is larger than ${String(MAX_FILE_BYTES)} bytes`, place: start }
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, schema: 'failsafe', uniqueKeys: false, prettyErrors: false, merge: false })
  const documents = Array.isArray(parsed) ? parsed : []
  for (const document of documents) {
    const [error] = document.errors
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0])
      return { problem: error.message, place: { file, line, column: col } }
    }
  }
  const reader = new NodeReader(file, text, lines)
  try {
    return { documents: documents.map((document) => reader.root(document)) }
  } catch (error) {
    if (error instanceof TooManyNodes) return { problem: `more than ${String(MAX_NODES)} nodes, aliases counted`, place: start }
    throw error
  }
}

class TooManyNodes extends Error {}

class NodeReader {
  readonly #file: string
  readonly #source: string
  readonly #lines: LineCounter
  #nodes = 0

  constructor(file: string, source: string, lines: LineCounter) {
    this.#file = file
    this.#source = source
    this.#lines = lines
  }

  root(document: Document.Parsed): YamlNode {
    return this.#node(document.contents, document, [0, 0])
  }

  #node(given: Node | null, document: Document, near: readonly [number, number]): YamlNode {
    if (++this.#nodes > MAX_NODES) throw new TooManyNodes()
    const node = isAlias(given) ? (given.resolve(document) ?? null) : given
    const range: readonly [number, number] = node?.range === null || node?.range === undefined ? near : [node.range[0], node.range[1]]
    if (isMap(node)) return this.#make('map', range, { entries: this.#entries(node, document, range) })
    if (isSeq(node))
      return this.#make('sequence', range, { items: node.items.map((item) => this.#node(item as Node | null, document, range)) })
    if (!isScalar(node)) return this.#make('null', range)
    const text = typeof node.value === 'string' ? node.value : String(node.source ?? '')
    const isNull = (node.type === undefined || node.type === 'PLAIN') && NULL_WORDS.has(text)
    return this.#make(isNull ? 'null' : 'scalar', range, { text })
  }

  #entries(map: YAMLMap, document: Document, near: readonly [number, number]): YamlNode['entries'] {
    const entries = new Map<string, { keyPlace: FilePlace; value: YamlNode }>()
    for (const pair of map.items) {
      const key = this.#node(pair.key as Node | null, document, near)
      if (key.kind !== 'scalar' || entries.has(key.text)) continue
      entries.set(key.text, { keyPlace: key.place, value: this.#node(pair.value as Node | null, document, near) })
    }
    return entries
  }

  #make(kind: YamlNode['kind'], range: readonly [number, number], parts: Partial<YamlNode> = {}): YamlNode {
    const text = parts.text ?? ''
    const places = placesOf(this.#file, this.#source, this.#lines, range, text)
    return { kind, place: places.start, text, places, items: parts.items ?? [], entries: parts.entries ?? new Map() }
  }
}
