// One document of a rule file to the collector, item by item: lists, macros, rules, and what it asks of the engine.
import type { Collector } from '../collector.js'
import type { LoadError } from '../../read/diagnostics.js'
import type { LoadReport } from '../../read/load-report.js'
import { ItemReader } from './item-reader.js'
import { APPEND_IS_DEPRECATED, OVERRIDE_AND_APPEND, readOverrides } from './read-override.js'
import { readRule } from './read-rule.js'
import { checkEngineVersion, checkPluginVersions } from './read-versions.js'
import type { YamlNode } from '../../read/yaml-file.js'

const MACRO_NAME = /^[a-zA-Z]+[a-zA-Z0-9_]*$/
const MACRO_PATTERN = '([a-zA-Z]+[a-zA-Z0-9_]*)'
const LIST_NAME = /^[^()"'\s=,]+$/
const LIST_PATTERN = `([^()"'[:space:]=,]+)`
const MAX_NAME = 1_000

/**
 * Reads a document. Mistakes go to the report; what is right goes to the collector. What is written for a newer engine is left out whole.
 * @param unfit why an earlier document of the file was left out; null when none was
 * @returns the same for the next document
 */
export function readRuleDocument(
  document: YamlNode,
  collector: Collector,
  report: LoadReport,
  unfit: LoadError | null = null,
): LoadError | null {
  if (document.kind === 'null') return unfit
  if (document.kind !== 'sequence') {
    const message = document.kind === 'map' ? 'Rules content is not yaml array of objects' : 'Rules content is not yaml'
    report.error('LOAD_ERR_YAML_VALIDATE', message, null, document.place)
    return unfit
  }
  const told = unfit ?? versionProblem(document, report)
  for (const item of document.items) {
    if (told !== null) keepOut(item, told, report)
    else if (item.kind !== 'null') report.attempt(() => readItem(item, collector, report))
  }
  return told
}

/** The first mistake in what the document asks of the engine; null when it asks for nothing that is not here. */
function versionProblem(document: YamlNode, report: LoadReport): LoadError | null {
  for (const item of document.items) {
    const told = item.entries.has(ENGINE_VERSION_KEY) ? report.failureOf(() => checkEngineVersion(new ItemReader(item, null))) : null
    if (told !== null) return told
  }
  return null
}

const ENGINE_VERSION_KEY = 'required_engine_version'

/** What a newer language means by an item is not known here. */
function keepOut(item: YamlNode, error: LoadError, report: LoadReport): void {
  for (const kind of ['list', 'macro', 'rule'] as const) {
    const name = item.entries.get(kind)?.value.text
    if (name !== undefined && name !== '') report.broken[kind].set(name, error)
  }
}

const READERS = { list: readList, macro: readMacro, rule: readRuleItem } as const

function readItem(node: YamlNode, collector: Collector, report: LoadReport): void {
  const item = new ItemReader(node, null)
  if (node.kind !== 'map') item.fail('Unexpected element type. Each element should be a yaml associative array.')
  if (item.has(ENGINE_VERSION_KEY)) return
  if (item.has('required_plugin_versions')) return checkPluginVersions(item, report)
  for (const kind of ['list', 'macro', 'rule'] as const) {
    if (!item.has(kind)) continue
    const name = item.text(kind).text
    if (name.length > MAX_NAME) item.fail(`The name of a ${kind} can have at most ${String(MAX_NAME)} characters`)
    const failure = report.failureOf(() => READERS[kind](new ItemReader(node, name), name, collector, report))
    // Also a change that failed: the item is then neither what it was nor what it should be.
    if (failure !== null) report.broken[kind].set(name, failure)
    return
  }
  report.warn('LOAD_UNKNOWN_ITEM', 'Unknown top level item', null, node.place)
}

function readRuleItem(item: ItemReader, name: string, collector: Collector, report: LoadReport): void {
  for (const step of readRule(item, name, report)) {
    collector.rule(step)
    if (step.kind !== 'define') continue
    if (step.mistake === null) report.broken.rule.delete(name)
    else report.broken.rule.set(name, step.mistake)
  }
}

function readList(item: ItemReader, name: string, collector: Collector, report: LoadReport): void {
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
  const isAppend = readAppend(item, name, 'items', report)
  collector.list({ name, items, place: item.place }, isAppend)
  if (!isAppend) report.broken.list.delete(name)
}

function readMacro(item: ItemReader, name: string, collector: Collector, report: LoadReport): void {
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
  if (!isAppend) report.broken.macro.delete(name)
}

/** Whether a list or macro adds to the one of its name, said in the old or the new way. */
function readAppend(item: ItemReader, name: string, property: string, report: LoadReport): boolean {
  const isAppend = item.optionalBoolean('append') === true
  if (isAppend) report.warn('LOAD_DEPRECATED_ITEM', APPEND_IS_DEPRECATED, name, item.placeOf('append'))
  const overrides = readOverrides(item, [property], [property])
  if (isAppend && overrides !== null) item.fail(OVERRIDE_AND_APPEND, item.placeOf('override'))
  return isAppend || overrides?.append.has(property) === true
}
