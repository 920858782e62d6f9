// The items `required_engine_version` and `required_plugin_versions`: a file that asks for a newer engine than we are like is refused.
import type { LoadReport } from '../../read/load-report.js'
import { ItemError } from '../../read/load-report.js'
import { ItemReader } from './item-reader.js'
import type { YamlNode } from '../../read/yaml-file.js'

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
