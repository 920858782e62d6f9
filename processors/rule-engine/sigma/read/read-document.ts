// One YAML document of a Sigma file to what it says: a rule, a correlation or a filter. Keys that the specification does not name are the
// author's own and mean nothing here.
import { nearestName } from '../../../../infra/nearest.js'
import { ItemError } from '../../load-report.js'
import type { YamlNode } from '../../read/yaml-file.js'
import { LEVELS, parseLevel } from '../level.js'
import type { SigmaLevel } from '../level.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import type { SigmaDetection, SigmaDocument, SigmaMetadata } from './sigma-document.js'

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
/** Longest text and list of texts, characters: they travel in every alert. */
const MAX_TEXT = 2048
const MAX_TEXTS = 32 * 1024
/** As the specification has it. */
const MAX_DESCRIPTION = 65_535
/** Keys of `detection` that name no search. */
const NO_SEARCHES = ['condition', 'timeframe']

/** Does the document look like one of Sigma's? Falco's are lists. */
export function isSigmaDocument(node: YamlNode): boolean {
  const { kind, entries } = node
  if (kind !== 'map') return false
  return ['detection', 'correlation', 'filter'].some((key) => entries.has(key)) || (entries.has('title') && entries.has('logsource'))
}

/** @throws ItemError */
export function readSigmaDocument(node: YamlNode): SigmaDocument {
  if (node.kind !== 'map')
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', 'A Sigma rule is a mapping with title, logsource and detection', null, node.place)
  refuseRepeatedKeys(node)
  const reader = new DocumentReader(node)
  if (reader.has('action')) reader.fail("'action' (several rules of one) is no part of Sigma any more: write each rule whole", 'action')
  const metadata = readMetadata(reader)
  if (reader.has('correlation')) return { kind: 'correlation', metadata, text: correlationText(reader) }
  const logSource = readLogSource(reader)
  if (reader.has('filter'))
    return {
      kind: 'filter',
      metadata,
      text: conditionTexts(reader.map('filter'), reader)
        .map(({ text }) => text)
        .join(' or '),
    }
  return { kind: 'rule', metadata, detection: readDetection(reader, logSource) }
}

/** A second `CommandLine|contains` in a search is a mistake: only one of them would count. @throws ItemError */
export function refuseRepeatedKeys({ repeatedKeys }: YamlNode): void {
  const [first] = repeatedKeys
  if (first === undefined) return
  throw new ItemError('LOAD_ERR_YAML_VALIDATE', `key '${first.key}' stands twice in the same mapping`, null, first.place)
}

class DocumentReader {
  readonly #node: YamlNode
  readonly #title: string | null

  constructor(node: YamlNode) {
    this.#node = node
    const title = node.entries.get('title')?.value
    this.#title = title?.kind === 'scalar' && title.text !== '' ? title.text.slice(0, MAX_TEXT) : null
  }

  get place(): YamlNode['place'] {
    return this.#node.place
  }

  fail(message: string, at: string | YamlNode): never {
    const place = typeof at === 'string' ? (this.#node.entries.get(at)?.keyPlace ?? this.place) : at.place
    throw new ItemError('LOAD_ERR_YAML_VALIDATE', message, this.#title, place)
  }

  has(key: string): boolean {
    return this.#node.entries.has(key)
  }
  get(key: string): YamlNode | undefined {
    return this.#node.entries.get(key)?.value
  }

  map(key: string): YamlNode {
    const node = this.get(key) ?? this.fail(`Rule has no '${key}'`, key)
    if (node.kind !== 'map') this.fail(`'${key}' must be a mapping`, node)
    refuseRepeatedKeys(node)
    return node
  }

  /** A text; null when it is not there or empty. */
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
    // A list of very many short texts is as bad as one of a few long ones.
    if (items.reduce((sum, { text }) => sum + text.length + 1, 0) > MAX_TEXTS)
      this.fail(`'${key}' is longer than ${String(MAX_TEXTS)} characters`, node)
    return items.flatMap((item) => {
      if (item.kind === 'map' || item.kind === 'sequence') this.fail(`'${key}' must be a list of texts`, item)
      return item.text === '' ? [] : [item.text]
    })
  }
}

function readMetadata(reader: DocumentReader): SigmaMetadata {
  const title = reader.text('title') ?? reader.fail("Rule has no 'title'", 'title')
  const status = reader.text('status')
  if (status !== null && !STATUSES.includes(status.toLowerCase())) reader.fail(unknownWord('status', status, STATUSES), 'status')
  const authors = reader.texts('author')
  return {
    title,
    id: reader.text('id') ?? title,
    description: reader.text('description', MAX_DESCRIPTION) ?? '',
    author: authors.length === 0 ? null : authors.join(', '),
    references: reader.texts('references'),
    tags: [...new Set(reader.texts('tags'))],
    level: readLevel(reader),
    fields: reader.texts('fields'),
    place: reader.place,
  }
}

function readLevel(reader: DocumentReader): SigmaLevel | null {
  const text = reader.text('level')
  return text === null ? null : (parseLevel(text) ?? reader.fail(unknownWord('level', text, LEVELS), 'level'))
}

function unknownWord(key: string, text: string, known: readonly string[]): string {
  const near = nearestName(text, known)
  return `unknown ${key} '${text}'${near === undefined ? `: expected ${known.join(', ')}` : ` (did you mean '${near}'?)`}`
}

function readLogSource(reader: DocumentReader): LogSourceNames {
  const node = reader.map('logsource')
  const name = (key: string): string | null => {
    const value = node.entries.get(key)?.value
    if (value === undefined || value.kind === 'null') return null
    if (value.kind !== 'scalar') reader.fail(`'${key}' of logsource must be a text`, value)
    return value.text === '' ? null : value.text.toLowerCase()
  }
  const names = { product: name('product'), category: name('category'), service: name('service') }
  if (Object.values(names).every((one) => one === null)) reader.fail("'logsource' must say category, product or service", node)
  return names
}

function readDetection(reader: DocumentReader, logSource: LogSourceNames): SigmaDetection {
  const node = reader.map('detection')
  const searches = new Map([...node.entries].flatMap(([name, { value }]) => (NO_SEARCHES.includes(name) ? [] : [[name, value]])))
  if (searches.size === 0) reader.fail("'detection' has no search", node)
  return { logSource, searches, conditions: conditionTexts(node, reader) }
}

function conditionTexts(node: YamlNode, reader: DocumentReader): SigmaDetection['conditions'] {
  const given = node.entries.get('condition')?.value ?? reader.fail("'detection' has no 'condition'", node)
  const nodes = given.kind === 'sequence' ? given.items : [given]
  if (nodes.length === 0) reader.fail("'condition' is empty", given)
  return nodes.map((one) => {
    if (one.kind !== 'scalar' || one.text.trim() === '') reader.fail("'condition' must be a text", one)
    return { text: one.text, node: one }
  })
}

function correlationText(reader: DocumentReader): string {
  const node = reader.map('correlation')
  const type = node.entries.get('type')?.value
  if (type?.kind !== 'scalar' || type.text === '') reader.fail("'correlation' has no 'type'", node)
  return type.text
}
