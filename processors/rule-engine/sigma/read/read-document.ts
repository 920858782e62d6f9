// Reads one YAML document of a Sigma file: a rule, a correlation or a filter. Keys outside of the specification belong to the author and are ignored.
import { ItemError } from '../../read/load-report.js'
import type { YamlNode } from '../../read/yaml-file.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import { readSearch } from './detection.js'
import { DocumentReader, refuseRepeatedKeys } from './document-reader.js'
import { readCorrelation, readReferences } from './read-correlation.js'
import {
  LEVELS,
  parseLevel,
  type SigmaDetection,
  type SigmaDocument,
  type SigmaFilter,
  type SigmaLevel,
  type SigmaMetadata,
} from './sigma-document.js'

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
/** As the specification has it. */
const MAX_DESCRIPTION = 65_535

/** Whether the document looks like Sigma; Falco's documents are lists. */
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
  if (reader.has('correlation')) return { kind: 'correlation', metadata, correlation: readCorrelation(reader) }
  const logSource = readLogSource(reader)
  if (reader.has('filter')) return { kind: 'filter', metadata, ...readFilter(reader, logSource) }
  return { kind: 'rule', metadata, detection: readDetection(reader.within('detection'), logSource) }
}

function readMetadata(reader: DocumentReader): SigmaMetadata {
  const title = reader.text('title') ?? reader.fail("Rule has no 'title'", 'title')
  const status = reader.text('status')
  if (status !== null && !STATUSES.includes(status.toLowerCase())) reader.failUnknown('status', status, STATUSES, 'status')
  const authors = reader.texts('author')
  return {
    title,
    id: reader.text('id') ?? title,
    name: reader.text('name'),
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
  return text === null ? null : (parseLevel(text) ?? reader.failUnknown('level', text, LEVELS, 'level'))
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

// Searches and condition: the contents of `detection` in a rule and of `filter` in a filter.

/** Keys that name no search. */
const NO_SEARCHES = ['condition', 'timeframe']

/**
 * @param reader of the mapping
 * @param others further keys that name no search
 * @throws ItemError
 */
export function readDetection(reader: DocumentReader, logSource: LogSourceNames, others: readonly string[] = []): SigmaDetection {
  const names = [...reader.keys].filter((key) => !NO_SEARCHES.includes(key) && !others.includes(key))
  const searches = new Map(names.map((name) => [name, readSearch(name, reader.node(name))]))
  if (names.length === 0) reader.failHere('has no search')
  return { logSource, searches, conditions: conditionTexts(reader), additions: [], obstacles: [] }
}

function conditionTexts(reader: DocumentReader): SigmaDetection['conditions'] {
  const given = reader.node('condition')
  const nodes = given.kind === 'sequence' ? given.items : [given]
  if (nodes.length === 0) reader.fail("'condition' is empty", given)
  return nodes.map((one) => {
    if (one.kind !== 'scalar' || one.text.trim() === '') reader.fail("'condition' must be a text", one)
    return { text: one.text, node: one }
  })
}

// The key `filter` of a Sigma document: its rules, and the condition that their matches must pass.

/** Words for every rule of the log source. */
const ALL = ['any', 'all', '*']

/** @throws ItemError */
export function readFilter(document: DocumentReader, logSource: LogSourceNames): Pick<SigmaFilter, 'rules' | 'detection'> {
  const reader = document.within('filter')
  const node = reader.node('rules')
  const isForAll =
    (node.kind === 'scalar' && ALL.includes(node.text.toLowerCase())) || (node.kind === 'sequence' && node.items.length === 0)
  const rules = isForAll ? null : readReferences(reader, node)
  const detection = readDetection(reader, logSource, ['rules'])
  if (detection.conditions.length > 1) reader.fail("'condition' of a filter must be one text", 'condition')
  return { rules, detection }
}
