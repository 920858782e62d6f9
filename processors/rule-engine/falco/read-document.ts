// One document of a rule file to the collector, item by item: lists, macros, rules, and what it asks of the engine.
import { APPEND_IS_DEPRECATED, ItemReader, OVERRIDE_AND_APPEND, readOverrides } from './item-reader.js'
import { readRule } from './read-rule.js'
import type { Collector } from './rule-items.js'
import type { LoadError } from '../read/diagnostics.js'
import { ItemError } from '../read/load-report.js'
import type { LoadReport } from '../read/load-report.js'
import type { YamlNode } from '../read/yaml-file.js'

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

// The items `required_engine_version` and `required_plugin_versions`: a file that asks for a newer engine than we are like is refused.

/** The version of Falco's engine whose language this is. */
export const ENGINE_VERSION = '0.63.0'
/** The container plugin is built in here. */
const BUILT_IN_PLUGINS = ['container']

const SEMVER = /^([0-9]+)\.([0-9]+)\.([0-9]+)(?:[-+][0-9A-Za-z.+-]+)?$/

/** Newer files than {@link ENGINE_VERSION} are an error; a bare number N means 0.N.0. */
export function checkEngineVersion(item: ItemReader): void {
  const { text, places } = item.text('required_engine_version')
  const version = /^[0-9]+$/.test(text) ? `0.${text}.0` : text
  const wanted = parts(version)
  if (wanted === null) {
    return item.fail(`Unable to parse engine version '${text}' as a semver string. Expected "x.y.z" semver format.`, places.start)
  }
  if (isNewer(wanted, parts(ENGINE_VERSION) ?? [0, 0, 0])) {
    throw new ItemError(
      'LOAD_ERR_VALIDATE',
      `Rules require engine version ${version}, but engine version is ${ENGINE_VERSION}`,
      null,
      places.start,
    )
  }
}

/** Checks the form of the requirement; that a plugin is missing is a warning, since its rules are of a source of their own. */
export function checkPluginVersions(item: ItemReader, report: LoadReport): void {
  const list = item.get('required_plugin_versions')
  if (list?.kind !== 'sequence')
    return item.fail('Value of required_plugin_versions must be a sequence', item.placeOf('required_plugin_versions'))
  for (const node of list.items) {
    const requirement = readRequirement(item, node, 'Plugin version must be a mapping')
    const names = [requirement.name]
    const alternatives = requirement.reader.get('alternatives')
    if (alternatives !== undefined && alternatives.kind !== 'sequence') {
      requirement.reader.fail('Value of plugin version alternatives must be a sequence', alternatives.place)
    }
    for (const alternative of alternatives?.items ?? []) {
      const { name } = readRequirement(item, alternative, 'Plugin version alternative must be a mapping')
      if (names.includes(name)) {
        const message = `Defined multiple alternative version requirements for plugin '${name}'`
        throw new ItemError('LOAD_ERR_VALIDATE', message, requirement.name, alternative.place)
      }
      names.push(name)
    }
    if (!names.some((name) => BUILT_IN_PLUGINS.includes(name))) {
      report.warn('LOAD_UNKNOWN_SOURCE', `Plugin '${requirement.name}' is not available`, requirement.name, node.place)
    }
  }
}

function readRequirement(parent: ItemReader, node: YamlNode, message: string): { name: string; reader: ItemReader } {
  if (node.kind !== 'map') return parent.fail(message, node.place)
  const name = new ItemReader(node, null).text('name').text
  const reader = new ItemReader(node, name)
  const version = reader.text('version')
  if (parts(version.text) === null) {
    throw new ItemError('LOAD_ERR_VALIDATE', `Invalid required version '${version.text}' for plugin '${name}'`, name, version.places.start)
  }
  return { name, reader }
}

function parts(version: string): [number, number, number] | null {
  const match = SEMVER.exec(version)
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])]
}

function isNewer(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}
