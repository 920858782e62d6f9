// Arguments and environment of a process in the bytes of a record, shown to their masks.
import type { FieldArgument } from '../fields/field.js'
import type { TextPlan } from '../fields/bytes/byte-plan.js'
import { ABSENT, endOf, JoinedText, only, PRESENT, startOf, UNKNOWN_YET, type Seen, type TextSink, type TextValue } from './byte-text.js'
import { ANCESTOR_TEXTS, listSlot, numberSlot, textSlot } from '../fields/bytes/record-slots.js'
import { UNKNOWN_NUMBER, UNKNOWN_TEXT, type ScannedRecord, type TextSpans } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'

type PlanOf<Kind> = Extract<TextPlan, { readonly kind: Kind }>

const ARGS = listSlot('process.args')
const PARENT_ARGS = listSlot('process.parentArgs')
const ENVIRONMENT = listSlot('process.env')
const NAME = textSlot('process.name')
const TYPE = numberSlot('type')
const RESULT = numberSlot('result')
const NAME_OF_ANCESTOR = 2 * ANCESTOR_TEXTS.indexOf('name')

/** Whether the event started a program; null if the bytes do not say. */
type IsStarted = (record: ScannedRecord) => boolean | null

function isStartedIn({ topic, types }: Symbols): IsStarted {
  const exec = types.indexOf('exec')
  if (topic !== 'process') return () => false
  return ({ numbers }) => {
    const type = numbers[TYPE] ?? UNKNOWN_NUMBER
    const result = numbers[RESULT] ?? UNKNOWN_NUMBER
    return type === UNKNOWN_NUMBER || result === UNKNOWN_NUMBER ? null : type === exec && result >= 0
  }
}

/** Only for a program that was started, if the plan says so. */
function restricted(plan: { readonly isOfStarted?: boolean }, symbols: Symbols, value: TextValue): TextValue {
  return plan.isOfStarted === true ? whenStarted(symbols, value) : value
}

function whenStarted(symbols: Symbols, value: TextValue): TextValue {
  const isStarted = isStartedIn(symbols)
  return (record, masks) => {
    const started = isStarted(record)
    return started === null ? UNKNOWN_YET : started ? value(record, masks) : ABSENT
  }
}

export function ifStartedValue(text: string, symbols: Symbols): TextValue {
  const bytes = Buffer.from(text, 'latin1')
  return whenStarted(symbols, (_, masks) => only(bytes, 0, bytes.length, masks))
}

export function argumentValue(plan: PlanOf<'argument'>, symbols: Symbols): TextValue {
  const { index } = plan
  return restricted(plan, symbols, (record, masks) => {
    const args = knownList(record, ARGS)
    if (args === null) return UNKNOWN_YET
    return index >= args.count ? ABSENT : only(record.bytes, args.spans[2 * index] ?? 0, args.spans[2 * index + 1] ?? 0, masks)
  })
}

function knownList({ lists }: ScannedRecord, slot: number): TextSpans | null {
  const list = lists[slot]
  return list?.isKnown === true ? list : null
}

export function commandLineValue(plan: PlanOf<'commandLine'>, symbols: Symbols): TextValue {
  const { generation, head, from } = plan
  const text = new JoinedText()
  return restricted(plan, symbols, (record, masks) => {
    const args = knownList(record, generation === 0 ? ARGS : PARENT_ARGS)
    if (args === null || !record.ancestors.isKnown) return UNKNOWN_YET
    if (generation === 1 && (head === 'none' ? args.count === 0 : record.ancestors.count === 0)) return ABSENT
    const { bytes } = record
    let start = 0
    let end = 0
    if (head === 'exe' && args.count > 0) [start, end] = [args.spans[0] ?? 0, args.spans[1] ?? 0]
    if (head === 'name') {
      const { spans } = record.ancestors
      start = generation === 0 ? startOf(record, NAME) : (spans[NAME_OF_ANCESTOR] ?? UNKNOWN_TEXT)
      end = generation === 0 ? endOf(record, NAME) : (spans[NAME_OF_ANCESTOR + 1] ?? 0)
      if (start < 0) return UNKNOWN_YET
    }
    // Without any rest there is no blank.
    const hasBlank = (head === 'name' || end > start) && hasText(args, from)
    if (masks.isInPieces) {
      masks.beginPieces()
      masks.addPiece(bytes, start, end)
      if (hasBlank) masks.addPiece(BLANK, 0, 1)
      masks.addItems(bytes, args, from)
      return masks.endPieces() ? PRESENT : UNKNOWN_YET
    }
    text.length = 0
    text.add(bytes, start, end)
    if (hasBlank) text.addBlank()
    addItems(text, bytes, args, from)
    return only(text.bytes, 0, text.length, masks)
  })
}

/** Whether the items from one on have any text when they are joined with blanks. */
function hasText({ count, spans }: TextSpans, from: number): boolean {
  return count > from + 1 || (count === from + 1 && (spans[2 * from] ?? 0) < (spans[2 * from + 1] ?? 0))
}

const BLANK = Uint8Array.of(0x20)

function addItems(text: JoinedText, bytes: Uint8Array, { count, spans }: TextSpans, from: number): void {
  for (let index = from; index < count; index++) {
    if (index > from) text.addBlank()
    text.add(bytes, spans[2 * index] ?? 0, spans[2 * index + 1] ?? 0)
  }
}

export function execveValue(symbols: Symbols): TextValue {
  const text = new JoinedText()
  const name = Buffer.from('EXECVE', 'latin1')
  return whenStarted(symbols, (record, masks) => {
    const args = knownList(record, ARGS)
    if (args === null) return UNKNOWN_YET
    text.length = 0
    addItems(text, record.bytes, args, 0)
    const count = Buffer.from(String(args.count), 'latin1')
    masks.begin()
    const isSeen = masks.addUtf8(name, 0, name.length) && masks.addUtf8(count, 0, count.length) && masks.addUtf8(text.bytes, 0, text.length)
    return isSeen && (args.count < 2 || addEach(record.bytes, args, masks)) ? PRESENT : UNKNOWN_YET
  })
}

function addEach(bytes: Uint8Array, { count, spans }: TextSpans, masks: TextSink): boolean {
  for (let index = 0; index < count; index++) if (!masks.addUtf8(bytes, spans[2 * index] ?? 0, spans[2 * index + 1] ?? 0)) return false
  return true
}

const EMPTY = new Uint8Array(0)

/** @param name of a variable; null for all of them. A variable that is not set is an empty text. */
export function environmentValue(name: Exclude<FieldArgument, number>): TextValue {
  const text = new JoinedText()
  const start = Buffer.from(`${name ?? ''}=`, 'latin1')
  return (record, masks): Seen => {
    const variables = knownList(record, ENVIRONMENT)
    if (variables === null) return UNKNOWN_YET
    if (variables.count < 0) return ABSENT
    const { bytes } = record
    if (name === null) {
      text.length = 0
      addItems(text, bytes, variables, 0)
      return only(text.bytes, 0, text.length, masks)
    }
    for (let index = 0; index < variables.count; index++) {
      const from = variables.spans[2 * index] ?? 0
      const end = variables.spans[2 * index + 1] ?? 0
      if (beginsWith(bytes, from, end, start)) return only(bytes, from + start.length, end, masks)
    }
    return only(EMPTY, 0, 0, masks)
  }
}

/** Whether a text begins with these bytes. */
export function beginsWith(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start < wanted.length) return false
  for (let at = 0; at < wanted.length; at++) if (bytes[start + at] !== wanted[at]) return false
  return true
}
