// Encodes records of the topic process in the wire format, one method per kind. The caller appends writer.bytes[0, position).
import { AvroWriter } from '../../schemas/avro-writer.js'
import { PROCESS_EVENT_TYPE_SYMBOLS, type ProcessEventType } from '../../schemas/generated/types.js'
import { writeHeader } from '../../schemas/wire-format.js'
import type { EventHeader } from '../ring-events/event-header.js'
import type { ExecRecord, ExecRefusedRecord, ExitRecord } from '../ring-events/process-records.js'
import { TEXT } from '../../native/generated/layout.js'
import type { Redactor } from '../redaction/redactor.js'
import { writeArguments, RawTexts, writeText } from './text-encoder.js'
import { COLLECTOR_CPU, type OriginEncoder } from './origin-encoder.js'
import type { ProcessBytes } from '../processes/encoded-process.js'
import { syscallSymbol } from '../../schemas/calls.js'

const TYPE = Object.fromEntries(PROCESS_EVENT_TYPE_SYMBOLS.map((symbol, index) => [symbol, index])) as Record<ProcessEventType, number>

/** Encodes process events into `writer`, which is reset by each. */
export class ProcessEventEncoder {
  readonly writer = new AvroWriter(64 * 1024)
  readonly #schemaId: number
  readonly #kernel: OriginEncoder
  readonly #collector: OriginEncoder
  readonly #raw = new RawTexts()
  readonly #redactor: Redactor | null

  /**
   * @param kernel origin of events from kernel records @param collector origin of events created by the collector
   * @param redactor null: secrets stay
   */
  constructor(schemaId: number, kernel: OriginEncoder, collector: OriginEncoder, redactor: Redactor | null = null) {
    this.#redactor = redactor
    this.#schemaId = schemaId
    this.#kernel = kernel
    this.#collector = collector
  }

  exec(header: EventHeader, process: ProcessBytes, bytes: Uint8Array, record: ExecRecord, wallUs: number): void {
    this.#start(TYPE.exec, header, process)
    this.#filename(bytes, record.cwdEnd, record.filenameEnd, (record.textFlags & TEXT.filenameFault) !== 0)
    this.writer.nulls(2) // cloneFlags, attemptedArgs
    this.writer.int(0) // redacted
    this.writer.nulls(4)
    this.#thread(header)
    this.#end(header, wallUs)
  }

  execRefused(header: EventHeader, process: ProcessBytes, bytes: Uint8Array, record: ExecRefusedRecord, wallUs: number): void {
    const { argsStart, argsEnd } = record
    const clean = this.#redactor?.arguments(bytes, argsStart, argsEnd) ?? { bytes, count: 0 }
    this.#start(TYPE.exec, header, process)
    this.#filename(bytes, record.argsEnd, record.filenameEnd, (record.textFlags & TEXT.filenameFault) !== 0)
    this.writer.nulls(1) // cloneFlags
    this.writer.int(1)
    const [start, end] = clean.count === 0 ? [argsStart, argsEnd] : [0, clean.bytes.length]
    writeArguments(this.writer, this.#raw, 'attemptedArgs', clean.bytes, start, end)
    this.writer.int(clean.count)
    this.writer.nulls(4)
    this.#thread(header)
    this.#end(header, wallUs)
  }

  /** The result in the header of a fork is its flags. */
  fork(header: EventHeader, process: ProcessBytes, wallUs: number): void {
    this.#start(TYPE.fork, header, process, 0)
    this.writer.nulls(1) // filename
    this.writer.int(1)
    this.writer.long(header.result >>> 0)
    this.writer.nulls(1)
    this.writer.int(0) // redacted
    // The thread of the parent is not in any record.
    this.writer.nulls(5)
    this.#end(header, wallUs)
  }

  exit(header: EventHeader, process: ProcessBytes, record: ExitRecord, wallUs: number): void {
    const writer = this.writer
    const isSignalled = record.signal !== 0
    this.#start(TYPE.exit, header, process)
    writer.nulls(3) // filename, cloneFlags, attemptedArgs
    writer.int(0) // redacted
    writer.int(isSignalled ? 0 : 1)
    if (!isSignalled) writer.int(record.status)
    writer.int(isSignalled ? 1 : 0)
    if (isSignalled) writer.int(record.signal)
    writer.int(1)
    writer.boolean(record.coreDumped)
    writer.int(1)
    writer.long(Math.max(0, header.bootUs - header.startUs))
    this.#thread(header)
    this.#end(header, wallUs)
  }

  /** A process that was running at the start. @param seq from the collector's own sequence */
  snapshot(header: EventHeader, process: ProcessBytes, seq: number, wallUs: number): void {
    this.#start(TYPE.snapshot, header, process)
    this.writer.nulls(3)
    this.writer.int(0) // redacted
    this.writer.nulls(5)
    this.#collector.write(this.writer, COLLECTOR_CPU, seq, header.bootUs, wallUs)
    this.#raw.write(this.writer)
  }

  /** magic and schema id, type, syscall, result, process */
  #start(type: number, header: EventHeader, process: ProcessBytes, result = header.result): void {
    const writer = this.writer
    writer.reset()
    this.#raw.clear()
    writeHeader(writer, this.#schemaId)
    writer.int(type)
    writer.int(syscallSymbol(header.syscall))
    writer.int(result)
    writer.raw(process.bytes, 0, process.length)
    this.#raw.addAll(process.raw)
  }

  #filename(bytes: Uint8Array, start: number, end: number, isUnread: boolean): void {
    this.writer.int(isUnread ? 0 : 1)
    if (!isUnread && !writeText(this.writer, bytes, start, end)) this.#raw.add('filename', bytes, start, end)
  }

  #thread(header: EventHeader): void {
    this.writer.int(1)
    this.writer.int(header.tid)
  }

  /** origin, raw */
  #end(header: EventHeader, wallUs: number): void {
    this.#kernel.write(this.writer, header.cpu, header.seq, header.bootUs, wallUs)
    this.#raw.write(this.writer)
  }
}
