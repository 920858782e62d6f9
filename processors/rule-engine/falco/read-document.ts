// Reads one document of a rule file, item by item: lists, macros, rules, and required versions.
import { APPEND_IS_DEPRECATED, ItemReader, OVERRIDE_AND_APPEND, readOverrides } from './item-reader.js'
import { readRule } from './read-rule.js'
import type { RuleItems } from './rule-items.js'
import type { LoadError } from '../read/diagnostics.js'
import { ItemError, type LoadReport } from '../read/load-report.js'
import type { YamlNode } from '../read/yaml-file.js'

const MACRO_NAME = /^[a-zA-Z]+[a-zA-Z0-9_]*$/
const MACRO_PATTERN = '([a-zA-Z]+[a-zA-Z0-9_]*)'
const LIST_NAME = /^[^()"'\s=,]+$/
const LIST_PATTERN = `([^()"'[:space:]=,]+)`
const MAX_NAME = 1_000

/**
 * Reads a document into `definitions`. Mistakes go to the report. A document for a newer engine is skipped as a whole.
 * @param unfit why an earlier document of the file was skipped; null if none was
 * @returns the same for the next document
 */
export function readRuleDocument(
  document: YamlNode,
  definitions: RuleItems,
  report: LoadReport,
  unfit: LoadError | null = null,
): LoadError | null {
  if (document.kind === 'null') return unfit
  if (document.kind !== 'sequence') {
    const message = document.kind === 'map' ? 'Rules content is not yaml array of objects' : 'Rules content is not yaml'
    report.error('LOAD_ERR_YAML_VALIDATE', message, null, document.place)
    return unfit
  }
  const mistake = unfit ?? versionProblem(document, report)
  for (const item of document.items) {
    if (mistake !== null) keepOut(item, mistake, report)
    else if (item.kind !== 'null') report.attempt(() => readItem(item, definitions, report))
  }
  return mistake
}

/** The first mistake in the document's required versions; null if they are met. */
function versionProblem(document: YamlNode, report: LoadReport): LoadError | null {
  for (const item of document.items) {
    const mistake = item.entries.has(ENGINE_VERSION_KEY) ? report.failureOf(() => checkEngineVersion(new ItemReader(item, null))) : null
    if (mistake !== null) return mistake
  }
  return null
}

const ENGINE_VERSION_KEY = 'required_engine_version'

/** The meaning of an item in a newer language is unknown: it is broken. */
function keepOut(item: YamlNode, error: LoadError, report: LoadReport): void {
  for (const kind of ['list', 'macro', 'rule'] as const) {
    const name = item.entries.get(kind)?.value.text
    if (name !== undefined && name !== '') report.broken[kind].set(name, error)
  }
}

const READERS = { list: readList, macro: readMacro, rule: readRuleItem } as const

function readItem(node: YamlNode, definitions: RuleItems, report: LoadReport): void {
  const item = new ItemReader(node, null)
  if (node.kind !== 'map') item.fail('Unexpected element type. Each element should be a yaml associative array.')
  if (item.has(ENGINE_VERSION_KEY)) return
  if (item.has('required_plugin_versions')) return checkPluginVersions(item, report)
  for (const kind of ['list', 'macro', 'rule'] as const) {
    if (!item.has(kind)) continue
    const name = item.text(kind).text
    if (name.length > MAX_NAME) item.fail(`The name of a ${kind} can have at most ${String(MAX_NAME)} characters`)
    const failure = report.failureOf(() => READERS[kind](new ItemReader(node, name), name, definitions, report))
    // After a failed change, the item is neither its old nor its new self.
    if (failure !== null) report.broken[kind].set(name, failure)
    return
  }
  report.warn('LOAD_UNKNOWN_ITEM', 'Unknown top level item', null, node.place)
}

function readRuleItem(item: ItemReader, name: string, definitions: RuleItems, report: LoadReport): void {
  for (const step of readRule(item, name, report)) {
    definitions.rule(step)
    if (step.kind !== 'define') continue
    if (step.mistake === null) report.broken.rule.delete(name)
    else report.broken.rule.set(name, step.mistake)
  }
}

function readList(item: ItemReader, name: string, definitions: RuleItems, report: LoadReport): void {
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
  definitions.list({ name, items, place: item.place }, isAppend)
  if (!isAppend) report.broken.list.delete(name)
}

function readMacro(item: ItemReader, name: string, definitions: RuleItems, report: LoadReport): void {
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
  definitions.macro({ name, condition, place: item.place }, isAppend)
  if (!isAppend) report.broken.macro.delete(name)
}

/** Whether a list or macro is appended to the earlier one, by the old or the new key. */
function readAppend(item: ItemReader, name: string, property: string, report: LoadReport): boolean {
  const isAppend = item.optionalBoolean('append') === true
  if (isAppend) report.warn('LOAD_DEPRECATED_ITEM', APPEND_IS_DEPRECATED, name, item.placeOf('append'))
  const overrides = readOverrides(item, [property], [property])
  if (isAppend && overrides !== null) item.fail(OVERRIDE_AND_APPEND, item.placeOf('override'))
  return isAppend || overrides?.append.has(property) === true
}

// The items `required_engine_version` and `required_plugin_versions`: a file that requires a newer engine is refused.

/** The version of Falco's engine whose language is implemented. */
export const ENGINE_VERSION = '0.63.0'
/** The container plugin is built in. */
const BUILT_IN_PLUGINS = ['container']

const SEMVER = /^([0-9]+)\.([0-9]+)\.([0-9]+)(?:[-+][0-9A-Za-z.+-]+)?$/

/** A version above {@link ENGINE_VERSION} is an error; a bare number N means 0.N.0. */
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

/** Checks the form of the requirement. A missing plugin is a warning, since its rules have a source of their own. */
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
