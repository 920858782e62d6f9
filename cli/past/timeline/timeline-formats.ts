// The formats of a timeline, each a line for an event. Texts are untrusted: no line has a line break or, on a terminal, a control character, and no cell of
// CSV is a formula.
import { printable } from '../../../infra/text/printable.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import { networkSummaryOf } from '../../../processors/rule-engine/output/alert.js'
import { isoMicroseconds } from '../../../schemas/alert-parts.js'
import { jsonText } from '../../../schemas/alert-formats.js'
import { ocsfActivityOf } from '../../../schemas/ocsf/event-activity.js'
import { ocsfFindingOf } from '../../../schemas/ocsf/detection-finding.js'
import { bytesAsBase64 } from '../../../schemas/record-json.js'
import { cut } from '../../terminal/terminal-text.js'
import {
  containerOfEvent,
  detailOfEvent,
  FLAT_COLUMNS,
  flatFields,
  type FlatValue,
  isRuleEvent,
  kindOfEvent,
  messageOfEvent,
  processOfEvent,
  type TimelineEvent,
} from './timeline-event.js'

/** Formats of lines. */
export const LINE_FORMATS = ['table', 'json', 'timesketch', 'ocsf', 'csv'] as const
export type LineFormat = (typeof LINE_FORMATS)[number]

/** OpenSearch refuses longer keywords, bytes. */
export const MAX_KEYWORD_BYTES = 32_766

/** Writes lines. */
export interface LineWriter {
  /** The first line; null for none. */
  readonly heading: string | null
  /** The line of an event; null for one that the format has no place for. */
  line(event: TimelineEvent): string | null
  /** Texts that were cut. */
  readonly cutTexts: number
}

/** The writer of a format. @param width of a line of the table, characters @param isDated the table has dates: its events are of several days */
export function lineWriter(format: LineFormat, width: number, isDated = false): LineWriter {
  switch (format) {
    case 'table':
      return {
        heading: tableLine(['TIME', 'HOST', 'KIND', 'PID', 'USER', 'PROCESS', 'CONTAINER', 'WHAT'], width, isDated),
        line: (event) => tableRow(event, width, isDated),
        cutTexts: 0,
      }
    case 'json':
      return { heading: null, line: (event) => JSON.stringify({ topic: event.topic, ...event.record }, bytesAsBase64), cutTexts: 0 }
    case 'ocsf':
      return { heading: null, line: ocsfLine, cutTexts: 0 }
    case 'csv':
      return { heading: csvLine(['datetime', 'kind', 'message', 'topic', ...FLAT_COLUMNS]), line: csvRow, cutTexts: 0 }
    case 'timesketch':
      return new TimesketchWriter()
  }
}

const DATED_WIDTH = 26
const WIDTHS = [15, 12, 10, 7, 10, 15, 12]

function tableRow(event: TimelineEvent, width: number, isDated: boolean): string {
  const process = processOfEvent(event)
  const { origin } = event.record
  const cells = [
    isoMicroseconds(origin.wallTimeUs).slice(isDated ? 0 : 11, -1),
    origin.hostName,
    kindOfEvent(event),
    process === null ? '-' : String(process.pid),
    process === null ? '-' : (process.user ?? String(process.uid)),
    process?.name ?? '-',
    containerOfEvent(event)?.slice(0, 12) ?? '-',
    detailOfEvent(event),
  ]
  return tableLine(cells, width, isDated)
}

function tableLine(cells: readonly string[], width: number, isDated: boolean): string {
  const shown = cells.map((cell, index) => {
    const size = index === 0 && isDated ? DATED_WIDTH : WIDTHS[index]
    const text = printable(cell.slice(0, 4 * width))
    return size === undefined ? text : cut(text, size).padEnd(size)
  })
  return cut(shown.join(' '), width)
}

function ocsfLine(event: TimelineEvent): string | null {
  if (event.topic === 'alerts') return jsonText(ocsfFindingOf(event.record))
  return isRuleEvent(event)
    ? jsonText(ocsfActivityOf(event, messageOfEvent(event), TOPICS[event.topic].name, networkSummaryOf(event)))
    : null
}

function csvRow(event: TimelineEvent): string {
  const flat = flatFields(event)
  return csvLine([
    isoMicroseconds(event.record.origin.wallTimeUs),
    kindOfEvent(event),
    messageOfEvent(event),
    ...['topic', ...FLAT_COLUMNS].map((name) => flat[name] ?? null),
  ])
}

/** A line of CSV; absent values are empty. */
export function csvLine(cells: readonly FlatValue[]): string {
  return cells.map((cell) => (typeof cell === 'string' ? csvText(cell) : cell === null ? '' : String(cell))).join(',')
}

/** Quoted (RFC 4180); a text that a spreadsheet would take for a formula begins with an apostrophe. */
function csvText(text: string): string {
  const harmless = printable(text)
  const first = /^[\s=+\-@|%＝＋－＠]/.test(harmless) ? `'${harmless}` : harmless
  return `"${first.replaceAll('"', '""')}"`
}

/** JSONL that Timesketch imports without a mapping of headers. */
class TimesketchWriter implements LineWriter {
  readonly heading = null
  cutTexts = 0

  line(event: TimelineEvent): string {
    const { wallTimeUs } = event.record.origin
    const flat = Object.entries(flatFields(event)).flatMap(([name, value]) =>
      value === null ? [] : [[name, this.#keyword(value)] as const],
    )
    return jsonText({
      message: this.#keyword(messageOfEvent(event)),
      datetime: isoMicroseconds(wallTimeUs).replace('Z', '+00:00'),
      timestamp_desc: `Event: ${kindOfEvent(event)}`,
      timestamp: wallTimeUs,
      data_type: `eunomia:${event.topic}:${kindOfEvent(event)}`,
      ...Object.fromEntries(flat),
    })
  }

  #keyword(value: FlatValue): FlatValue {
    if (typeof value !== 'string' || Buffer.byteLength(value) <= MAX_KEYWORD_BYTES) return value
    this.cutTexts++
    const bytes = Buffer.from(value)
    let end = MAX_KEYWORD_BYTES
    // Not within a character.
    while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
    return bytes.subarray(0, end).toString()
  }
}
