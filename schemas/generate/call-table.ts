// Reads schemas/calls.tsv, the only table of system calls. Knows its columns and their constraints; the generator is
// call-files.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../infra/process/package-root.js'
import type { RecordSchema } from '../tree/schema-model.js'

/** One row: a system call, or another event. null for a column that has no value. */
export interface CallRow {
  readonly name: string
  readonly x86_64: number | null
  readonly i386: number | null
  readonly arm64: number | null
  readonly x32: number | null
  readonly arm32: number | null
  readonly sameAs: string | null
  readonly symbol: number | null
  readonly kind: string | null
  readonly probe: string | null
  readonly topic: string | null
  readonly type: string | null
  /** Reader, and the argument that it reads, by field of a KernelEvent. */
  readonly arguments: ReadonlyMap<string, readonly [reader: string, argument: number | null]>
}

/** Columns that hold a number of the call in one ABI. */
export type Abi = 'x86_64' | 'i386' | 'arm64' | 'x32' | 'arm32'

const COLUMNS = ['name', 'x86_64', 'i386', 'arm64', 'x32', 'arm32', 'same_as', 'symbol', 'kind', 'probe', 'record', 'arguments'] as const
type Cells = Readonly<Record<(typeof COLUMNS)[number], string | null>>

/** The rows of the table on disk. @throws Error that names the line of an invalid row */
export function readCallTable(path: string = join(packageRoot(), 'schemas/calls.tsv')): readonly CallRow[] {
  return parseCallTable(readFileSync(path, 'utf8'))
}

/** The rows of a table. @throws Error as readCallTable() */
export function parseCallTable(text: string): readonly CallRow[] {
  const lines = text.split('\n').map((line, index) => ({ line, place: `calls.tsv:${String(index + 1)}` }))
  const [head, ...body] = lines.filter(({ line }) => line !== '' && !line.startsWith('#'))
  if (head?.line !== COLUMNS.join('\t')) throw new Error(`calls.tsv: the columns must be ${COLUMNS.join(', ')}`)
  const rows = body.map(({ line, place }) => rowOf(line.split('\t'), place))
  checkTable(rows)
  return rows
}

function rowOf(values: readonly string[], place: string): CallRow {
  if (values.length !== COLUMNS.length) throw new Error(`${place}: ${String(values.length)} columns, not ${String(COLUMNS.length)}`)
  const cells = Object.fromEntries(
    COLUMNS.map((column, index) => [column, values[index] === '-' ? null : (values[index] ?? null)]),
  ) as Cells
  const number = (column: Abi | 'symbol'): number | null => {
    const value = cells[column]
    if (value !== null && !/^\d+$/.test(value)) throw new Error(`${place}: ${column} must be a number: ${value}`)
    return value === null ? null : Number(value)
  }
  const [topic = null, type = null] = cells.record?.split('.') ?? []
  return {
    ...{ name: cells.name ?? '', sameAs: cells.same_as, kind: cells.kind, probe: cells.probe, topic, type },
    ...{ x86_64: number('x86_64'), i386: number('i386'), arm64: number('arm64'), x32: number('x32'), arm32: number('arm32') },
    symbol: number('symbol'),
    arguments: new Map((cells.arguments?.split(',') ?? []).map((each) => argumentOf(each, place))),
  }
}

function argumentOf(text: string, place: string): [string, readonly [string, number | null]] {
  const [, field, reader, argument] = /^(\w+)=(\w+)(?::([0-5]))?$/.exec(text) ?? []
  if (field === undefined || reader === undefined) throw new Error(`${place}: an argument must be field=reader:0 to 5: ${text}`)
  return [field, [reader, argument === undefined ? null : Number(argument)]]
}

function checkTable(rows: readonly CallRow[]): void {
  const unique = (column: 'name' | Abi): void => {
    const values = rows.map((row) => row[column]).filter((value) => value !== null)
    const twice = values.find((value, index) => values.indexOf(value) !== index)
    if (twice !== undefined) throw new Error(`calls.tsv: ${column} ${String(twice)} appears twice`)
  }
  for (const column of ['name', 'x86_64', 'i386', 'arm64', 'x32', 'arm32'] as const) unique(column)
  const symbols = symbolsOf(rows)
  for (const [index, { name, symbol, x86_64, i386, kind }] of symbols.entries()) {
    if (symbol !== index + 1) throw new Error(`calls.tsv: symbols must be 1, 2, 3 ...: ${name} has ${String(symbol)}`)
    if (x86_64 === null && (i386 === null || kind === null))
      throw new Error(`calls.tsv: ${name} has a symbol, but no number on x86_64, which is that of the records`)
  }
  for (const { name, sameAs } of rows) {
    if (sameAs !== null && !symbols.some((call) => call.name === sameAs))
      throw new Error(`calls.tsv: ${name} is the same as no call: ${sameAs}`)
  }
}

/** Calls with a symbol, in the order of the Avro enum. */
export function symbolsOf(rows: readonly CallRow[]): readonly CallRow[] {
  return rows.filter(({ symbol }) => symbol !== null).sort((one, other) => (one.symbol ?? 0) - (other.symbol ?? 0))
}

/** Names by topic and type of record, in the order of the enum `type` of each record; events that are not calls come last. */
export function namesByRecord(
  rows: readonly CallRow[],
  recordOf: (topic: string) => RecordSchema,
): ReadonlyMap<string, ReadonlyMap<string, readonly CallRow[]>> {
  const ordered = [...symbolsOf(rows), ...rows.filter(({ symbol }) => symbol === null)]
  const topics = [...new Set(['process', 'file', 'network', 'kernel', ...ordered.flatMap(({ topic }) => topic ?? [])])]
  return new Map(
    topics.map((topic) => {
      const calls = ordered.filter((row) => row.topic === topic)
      const types = typesOf(recordOf(topic)).filter((type) => calls.some((row) => row.type === type))
      const lost = calls.find(({ type }) => type === null || !types.includes(type))
      if (lost !== undefined)
        throw new Error(`calls.tsv: ${lost.name} is of record ${topic}.${String(lost.type)}, which its schema does not have`)
      return [topic, new Map(types.map((type) => [type, calls.filter((row) => row.type === type)]))]
    }),
  )
}

function typesOf(record: RecordSchema): readonly string[] {
  const type = record.fields.find(({ name }) => name === 'type')?.type
  return type?.kind === 'enum' ? type.symbols : []
}
