// What a query may be: one SELECT over the views of the archive. DuckDB's own parser decides; this looks at its tree. The engine is locked too
// (archive-database.ts): either of the two refuses a file that is not of the archive.
import { isObject } from '../../../infra/process/json-lines.js'
import { EunomiaError } from '../../../infra/process/errors.js'
import { nearestName } from '../../../infra/text/nearest.js'
import { printable } from '../../../infra/text/printable.js'

/** Functions that return tables and read nothing. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['unnest', 'range', 'generate_series'])
/** Functions that reach beyond their arguments: other queries, settings, secrets, sequences, the log of the engine. */
const REFUSED_FUNCTIONS =
  /^(query|query_table|getenv|current_setting|getvariable|nextval|currval|write_log|json_execute_serialized_sql|read_.*|.*_scan|glob)$/
/** As `SHOW TABLES` has it. */
const ALL_TABLES = '"tables"'
const SHOWN_TEXT = 200

/** A query that can't be run, or passed its bounds. The message says why. */
export class QueryRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_QUERY_REFUSED'
  static override readonly isUserMistake = true
}

/**
 * Checks the tree of a query.
 * @param serialized the answer of DuckDB's json_serialize_sql
 * @param views names of the views
 * @returns the views that it reads
 * @throws QueryRefusedError
 */
export function checkStatement(serialized: string, views: readonly string[]): ReadonlySet<string> {
  const tree: unknown = JSON.parse(serialized)
  if (!isObject(tree) || tree['error'] !== false) throw refusalOf(tree)
  const { statements } = tree
  if (!Array.isArray(statements) || statements.length !== 1)
    throw new QueryRefusedError('give one statement: a SELECT, without another one after it')
  const nodes = [...objectsOf(statements)]
  const own = new Set(nodes.flatMap((node) => (isObject(node['cte_map']) ? commonTables(node['cte_map']) : [])))
  const used = new Set<string>()
  for (const node of nodes) {
    checkFunction(node)
    const table = tableOf(node)
    // A view also where WITH gives its name to something else: that may read the view.
    if (table !== null && views.includes(table)) used.add(table)
    else if (table !== null && !own.has(table)) throw unknownTable(table, views)
  }
  return used
}

function refusalOf(tree: unknown): QueryRefusedError {
  const message = isObject(tree) && typeof tree['error_message'] === 'string' ? tree['error_message'] : 'it is no SQL'
  const isOther = message.includes('Only SELECT statements')
  return new QueryRefusedError(isOther ? 'only SELECT statements are run: nothing is written, attached, installed or set' : shown(message))
}

/** All objects of the tree, in any depth. */
function* objectsOf(tree: unknown): Generator<Readonly<Record<string, unknown>>> {
  const waiting: unknown[] = [tree]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (Array.isArray(value)) for (const item of value as unknown[]) waiting.push(item)
    else if (isObject(value)) {
      yield value
      for (const item of Object.values(value)) waiting.push(item)
    }
  }
}

/** Names of WITH. Plain ones only: a name that could be that of a file is none. */
function commonTables(map: Readonly<Record<string, unknown>>): string[] {
  const entries = Array.isArray(map['map']) ? (map['map'] as unknown[]) : []
  return entries.flatMap((entry) => {
    const key = isObject(entry) ? entry['key'] : undefined
    if (typeof key !== 'string') return []
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) throw new QueryRefusedError(`WITH "${shown(key)}": use letters, digits and _ for its name`)
    // A name of the catalog would open it to the rest of the statement.
    if (/^(duckdb|pg|sqlite|pragma)_/i.test(key)) throw new QueryRefusedError(`WITH ${key}: choose another name`)
    return [key.toLowerCase()]
  })
}

function checkFunction(node: Readonly<Record<string, unknown>>): void {
  const called = node['type'] === 'TABLE_FUNCTION' ? node['function'] : undefined
  if (called !== undefined) {
    const name = isObject(called) ? String(called['function_name']) : '?'
    if (!TABLE_FUNCTIONS.has(name))
      throw new QueryRefusedError(`${shown(name)}() can't be used: a query reads the views of the archive only`)
  }
  const name = node['function_name']
  if (typeof name === 'string' && REFUSED_FUNCTIONS.test(name)) throw new QueryRefusedError(`${shown(name)}() can't be used in a query`)
}

/** The table that a node reads, in lower case; null when it reads none. */
function tableOf(node: Readonly<Record<string, unknown>>): string | null {
  const { type, table_name: table } = node
  if (type === 'SHOW_REF') return typeof table === 'string' && table !== '' && table !== ALL_TABLES ? table.toLowerCase() : null
  if (type !== 'BASE_TABLE') return null
  const schema = [node['catalog_name'], node['schema_name']].filter((name) => name !== undefined && name !== '')
  return [...schema.filter((name) => name !== 'main' && name !== 'memory').map(String), String(table)].join('.').toLowerCase()
}

function unknownTable(table: string, views: readonly string[]): QueryRefusedError {
  const nearest = nearestName(table, views)
  return new QueryRefusedError(
    `there is no table ${shown(table)}${nearest === undefined ? '' : `; did you mean ${nearest}?`} There are: ${views.join(', ')}`,
  )
}

function shown(text: string): string {
  return printable(text.slice(0, SHOWN_TEXT))
}
