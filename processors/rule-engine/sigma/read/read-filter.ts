// `filter` of a Sigma document: which rules it is for, and what of their matches it leaves.
import type { LogSourceNames } from '../log-source/log-source.js'
import type { DocumentReader } from './document-reader.js'
import { readDetection } from './read-detection.js'
import { readReferences } from './read-correlation.js'
import type { SigmaFilter } from './sigma-document.js'

/** Words that stand for every rule of the log source. */
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
