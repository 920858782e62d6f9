// Prints events of a memory log as JSON lines, CSV or a table. Waits for a slow reader; meanwhile the log, then the ring, holds new events.
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { RecordBatch, TopicConsumer, TopicLog } from '../../infra/topic-log/topic-log.js'
import { RULE_TOPICS } from '../../processors/rule-engine/fields/rule-event.js'
import type { Codec } from '../../schemas/codec.js'
import type { ContainerEvent, UsageRecord } from '../../schemas/generated/types.js'
import { bytesAsBase64 } from '../../schemas/record-json.js'
import type { CollectFlags } from './collect-flags.js'
import { type Column, type PrintedRecord, defaultColumns } from './columns.js'
import type { PrintedEvent } from './details.js'
import type { ContainerNames, EventFilter } from './event-filter.js'
import { EventRows } from './event-rows.js'

/** Output options. */
export interface PrintOptions {
  readonly output: Exclude<CollectFlags['output'], 'kafka'>
  /** Null for the format's default; for JSON that is the whole record. */
  readonly columns: readonly Column[] | null
  readonly filter: EventFilter
  /** Width of a table line, characters. */
  readonly width: () => number
  /** Receives the names of containers. */
  readonly names: ContainerNames
}

/** Prints from the oldest event. */
export async function startEventPrinter(topicLog: TopicLog, codec: Codec, output: Writable, options: PrintOptions): Promise<TopicConsumer> {
  const { filter, names } = options
  const { heading, line } = formOf(options)
  if (heading !== null) output.write(`${heading}\n`)
  // JSON lines include container records, so that rules can be tried on the output later. Rows have no columns for these.
  const isWhole = options.output === 'json' && options.columns === null
  return await topicLog.consume({
    group: 'eunomia.collect.print',
    topics: ['container', 'usage', ...RULE_TOPICS],
    from: 'earliest',
    handler: async (batch) => {
      const lines: string[] = []
      if (batch.topic === 'container') {
        for (const record of containersOf(batch, codec, names)) {
          if (isWhole && filter.takesContainer(record.containerId)) lines.push(`${jsonLine('container', record)}\n`)
        }
      } else if (batch.topic === 'usage') {
        for (const record of usageOf(batch, codec)) if (filter.takesUsage(record)) lines.push(`${line({ topic: 'usage', record })}\n`)
      } else for (const event of eventsOf(batch, codec)) if (filter.takes(event)) lines.push(`${line(event)}\n`)
      if (!output.write(lines.join(''))) await once(output, 'drain')
      return { nextOffset: batch.lastOffset + 1, outputs: [] }
    },
  })
}

/** Container records; their names are stored. */
function* containersOf(batch: RecordBatch, codec: Codec, names: ContainerNames): Generator<ContainerEvent> {
  while (batch.next()) {
    const record = codec.decode('container', batch.valueBytes, batch.valueStart, batch.valueEnd)
    if (record.facts !== null) names.learn(record.containerId, record.facts.name)
    yield record
  }
}

function* usageOf(batch: RecordBatch, codec: Codec): Generator<UsageRecord> {
  while (batch.next()) yield codec.decode('usage', batch.valueBytes, batch.valueStart, batch.valueEnd)
}

function* eventsOf(batch: RecordBatch, codec: Codec): Generator<PrintedEvent> {
  while (batch.next()) {
    const { valueBytes, valueStart, valueEnd } = batch
    const { topic } = batch
    if (topic === 'process') yield { topic, record: codec.decode(topic, valueBytes, valueStart, valueEnd) }
    else if (topic === 'file') yield { topic, record: codec.decode(topic, valueBytes, valueStart, valueEnd) }
    else if (topic === 'network') yield { topic, record: codec.decode(topic, valueBytes, valueStart, valueEnd) }
    else if (topic === 'kernel') yield { topic, record: codec.decode(topic, valueBytes, valueStart, valueEnd) }
  }
}

interface Form {
  readonly heading: string | null
  readonly line: (printed: PrintedRecord) => string
}

function formOf({ output, columns, names, width }: PrintOptions): Form {
  const context = { containerName: (id: string) => names.nameOf(id) }
  if (output === 'json') {
    if (columns === null) return { heading: null, line: ({ topic, record }) => jsonLine(topic, record) }
    const rows = new EventRows(columns, context)
    return { heading: null, line: (printed) => rows.jsonRow(printed) }
  }
  const rows = new EventRows(columns ?? defaultColumns(output), context)
  if (output === 'csv') return { heading: rows.csvHeading(), line: (printed) => rows.csvRow(printed) }
  return { heading: rows.tableHeading(width()), line: (printed) => rows.tableRow(printed, width()) }
}

function jsonLine(topic: string, record: object): string {
  return JSON.stringify({ topic, ...record }, bytesAsBase64)
}
