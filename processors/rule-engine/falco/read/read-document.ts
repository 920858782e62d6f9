// One document of a rule file to the collector, item by item: lists, macros, rules, and what it asks of the engine.
import type { Collector } from '../collector.js'
import { ItemError } from '../../load-report.js'
import type { LoadReport } from '../../load-report.js'
import { ItemReader } from './item-reader.js'
import { APPEND_IS_DEPRECATED, OVERRIDE_AND_APPEND, readOverrides } from './read-override.js'
import { readRule } from './read-rule.js'
import { checkEngineVersion, checkPluginVersions } from './read-versions.js'
import type { YamlNode } from '../../read/yaml-file.js'

const MACRO_NAME = /^[a-zA-Z]+[a-zA-Z0-9_]*$/
const MACRO_PATTERN = '([a-zA-Z]+[a-zA-Z0-9_]*)'
const LIST_NAME = /^[^()"'\s=,]+$/
const LIST_PATTERN = `([^()"'[:space:]=,]+)`
/** Most items of one list: far above any real one. */
const MAX_LIST_ITEMS = 100_000

/** Reads a document. Mistakes go to the report; what is right goes to the collector. */
export function readRuleDocument(document: YamlNode, collector: Collector, report: LoadReport): void {
  if (document.kind === 'null') return
  if (document.kind === 'scalar') report.error('LOAD_ERR_YAML_VALIDATE', 'Rules content is not yaml', null, document.place)
  else if (document.kind === 'map') {
    report.error('LOAD_ERR_YAML_VALIDATE', 'Rules content is not yaml array of objects', null, document.place)
  } else {
    for (const item of document.items) {
      if (item.kind !== 'null') report.attempt(() => readItem(item, collector, report))
    }
  }
}

function readItem(node: YamlNode, collector: Collector, report: LoadReport): void {
  const item = new ItemReader(node, null)
  if (node.kind !== 'map') item.fail('Unexpected element type. Each element should be a yaml associative array.')
  if (item.has('required_engine_version')) return checkEngineVersion(item)
  if (item.has('required_plugin_versions')) return checkPluginVersions(item, report)
  for (const [key, read] of [['list', readList] as const, ['macro', readMacro] as const, ['rule', readRuleItem] as const]) {
    if (item.has(key)) {
      const name = item.text(key).text
      return read(new ItemReader(node, name), name, collector, report)
    }
  }
  report.warn('LOAD_UNKNOWN_ITEM', 'Unknown top level item', null, node.place)
}

function readRuleItem(item: ItemReader, name: string, collector: Collector, report: LoadReport): void {
  try {
    for (const step of readRule(item, name, report)) collector.rule(step)
  } catch (error) {
    if (error instanceof ItemError) report.brokenNames.add(name)
    throw error
  }
}

function readList(item: ItemReader, name: string, collector: Collector, report: LoadReport): void {
  report.brokenNames.add(name)
  item.warnUnknownKeys(['list', 'items', 'append', 'override'], report, 'list')
  if (!LIST_NAME.test(name)) {
    report.warn(
      'LOAD_INVALID_LIST_NAME',
      `List has an invalid name. List names should match a regular expression: ${LIST_PATTERN}`,
      name,
      item.place,
    )
  }
  const items = item.texts('items')
  if (items.length > MAX_LIST_ITEMS) item.fail(`A list can have at most ${String(MAX_LIST_ITEMS)} items`)
  const isAppend = readAppend(item, name, 'items', report)
  collector.list({ name, items, place: item.place }, isAppend)
  report.brokenNames.delete(name)
}

function readMacro(item: ItemReader, name: string, collector: Collector, report: LoadReport): void {
  report.brokenNames.add(name)
  item.warnUnknownKeys(['macro', 'condition', 'append', 'override'], report, 'macro')
  if (!MACRO_NAME.test(name)) {
    report.warn(
      'LOAD_INVALID_MACRO_NAME',
      `Macro has an invalid name. Macro names should match a regular expression: ${MACRO_PATTERN}`,
      name,
      item.place,
    )
  }
  const condition = item.text('condition')
  const isAppend = readAppend(item, name, 'condition', report)
  collector.macro({ name, condition, place: item.place }, isAppend)
  report.brokenNames.delete(name)
}

/** Whether a list or macro adds to the one of its name, said in the old or the new way. */
function readAppend(item: ItemReader, name: string, property: string, report: LoadReport): boolean {
  const isAppend = item.optionalBoolean('append') === true
  if (isAppend) report.warn('LOAD_DEPRECATED_ITEM', APPEND_IS_DEPRECATED, name, item.placeOf('append'))
  const overrides = readOverrides(item, [property], [property])
  if (isAppend && overrides !== null) item.fail(OVERRIDE_AND_APPEND, item.placeOf('override'))
  return isAppend || overrides?.append.has(property) === true
}
