// Reads files of events: JSON (one object, a list, one object a line, or concatenated objects) or YAML. Events are field maps, records as
// `collect --output json` prints them, or Windows events. Input is bounded, and an error names the file and the event.
import { readFileSync, statSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { messageOf, UsageError } from '../../../../infra/process/errors.js'
import { RecordJsonError } from '../../../../schemas/record-json.js'
import { yamlExcess } from '../../read/yaml-bounds.js'
import { type GivenEvent, isWindowsEvent, windowsFields } from './given-event.js'
import { GivenRecords, isContainerLine, isGivenRecord } from './given-record.js'

const MAX_MIB = 64
/** Maximum size of all files together, because they are held in memory. */
export const MAX_BYTES = MAX_MIB * 1024 * 1024

/** Reads the events of files, in order. Container facts in one file apply to the events of all. `-` is standard input. @throws UsageError */
export function readEventFiles(paths: readonly string[]): GivenEvent[] {
  if (paths.filter((path) => path === '-').length > 1) throw new UsageError('standard input (-) can be read only once')
  let room = MAX_BYTES
  const files = paths.map((path): EventFile => {
    const bytes = bytesOf(path, room)
    room -= bytes.length
    const name = path === '-' ? 'standard input' : path
    const file = { name, values: valuesOf(textOf(bytes), name) }
    if (file.values.length === 0) throw new UsageError(`${path}: no event in it`)
    return file
  })
  const events = eventsOf(files)
  if (events.length === 0) throw new UsageError(`${paths.join(', ')}: no event in it`)
  return events
}

/** Reads the events of a file; `-` is standard input. @throws UsageError */
export function readEventFile(path: string): GivenEvent[] {
  return readEvents(textOf(bytesOf(path, MAX_BYTES)), path === '-' ? 'standard input' : path)
}

/** Reads the events of a text, and the container facts anywhere in it. @param name of the file, for messages @throws UsageError */
export function readEvents(text: string, name: string): GivenEvent[] {
  return eventsOf([{ name, values: valuesOf(text, name) }])
}

interface EventFile {
  readonly name: string
  readonly values: readonly unknown[]
}

function eventsOf(files: readonly EventFile[]): GivenEvent[] {
  const records = new GivenRecords()
  for (const { name, values } of files)
    for (const line of values.filter(isAboutContainer)) located(`${name}: facts of a container`, () => records.learn(line))
  return files.flatMap(({ name, values }) => {
    const events = values.filter((value) => !isAboutContainer(value))
    return events.map((value, index) => located(`${name}: event ${String(index + 1)}`, () => givenEvent(value, records)))
  })
}

function isAboutContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && isContainerLine(value as Readonly<Record<string, unknown>>)
}

function located<Result>(what: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof RecordJsonError) throw new UsageError(`${what}: ${error.message}`)
    throw error
  }
}

/** The event of one parsed object. @throws RecordJsonError */
export function givenEvent(value: unknown, records: GivenRecords): GivenEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RecordJsonError('expected an object: fields, or a record with its topic')
  const object = value as Readonly<Record<string, unknown>>
  if (isGivenRecord(object)) return { kind: 'record', ruleEvent: records.read(object) }
  return { kind: 'fields', fields: isWindowsEvent(object) ? windowsFields(object) : object, unknown: [] }
}

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** @param room bytes that may still be read */
function bytesOf(path: string, room: number): Buffer {
  const tooLarge = (): UsageError =>
    new UsageError(
      `${path}: more than ${String(MAX_MIB)} MiB of events; rules top --events and rules diff --events read files of any size, line by line`,
    )
  try {
    if (path !== '-' && statSync(path).size > room) throw tooLarge()
    const bytes = readFileSync(path === '-' ? 0 : path)
    if (bytes.length > room) throw tooLarge()
    return bytes
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${path}: can't be read: ${messageOf(error)}`)
  }
}

function valuesOf(text: string, name: string): unknown[] {
  if (text.trim() === '') return []
  if (/^\s*[[{]/.test(text)) {
    const values = jsonValues(text)
    if ('problem' in values) throw new UsageError(`${name}:${String(values.line)}: ${values.problem}`)
    return values.values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
  }
  const excess = yamlExcess(text)
  if (excess !== null) throw new UsageError(`${name}: ${excess.problem}; give large inputs as JSON lines`)
  const documents = parseAllDocuments(text, { prettyErrors: true })
  if (!Array.isArray(documents)) return []
  const [problem] = documents.flatMap(({ errors }) => errors)
  if (problem !== undefined) throw new UsageError(`${name}: ${problem.message.split('\n')[0] ?? ''}`)
  return documents.flatMap((document) => {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return Array.isArray(value) ? (value as unknown[]) : [value]
  })
}

/** The values, or the line of the first error. */
export type JsonValues = { readonly values: readonly unknown[] } | { readonly problem: string; readonly line: number }

/** Reads concatenated JSON values, on one line each or over several, as log shippers and dump tools write them. */
function jsonValues(text: string): JsonValues {
  const values: unknown[] = []
  let start = 0
  while (start < text.length) {
    start = skipBlanks(text, start)
    if (start >= text.length) break
    const end = endOfValue(text, start)
    try {
      values.push(JSON.parse(text.slice(start, end)))
    } catch (error) {
      return { problem: `invalid JSON: ${error instanceof Error ? error.message : String(error)}`, line: lineOf(text, start) }
    }
    start = end
  }
  return { values }
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\r\n,'.includes(text.charAt(at))) at++
  return at
}

/** The position after the bracket that closes the one at `from`, else the end of the text. Values other than objects and lists end with the line. */
function endOfValue(text: string, from: number): number {
  if (!'{['.includes(text.charAt(from))) {
    const end = text.indexOf('\n', from)
    return end < 0 ? text.length : end
  }
  let depth = 0
  let isInText = false
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInText) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) isInText = false
    } else if (code === QUOTE) isInText = true
    else if (code === BRACE || code === BRACKET) depth++
    else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return text.length
}

const [BACKSLASH, QUOTE, BRACE, BRACKET, CLOSING_BRACE, CLOSING_BRACKET] = ['\\', '"', '{', '[', '}', ']'].map((one) => one.charCodeAt(0))

function lineOf(text: string, index: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++
  return line
}
