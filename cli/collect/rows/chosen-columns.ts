// All columns that there are, those that a person chose, and those that are printed when nobody chose.
import type { Column } from './column.js'
import { EVENT_COLUMNS } from './event-columns.js'
import { detailOf } from './event-detail.js'
import { knownNames } from './event-kind.js'
import { USAGE_COLUMNS } from './usage-columns.js'
import { usageDetailOf } from './usage-detail.js'

const DETAIL: Column = { name: 'detail', width: 32, event: detailOf, usage: ({ record }) => usageDetailOf(record) }
const COLUMNS: readonly Column[] = [...EVENT_COLUMNS, ...USAGE_COLUMNS, DETAIL]

const TABLE = 'time,kind,pid,user,container,process,detail'
const CSV = 'time,host,kind,pid,parent_pid,uid,user,container,process,exe,result,detail'

/** Columns by their names. @throws UsageError with the nearest name of each that there is not */
export function chosenColumns(names: readonly string[]): readonly Column[] {
  const known = COLUMNS.map(({ name }) => name)
  return knownNames('--columns', 'column', names, known).flatMap((name) => COLUMNS.find((column) => column.name === name) ?? [])
}

/** Columns of a form of output when none are chosen. */
export function defaultColumns(output: 'csv' | 'table'): readonly Column[] {
  return chosenColumns([output === 'csv' ? CSV : TABLE])
}
