// What the byte plan of a field shows of a record to its masks, next to what the extractor reads.
import assert from 'node:assert/strict'
import { numberValueOf, textValueOf } from '../../../processors/rule-engine/compiled/byte-value.js'
import { ABSENT, PRESENT, type NumberSink, type TextSink } from '../../../processors/rule-engine/compiled/byte-text.js'
import type { TextSpans } from '../../../processors/rule-engine/fields/bytes/scanned-record.js'
import { RecordScanners } from '../../../processors/rule-engine/compiled/record-scanners.js'
import { resolveField } from '../../../processors/rule-engine/fields/catalogue.js'
import { familyOf } from '../../../processors/rule-engine/fields/field-type.js'
import { eventTypeOf } from '../../../processors/rule-engine/fields/record/event-type.js'
import type { RuleRecord } from '../../../processors/rule-engine/fields/rule-event.js'
import { Codec } from '../../../schemas/codec.js'
import { encodedEvent } from '../generator/stored-event.js'

const codec = new Codec()
const scanners = new RecordScanners(codec)

/** Texts (bytes as Latin-1) or numbers; absent; or unknown: the record must be decoded. */
export type Shown = readonly (string | number)[] | 'absent' | 'unknown'

class Sink implements TextSink, NumberSink {
  seen: (string | number)[] = []
  readonly isInPieces: boolean

  constructor(isInPieces: boolean) {
    this.isInPieces = isInPieces
  }

  begin(): void {
    this.seen = []
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.seen.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
  }

  addNumber(value: number): void {
    this.seen.push(value)
  }

  beginPieces(): void {
    this.seen = ['']
  }

  addPiece(bytes: Uint8Array, start: number, end: number): void {
    this.seen = [`${this.seen.join('')}${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`]
  }

  addItems(bytes: Uint8Array, { spans, count }: TextSpans, from: number): void {
    for (let item = from; item < count; item++) {
      if (item > from) this.addPiece(Buffer.from(' '), 0, 1)
      this.addPiece(bytes, spans[2 * item] ?? 0, spans[2 * item + 1] ?? 0)
    }
  }

  endPieces(): boolean {
    return true
  }

  addUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    this.add(bytes, start, end)
    return true
  }
}

/** @param name of the field, with its argument in brackets */
export function shownValue(name: string, event: RuleRecord): Shown {
  const [, plain = name, argument = null] = /^([^[]+)\[(.*)\]$/.exec(name) ?? []
  const field = resolveField(plain, argument)
  assert.ok(!('problem' in field), name)
  const plan = field.definition.bytes[event.topic]
  assert.ok(plan !== undefined, `${name} has no plan for ${event.topic}`)
  const bytes = encodedEvent(codec, event)
  const record = scanners.of(event.topic).scan(bytes, 0, bytes.length)
  assert.ok(record !== null)
  const planned = { field, plan, eventType: eventTypeOf(event) ?? '', symbols: scanners.of(event.topic).symbols, isFileName: false }
  const family = familyOf(field.type)
  const [whole, inPieces] = [false, true].map((isInPieces): Shown => {
    const sink = new Sink(isInPieces)
    const seen = family === 'number' || family === 'bool' ? numberValueOf(planned)?.(record, sink) : textValueOf(planned)?.(record, sink)
    assert.ok(seen !== undefined, `${name} is not shown`)
    return seen === PRESENT ? sink.seen : seen === ABSENT ? 'absent' : 'unknown'
  })
  assert.deepEqual(inPieces, whole)
  return whole ?? assert.fail()
}
