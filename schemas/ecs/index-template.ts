// The index template for documents of alerts, for Elasticsearch and OpenSearch: types from the Elastic Common Schema. No text that an attacker
// chose makes a field of the index, and none is too long for it: above MAX_TERM_CHARS it is in the document only.
import { ECS_FIELDS } from '../generated/ecs-fields.js'
import { LABELS, MAX_TERM_CHARS } from './ecs-document.js'

/** Where the index is. */
export type SearchEngine = 'elasticsearch' | 'opensearch'

/** Settings of the template. */
export interface IndexTemplateOptions {
  readonly engine: SearchEngine
  /** Name of the index or data stream, and of what begins with it and a dash. */
  readonly index: string
  readonly isDataStream: boolean
}

/** Body of `PUT /_index_template/NAME`. */
export function indexTemplateOf({ engine, index, isDataStream }: IndexTemplateOptions): Record<string, unknown> {
  const properties: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(ECS_FIELDS)) {
    place(properties, name.split('.'), name === 'container.labels' ? anyLabels(engine) : name === 'labels' ? OWN_LABELS : mappingOf(field))
  }
  return {
    index_patterns: [index, `${index}-*`],
    priority: 500,
    ...(isDataStream ? { data_stream: {} } : {}),
    template: { mappings: { dynamic: false, date_detection: false, properties } },
    _meta: { description: 'alerts of Eunomia, Elastic Common Schema 9.4' },
  }
}

const KEYWORD = { type: 'keyword', ignore_above: MAX_TERM_CHARS }
const OWN_LABELS = { dynamic: false, properties: Object.fromEntries(LABELS.map((name) => [name, KEYWORD])) }

function anyLabels(engine: SearchEngine): object {
  return engine === 'elasticsearch' ? { type: 'flattened', ignore_above: MAX_TERM_CHARS } : { type: 'flat_object' }
}

function mappingOf(field: { readonly type: string; readonly text?: string }): object {
  const isTerm = field.type === 'keyword' || field.type === 'wildcard'
  return {
    type: field.type,
    ...(isTerm ? { ignore_above: MAX_TERM_CHARS } : {}),
    ...(field.text === undefined ? {} : { fields: { [field.text]: { type: 'match_only_text' } } }),
  }
}

function place(properties: Record<string, unknown>, [first = '', ...rest]: readonly string[], mapping: object): void {
  if (rest.length === 0) {
    properties[first] = mapping
    return
  }
  const owner = (properties[first] ??= { properties: {} }) as { properties: Record<string, unknown> }
  place(owner.properties, rest, mapping)
}
