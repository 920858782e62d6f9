// Parses the YAML text of a rule file into documents of nodes with places. All scalars are texts, as in Falco; nothing is executed or merged.
// Hostile input is bounded: the size of the file, its tokens and their depth (yaml-bounds.ts), and the number of nodes with aliases resolved.
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type YAMLMap } from 'yaml'
import type { FilePlace } from './rule-file.js'
import { yamlExcess } from './yaml-bounds.js'

/** Largest rule file that is read. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** A node of a rule file, with aliases resolved. */
export interface YamlNode {
  readonly kind: 'map' | 'sequence' | 'scalar' | 'null'
  readonly place: FilePlace
  /** Text of a scalar; empty for all others. */
  readonly text: string
  /** A scalar without quotes: numbers and words such as true keep their meaning. */
  readonly isPlain: boolean
  /** Places within the text of a scalar. */
  readonly places: TextPlaces
  /** Members of a sequence. */
  readonly items: readonly YamlNode[]
  /** Entries of a map; the first of equal keys wins, and keys that are no scalars are skipped. */
  readonly entries: ReadonlyMap<string, { readonly keyPlace: FilePlace; readonly value: YamlNode }>
  /** Repeated keys of a map, whose values are ignored. */
  readonly repeatedKeys: readonly { readonly key: string; readonly place: FilePlace }[]
}

/** The documents of a file, or why it is not YAML. */
export type YamlFile = { readonly documents: readonly YamlNode[] } | { readonly problem: string; readonly place: FilePlace }

const MAX_NODES = 2_000_000
/** Most documents of one file: ten times the largest public collection of rules. */
const MAX_DOCUMENTS = 50_000
const TOO_DEEP = 'nested too deeply'
const NULL_WORDS = new Set(['', '~', 'null', 'Null', 'NULL'])

/** Reads all documents of a file, within bounds. */
export function readYamlFile(file: string, given: string): YamlFile {
  // Windows editors begin a file with a byte order mark; it must not indent the first line.
  const text = given.startsWith('\ufeff') ? given.slice(1) : given
  const start: FilePlace = { file, line: 1, column: 1 }
  if (text.length > MAX_FILE_BYTES) return { problem: `file is larger than ${String(MAX_FILE_BYTES)} bytes`, place: start }
  const markers = text.match(/^---/gm)?.length ?? 0
  if (markers > MAX_DOCUMENTS) return { problem: `more than ${String(MAX_DOCUMENTS)} documents`, place: start }
  const lines = new LineCounter()
  const excess = yamlExcess(text)
  if (excess !== null) return { problem: excess.problem, place: placeOf(file, text, excess.offset) }
  try {
    const documents = parseDocuments(text, lines)
    for (const { errors } of documents) {
      const [error] = errors
      if (error !== undefined) {
        const { line, col } = lines.linePos(error.pos[0])
        // Nesting of tens of thousands of levels overflows the parser's stack, which the parser reports like any other mistake.
        const isTooDeep = error.message.includes('call stack')
        return { problem: isTooDeep ? TOO_DEEP : error.message, place: { file, line, column: col } }
      }
    }
    return { documents: documents.map((document) => new NodeReader(file, text, lines).root(document)) }
  } catch (error) {
    if (error instanceof TooManyNodes) return { problem: `more than ${String(MAX_NODES)} nodes, aliases counted`, place: start }
    if (error instanceof RangeError) return { problem: TOO_DEEP, place: start }
    throw error
  }
}

