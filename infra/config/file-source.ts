// Settings from eunomia.yaml, each with its line and column.
import { readFileSync, statSync } from 'node:fs'
import { type Document, isMap, isScalar, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml'
import { messageOf } from '../process/errors.js'
import { ConfigError, type ConfigMistake, mistakeOf, type SourcedValue, type SourceResult, unknownSetting } from './setting-value.js'
import { configSettings, type Setting } from './setting.js'

const MAX_FILE_BYTES = 1 << 20

interface Reading {
  readonly file: string
  readonly lines: LineCounter
  readonly document: Document
  readonly settings: ReadonlyMap<string, Setting>
  readonly values: Map<string, SourcedValue>
  readonly mistakes: ConfigMistake[]
}

/** Reads a configuration file. @throws ConfigError (EUNOMIA_CONFIG_INVALID) if it can't be read */
export function readConfigFile(file: string): SourceResult {
  const lines = new LineCounter()
  const document = parseDocument(readSettingsText(file), { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const settings = new Map(configSettings().map((setting) => [setting.path, setting]))
  const reading: Reading = { file, lines, document, settings, values: new Map(), mistakes: [] }
  for (const error of document.errors) reading.mistakes.push({ place: place(reading, error.pos[0]), message: `not YAML: ${error.message}` })
  if (document.errors.length > 0) return reading
  if (isMap(document.contents)) readMap(reading, '', document.contents)
  else if (document.contents !== null && !(isScalar(document.contents) && document.contents.value === null)) {
    reading.mistakes.push({ place: place(reading, 0), message: 'expected sections and settings, as in docs/configuration.md' })
  }
  return reading
}

/** Text of a settings file. @param remedy what to do if there is none @throws ConfigError */
export function readSettingsText(file: string, remedy = 'docs/configuration.md shows one'): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new ConfigError([{ place: file, message: 'larger than 1 MiB: not a configuration' }])
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const message = isMissing ? `there is no such file; ${remedy}` : `can't be read: ${messageOf(error)}`
    throw new ConfigError([{ place: file, message }], { cause: error })
  }
}

function readMap(reading: Reading, path: string, map: YAMLMap): void {
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
    const keyPlace = place(reading, rangeStart(pair.key))
    const childPath = path === '' ? key : `${path}.${key}`
    const setting = reading.settings.get(childPath)
    if (setting !== undefined) readSetting(reading, setting, pair.value as Node | null, keyPlace)
    else if (!isSection(reading, childPath)) reading.mistakes.push(unknownSetting(childPath, knownNames(reading, path), keyPlace))
    else if (isMap(pair.value)) readMap(reading, childPath, pair.value)
    else if (!isNothing(pair.value)) reading.mistakes.push({ place: keyPlace, message: `${childPath} is a section: settings go below it` })
  }
}

function readSetting(reading: Reading, setting: Setting, node: Node | null, keyPlace: string): void {
  const value: unknown = node === null ? null : node.toJS(reading.document)
  const where = node === null ? keyPlace : place(reading, rangeStart(node))
  const mistake = mistakeOf(setting, value, where)
  if (mistake === undefined) reading.values.set(setting.path, { value, source: where })
  else reading.mistakes.push(mistake)
}

function isSection(reading: Reading, path: string): boolean {
  return [...reading.settings.keys()].some((known) => known.startsWith(`${path}.`))
}

/** Settings and sections directly below `path`, and all settings, because one may be in the wrong section. */
function knownNames(reading: Reading, path: string): Set<string> {
  const names = new Set<string>(reading.settings.keys())
  for (const known of reading.settings.keys()) {
    const rest = path === '' ? known : known.startsWith(`${path}.`) ? known.slice(path.length + 1) : ''
    const [name] = rest.split('.')
    if (name !== undefined && name !== '') names.add(path === '' ? name : `${path}.${name}`)
  }
  return names
}

function isNothing(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null)
}

function rangeStart(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0
}

function place(reading: Reading, offset: number): string {
  const { line, col } = reading.lines.linePos(offset)
  return `${reading.file}:${String(Math.max(1, line))}:${String(Math.max(1, col))}`
}
