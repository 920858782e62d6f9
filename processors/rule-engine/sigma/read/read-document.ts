// One YAML document of a Sigma file to what it says: a rule, a correlation or a filter. Keys that the specification does not name are the
// author's own and mean nothing here.
import { ItemError } from '../../read/load-report.js'
import type { YamlNode } from '../../read/yaml-file.js'
import { LEVELS, parseLevel } from '../level.js'
import type { SigmaLevel } from '../level.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import { DocumentReader, refuseRepeatedKeys } from './document-reader.js'
import { readCorrelation } from './read-correlation.js'
import { readDetection } from './read-detection.js'
import { readFilter } from './read-filter.js'
import type { SigmaDocument, SigmaMetadata } from './sigma-document.js'

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported']
/** As the specification has it. */
const MAX_DESCRIPTION = 65_535

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