function placeOf(file: string, text: string, offset: number): FilePlace {
  const before = text.slice(0, offset).split('\n')
  return { file, line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function parseDocuments(text: string, lineCounter: LineCounter): Document.Parsed[] {
  const parsed = parseAllDocuments(text, { lineCounter, schema: 'failsafe', uniqueKeys: false, prettyErrors: false, merge: false })
  return Array.isArray(parsed) ? parsed : []
}

class TooManyNodes extends Error {}

interface ReadNode {
  readonly node: YamlNode
  /** Number of nodes in it; aliased nodes count each time. */
  readonly size: number
}

class NodeReader {
  readonly #file: string
  readonly #source: string
  readonly #lines: LineCounter
  /** Completed nodes, which aliases can name: no node can contain itself. */
  readonly #anchors = new Map<string, ReadNode>()
  #size = 0

  constructor(file: string, source: string, lines: LineCounter) {
    this.#file = file
    this.#source = source
    this.#lines = lines
  }

  root(document: Document.Parsed): YamlNode {
    return this.#node(document.contents, [0, 0])
  }

  #node(given: Node | null, near: readonly [number, number]): YamlNode {
    if (isAlias(given)) return this.#aliased(given.source, near)
    const before = this.#size
    this.#count(1)
    const range: readonly [number, number] = given?.range === null || given?.range === undefined ? near : [given.range[0], given.range[1]]
    const node = this.#read(given, range)
    const anchor = isMap(given) || isSeq(given) || isScalar(given) ? given.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, { node, size: this.#size - before })
    return node
  }

  #read(given: Node | null, range: readonly [number, number]): YamlNode {
    if (isMap(given)) return this.#make('map', range, this.#entries(given, range))
    if (isSeq(given)) return this.#make('sequence', range, { items: given.items.map((item) => this.#node(item as Node | null, range)) })
    if (!isScalar(given)) return this.#make('null', range)
    const text = typeof given.value === 'string' ? given.value : (given.source ?? '')
    const isPlain = given.type === undefined || given.type === 'PLAIN'
    return this.#make(isPlain && NULL_WORDS.has(text) ? 'null' : 'scalar', range, { text, isPlain })
  }

  #aliased(anchor: string, near: readonly [number, number]): YamlNode {
    const target = this.#anchors.get(anchor)
    if (target === undefined) return this.#make('null', near)
    this.#count(target.size)
    return target.node
  }

  #count(nodes: number): void {
    this.#size += nodes
    if (this.#size > MAX_NODES) throw new TooManyNodes()
  }

  #entries(map: YAMLMap, near: readonly [number, number]): Pick<YamlNode, 'entries' | 'repeatedKeys'> {
    const entries = new Map<string, { keyPlace: FilePlace; value: YamlNode }>()
    const repeatedKeys: { key: string; place: FilePlace }[] = []
    for (const pair of map.items) {
      const key = this.#node(pair.key as Node | null, near)
      if (key.kind !== 'scalar') continue
      if (entries.has(key.text)) {
        repeatedKeys.push({ key: key.text, place: key.place })
        continue
      }
      entries.set(key.text, { keyPlace: key.place, value: this.#node(pair.value as Node | null, near) })
    }
    return { entries, repeatedKeys }
  }

  #make(kind: YamlNode['kind'], range: readonly [number, number], parts: Partial<YamlNode> = {}): YamlNode {
    const text = parts.text ?? ''
    const places = placesOf(this.#file, this.#source, this.#lines, range, text)
    const { items = [], entries = new Map(), repeatedKeys = [], isPlain = false } = parts
    return { kind, place: places.start, text, isPlain, places, items, entries, repeatedKeys }
  }
}

// The places of a YAML text's characters in its file. YAML folds lines and drops indents but keeps the order of all other characters, so a character of
// the value is found by counting the non-blanks before it.

/** Maps positions of a text to places of its file. */
export interface TextPlaces {
  /** Place of the text. */
  readonly start: FilePlace
  /** Place of the character at an index (UTF-16) of the text. */
  at(index: number): FilePlace
}

const BLANK = /\s/

/**
 * @param source of the whole file
 * @param range of the scalar in it, including quotes or block header
 */
export function placesOf(
  file: string,
  source: string,
  lines: LineCounter,
  range: readonly [start: number, end: number],
  text: string,
): TextPlaces {
  const place = (offset: number): FilePlace => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  return {
    start: place(range[0]),
    at(index) {
      const raw = source.slice(range[0], range[1])
      const wanted = countNonBlanks(text.slice(0, index))
      return place(range[0] + offsetOfNonBlank(raw, bodyStart(raw), wanted))
    },
  }
}

function countNonBlanks(text: string): number {
  let count = 0
  for (const char of text) if (!BLANK.test(char)) count++
  return count
}

/** The index after the opening quote, or after the line with `>` or `|`. */
function bodyStart(raw: string): number {
  if (raw.startsWith('"') || raw.startsWith("'")) return 1
  return /^[>|]/.test(raw) ? raw.indexOf('\n') + 1 : 0
}

function offsetOfNonBlank(raw: string, start: number, wanted: number): number {
  const quote = raw.charAt(0)
  let seen = 0
  let i = start
  for (; i < raw.length; i++) {
    if (BLANK.test(raw.charAt(i))) continue
    if (seen === wanted) return i
    seen++
    // Two single quotes, or a backslash with what it escapes, are one character of the value.
    const isPair = (quote === "'" && raw.startsWith("''", i)) || (quote === '"' && raw.charAt(i) === '\\')
    if (isPair) i++
  }
  return Math.min(i, raw.length)
}
