// Prints events of a memory log as JSON lines, CSV or a table. Waits for a reader that is slow: the log, then the ring, holds what comes.
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { RecordBatch, TopicConsumer, TopicLog } from '../../infra/topic-log.js'
import { RULE_TOPICS } from '../../processors/rule-engine/judged-event.js'
import type { Codec } from '../../schemas/codec.js'
import type { ContainerEvent } from '../../schemas/generated/types.js'
import { bytesAsBase64 } from '../../schemas/record-json.js'
import type { ContainerNames } from './container-names.js'
import type { CollectFlags } from './collect-flags.js'
import { csvHeading, csvRow, tableHeading, tableRow, type PrintedEvent } from './event-row.js'

/** What is printed, and how. */
export interface PrintOptions {
  readonly flags: Pick<CollectFlags, 'output' | 'container' | 'pid' | 'uid'>
  /** Columns of the table. */
  readonly width: () => number
  /** Learns the names of containers, for the filter. */
  readonly names: ContainerNames
}

/** Prints from the oldest event on. */
export async function startEventPrinter(topicLog: TopicLog, codec: Codec, output: Writable, options: PrintOptions): Promise<TopicConsumer> {
  const line = lineOf(options)
  const { names } = options
  const isWanted = eventFilter(options.flags, names)
  const heading = options.flags.output === 'csv' ? csvHeading() : options.flags.output === 'table' ? tableHeading() : null
  if (heading !== null) output.write(`${heading}\n`)
  return await topicLog.consume({
    group: 'eunomia.collect.print',
    topics: ['container', ...RULE_TOPICS],
    from: 'earliest',
    handler: async (batch) => {
      const lines: string[] = []
      if (batch.topic === 'container') {
        for (const record of containersOf(batch, codec, names)) {
          if (isContainerWanted(record, options)) lines.push(`${jsonLine('container', record)}\n`)
        }
      } else for (const event of eventsOf(batch, codec)) if (isWanted(event)) lines.push(`${line(event)}\n`)
      if (!output.write(lines.join(''))) await once(output, 'drain')
      return { nextOffset: batch.lastOffset + 1, outputs: [] }
    },
  })
}

/** What was told of containers; their names are learned on the way. */
function* containersOf(batch: RecordBatch, codec: Codec, names: ContainerNames): Generator<ContainerEvent> {
  while (batch.next()) {
    const record = codec.decode('container', batch.valueBytes, batch.valueStart, batch.valueEnd)
    if (record.facts !== null) names.learn(record.containerId, record.facts.name)
    yield record
  }
}

/** JSON lines are whole: with the facts of containers in them, rules can be tried on them later. Rows have no columns for these. */
function isContainerWanted({ containerId }: ContainerEvent, { flags, names }: PrintOptions): boolean {
  const { output, pid, uid, container } = flags
  return (
    output === 'json' && pid === undefined && uid === undefined && (container === undefined || isContainer(containerId, container, names))
  )
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

function lineOf({ flags, width }: PrintOptions): (event: PrintedEvent) => string {
  if (flags.output === 'csv') return csvRow
  if (flags.output === 'table') return (event) => tableRow(event, width())
  return ({ topic, record }) => jsonLine(topic, record)
}

function jsonLine(topic: string, record: object): string {
  return JSON.stringify({ topic, ...record }, bytesAsBase64)
}

function isContainer(id: string, wanted: string, names: ContainerNames): boolean {
  return (/^[0-9a-f]{6,}$/.test(wanted) && id.startsWith(wanted)) || names.nameOf(id) === wanted
}

/** Whether an event is asked for. */
export function eventFilter({ container, pid, uid }: PrintOptions['flags'], names: ContainerNames): (event: PrintedEvent) => boolean {
  return ({ record: { process } }) => {
    if (pid !== undefined && process.pid !== pid) return false
    if (uid !== undefined && process.uid !== uid) return false
    if (container === undefined) return true
    const id = process.containerId
    return id !== null && isContainer(id, container, names)
  }
}
