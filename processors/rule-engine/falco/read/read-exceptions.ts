// The key `exceptions` of a rule: names with fields, comparison operators and values.
import type { Entry, ExceptionDefinition } from '../definitions.js'
import type { LoadReport } from '../../read/load-report.js'
import { ItemReader } from './item-reader.js'
import type { YamlNode } from '../../read/yaml-file.js'

const KEYS = ['name', 'fields', 'comps', 'values']
const MAX_DEPTH = 4

/** @param isAppend the exceptions add to those of an earlier item, so they need not name fields */
export function readExceptions(rule: ItemReader, isAppend: boolean, report: LoadReport): ExceptionDefinition[] {
  const node = rule.get('exceptions')
  if (node === undefined || node.kind === 'null') return []
  if (node.kind !== 'sequence') rule.fail('Rule exceptions must be a sequence', node.place)
  const names = new Set<string>()
  return node.items.map((item) => {
    const exception = readException(rule, item, isAppend, report)
    if (names.has(exception.name)) {
      report.warn(
        'LOAD_EXCEPTION_NAME_NOT_UNIQUE',
        `Multiple definitions of exception '${exception.name}' in the same item`,
        rule.name,
        item.place,
      )
    }
    names.add(exception.name)
    return exception
  })
}

function readException(rule: ItemReader, node: YamlNode, isAppend: boolean, report: LoadReport): ExceptionDefinition {
  if (node.kind !== 'map') rule.fail('Rule exception must be a mapping', node.place)
  const name = new ItemReader(node, null).text('name').text
  const item = new ItemReader(node, name)
  item.warnUnknownKeys(KEYS, report, 'exception')
  if (!item.has('fields') && !isAppend) item.fail("Item has no mapping for key 'fields'")
  const values = item.get('values')
  if (values !== undefined && values.kind !== 'sequence') item.fail('Rule exception values must be a sequence', values.place)
  if (values === undefined && isAppend) {
    report.warn('LOAD_APPEND_NO_VALUES', 'Overriding/appending exception with no values', name, node.place)
  }
  return {
    name,
    fields: readEntry(item, item.get('fields'), 0),
    comps: readEntry(item, item.get('comps'), 0),
    values: (values?.items ?? []).map((value) => readEntry(item, value, 0)).filter((entry) => entry !== null),
    place: node.place,
  }
}

function readEntry(item: ItemReader, node: YamlNode | undefined, depth: number): Entry | null {
  if (node === undefined || node.kind === 'null' || node.kind === 'map') return null
  if (node.kind === 'scalar') {
    if (node.text === '') item.fail('Value must be non-empty', node.place)
    return { kind: 'item', text: node.text }
  }
  if (depth >= MAX_DEPTH) item.fail('Lists of an exception are nested too deeply', node.place)
  return { kind: 'list', items: node.items.map((member) => readEntry(item, member, depth + 1)).filter((entry) => entry !== null) }
}
