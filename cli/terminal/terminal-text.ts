// Text for a terminal: wrapped lines, columns that fit, colours where wanted. infra/text/printable.ts escapes untrusted text.
import pc from 'picocolors'
import { printable } from '../../infra/text/printable.js'

/** Colours; without effect if the stream is not a terminal or NO_COLOR is set. */
export type Colors = ReturnType<typeof pc.createColors>

/** Colours for a stream. */
export function colorsFor(stream: { readonly isTTY?: boolean }): Colors {
  return pc.createColors(stream.isTTY === true && process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb')
}

/** Width of a stream in columns; 120 if it is not a terminal. */
export function widthOf(stream: { readonly columns?: number; readonly isTTY?: boolean }): number {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 20 ? stream.columns : 120
}

/** At most `width` characters; an ellipsis marks a cut. */
export function cut(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** Wraps at spaces into lines of at most `width`; the first line starts after `first` columns. Longer words are broken. */
export function wrap(text: string, width: number, first = 0): string[] {
  const lines: string[] = []
  let line = ''
  let room = width - first
  for (const word of text.split(' ')) {
    let rest = [...word]
    if (line !== '' && line.length + 1 + rest.length > room) {
      lines.push(line)
      line = ''
      room = width
    }
    while (rest.length > room) {
      lines.push(rest.slice(0, room).join(''))
      rest = rest.slice(room)
      room = width
    }
    line = line === '' ? rest.join('') : `${line} ${rest.join('')}`
  }
  return [...lines, line]
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
}

/** The table as text; cells are escaped, and the last column is not padded. */
export function columnTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => printable(column.value(row))))]
  const widths = columns.map((_column, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)))
  return cells
    .map((line) => `${line.map((cell, at) => (at === line.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ')}\n`)
    .join('')
}
