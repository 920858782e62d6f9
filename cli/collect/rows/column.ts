// A column of what is printed, and what its cell holds of a record: of an event, or of an aggregate.
import type { UsageRecord } from '../../../schemas/generated/types.js'
import type { PrintedEvent } from './event-kind.js'

/** An aggregate that is printed. */
export interface PrintedUsage {
  readonly topic: 'usage'
  readonly record: UsageRecord
}

/** What is a row. */
export type PrintedRecord = PrintedEvent | PrintedUsage

/** What a cell holds. */
export type Cell = string | number | boolean | null

/** What is known beside the records. */
export interface RowContext {
  /** Name of a container; undefined while it is not known. */
  containerName(containerId: string): string | undefined
}

/** One column. */
export interface Column {
  readonly name: string
  /** Characters in the table; the last column takes what is left. */
  readonly width: number
  /** Default: events have none. */
  readonly event?: (event: PrintedEvent, context: RowContext) => Cell
  /** Default: aggregates have none. */
  readonly usage?: (usage: PrintedUsage, context: RowContext) => Cell
  /** In the table, where it is shorter there; null where it is not. */
  readonly short?: (printed: PrintedRecord) => string | null
}

/** As the record has it; null is what there is not. */
export function cellOf(column: Column, printed: PrintedRecord, context: RowContext): Cell {
  return (printed.topic === 'usage' ? column.usage?.(printed, context) : column.event?.(printed, context)) ?? null
}
