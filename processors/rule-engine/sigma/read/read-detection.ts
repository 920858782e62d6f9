// Searches and condition: what stands below `detection` of a rule and below `filter` of a filter.
import { readSearch } from '../detection/read-search.js'
import type { LogSourceNames } from '../log-source/log-source.js'
import type { DocumentReader } from './document-reader.js'
import type { SigmaDetection } from './sigma-document.js'

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
