// Rows under headings in aligned columns, without borders: read by people, cut by awk.
import { printable } from '../../infra/text/printable.js'

/** One column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
}

/** The table as text; every cell is made harmless, the last column is not padded. */
export function columnTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => printable(column.value(row))))]
  const widths = columns.map((_column, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)))
  return cells
    .map((line) => `${line.map((cell, at) => (at === line.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ')}\n`)
    .join('')
}
