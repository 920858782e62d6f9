// Events and aggregates as rows of selected columns: table, CSV, JSON. Texts are untrusted: control characters are escaped, so a row is one line.
import { printable } from '../../infra/text/printable.js'
import { cut } from '../terminal/terminal-text.js'
import { type Cell, type Column, type PrintedRecord, type RowContext, cellOf } from './columns.js'

/** Formats rows. */
export class EventRows {
  readonly #columns: readonly Column[]
  readonly #context: RowContext

  constructor(columns: readonly Column[], context: RowContext) {
    this.#columns = columns
    this.#context = context
  }

  /** Header of the table, at most `width` characters. */
  tableHeading(width: number): string {
    return this.#line(
      this.#columns.map(({ name }) => name.toUpperCase()),
      width,
    )
  }

  /** A row of the table, at most `width` characters. */
  tableRow(printed: PrintedRecord, width: number): string {
    const texts = this.#columns.map((column) => printable(column.short?.(printed) ?? textOf(cellOf(column, printed, this.#context), '-')))
    return this.#line(texts, width)
  }

  /** Header of the CSV. */
  csvHeading(): string {
    return this.#columns.map(({ name }) => name).join(',')
  }

  /** A line of CSV (RFC 4180) with escaped control characters; absent values are empty. */
  csvRow(printed: PrintedRecord): string {
    return this.#columns.map((column) => quoted(printable(textOf(cellOf(column, printed, this.#context), '')))).join(',')
  }

  /** A line of JSON: an object with the columns. */
  jsonRow(printed: PrintedRecord): string {
    return JSON.stringify(Object.fromEntries(this.#columns.map((column) => [column.name, cellOf(column, printed, this.#context)])))
  }

  /** The last column is not padded, and cut only at the end of the line. */
  #line(texts: readonly string[], width: number): string {
    const cells = texts.map((text, index) => {
      const column = this.#columns[index]
      return column === undefined || index === texts.length - 1 ? text : cut(text, column.width).padEnd(column.width)
    })
    return cut(cells.join(' '), width)
  }
}

function textOf(cell: Cell, absent: string): string {
  return cell === null ? absent : String(cell)
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
