// Stage 6 of the candidate filter: shows the value of a field to its masks, from where the scan found it in the bytes. Must agree with the extractor of the
// field; where the bytes do not show its plain form, the answer is "unknown", never a guess.
import { opensSetId } from '../../../infra/watch-plan/watch-plan.js'
import type { DescriptorType } from '../../../schemas/generated/types.js'
import type { BytePlan } from '../fields/bytes/byte-plan.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { EXE_FLAGS } from '../../../schemas/generated/exe-flags.js'
import { cloneFlagsText } from '../fields/kernel-names/flag-names.js'
import { kindWord } from '../fields/descriptor/descriptor.js'
import { resultText } from '../fields/kernel-names/result-names.js'
import { pathValue } from './byte-paths.js'
import { argumentValue, commandLineValue, environmentValue, execveValue, ifStartedValue } from './byte-arguments.js'
import { ancestorValue, namesValue } from './byte-lineage.js'
import { provenValue } from './byte-origin.js'
import { portValue, socketText } from './byte-sockets.js'
import {
  ABSENT,
  fileNameIn,
  folderIn,
  only,
  PRESENT,
  textIn,
  UNKNOWN_YET,
  type Seen,
  type TextValue,
  type NumberSink,
} from './byte-text.js'
import { numberSlot, RECORD_SLOTS, textSlot } from '../fields/bytes/record-slots.js'
import { NULL_TEXT, UNKNOWN_NUMBER, type ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'

/** Shows the value of a number to its masks. */
export type NumberValue = (record: ScannedRecord, masks: NumberSink) => Seen

/** A field in records of one event type. */
export interface PlannedField {
  readonly field: ResolvedField
  readonly plan: BytePlan
  readonly eventType: string
  readonly symbols: Symbols
  /** Only what follows the last slash of the text. */
  readonly isFileName: boolean
}

/** A value that masks of texts look at; null for a plan of numbers, or for an argument that it does not take. */
export function textValueOf({ field, plan, eventType, symbols, isFileName }: PlannedField): TextValue | null {
  if (isFileName) return plan.kind === 'text' ? fileNameIn(RECORD_SLOTS.texts.findIndex((path) => path === plan.at)) : null
  switch (plan.kind) {
    case 'text':
      return textIn(RECORD_SLOTS.texts.findIndex((path) => path === plan.at))
    case 'folder':
      return folderIn(RECORD_SLOTS.texts.findIndex((path) => path === plan.at))
    case 'route':
      return symbolText(ROUTE, symbols.routes)
    case 'socketKind':
    case 'address':
    case 'transport':
    case 'portText':
    case 'hostName':
      return symbols.topic === 'network' ? socketText(plan, symbols) : null
    case 'numberText':
      return numberText(RECORD_SLOTS.numbers.findIndex((path) => path === plan.at))
    case 'constant':
      return plan.text === null ? () => ABSENT : fixedText(plan.text)
    case 'eventType':
      return fixedText(eventType)
    case 'path':
    case 'auditPaths':
    case 'auditNameTypes':
    case 'openedKind':
      return pathValue(plan, symbols)
    case 'cloneFlags':
      return cloneFlagsValue()
    case 'streamType':
      return streamType(numberSlot(plan.at), symbols)
    case 'resultText':
      return resultTextValue(symbols)
    case 'argument':
      return argumentValue(plan, symbols)
    case 'commandLine':
      return field.argument === null ? commandLineValue(plan, symbols) : null
    case 'execveValues':
      return execveValue(symbols)
    case 'ifStarted':
      return ifStartedValue(plan.text, symbols)
    case 'environment':
      return typeof field.argument === 'number' ? null : environmentValue(field.argument)
    case 'ancestor': {
      const generation = field.argument ?? plan.generation
      return generation === 0 || typeof generation === 'string' ? null : ancestorValue(plan.of, generation)
    }
    case 'names':
      return namesValue(plan.generation)
    case 'proven':
      return provenValue(plan, field.argument)
    case 'userName':
      return userName
    case 'onHost': {
      const shown = plan.text === null ? null : fixedText(plan.text)
      return (record, masks) => (!isOnHost(record) ? UNKNOWN_YET : shown === null ? ABSENT : shown(record, masks))
    }
    default:
      return null
  }
}

/** The same for numbers and truth values. */
export function numberValueOf(field: PlannedField): NumberValue | null {
  const { plan, symbols } = field
  if (plan.kind === 'port') return symbols.topic === 'network' ? portValue(plan.end, symbols) : null
  if (plan.kind === 'onHost') return plan.text === null ? (record) => (isOnHost(record) ? ABSENT : UNKNOWN_YET) : null
  const number = numberOf(field)
  return number === null ? null : shown(number)
}

/** A value that is one number. */
interface OneNumber {
  readonly read: ReadNumber
  /** Its value where it is null; undefined for absent. */
  readonly whenNull?: number | undefined
}

/** A value that is one number at most; null for any other plan. */
function numberOf({ plan, symbols }: PlannedField): OneNumber | null {
  switch (plan.kind) {
    case 'number':
    case 'truth':
    case 'ofOpen': {
      const slot = RECORD_SLOTS.numbers.findIndex((path) => path === plan.at)
      const whenNull = plan.kind === 'number' ? plan.whenNull : undefined
      if (slot < 0) return null
      const own: ReadNumber = ({ numbers }) => numbers[slot] ?? UNKNOWN_NUMBER
      return { read: plan.kind === 'ofOpen' ? ifOpen(own, symbols) : own, whenNull }
    }
    case 'exeFlag':
      return { read: exeFlag(plan.flag) }
    case 'exeMode':
      return { read: exeMode }
    case 'openSetsId':
      return { read: ifOpen(setsId, symbols) }
    case 'argumentCount':
      return { read: ({ lists: [args] }) => (args?.isKnown === true ? Math.max(0, args.count - 1) : UNKNOWN_NUMBER) }
    case 'fileDescriptor':
      return { read: fileDescriptor(symbols) }
    case 'result': {
      const result = resultOf(symbols)
      return { read: plan.isFailure ? (record) => failure(result(record)) : result }
    }
    default:
      return null
  }
}

/** NaN for absent, UNKNOWN_NUMBER for what the bytes do not say. */
type ReadNumber = (record: ScannedRecord) => number

function shown({ read, whenNull }: OneNumber): NumberValue {
  return (record, masks) => {
    const own = read(record)
    if (own === UNKNOWN_NUMBER) return UNKNOWN_YET
    const value = Number.isNaN(own) ? whenNull : own
    if (value === undefined) return ABSENT
    masks.begin()
    masks.addNumber(value)
    return PRESENT
  }
}

const TYPE = numberSlot('type')
const SYSCALL = numberSlot('syscall')
const RESULT = numberSlot('result')
const FD = numberSlot('fd')
const FLAGS = numberSlot('flags')
const MODE = numberSlot('mode')
const IS_CREATED = numberSlot('isCreated')
const ROUTE = numberSlot('route')
const EXE_FLAGS_SLOT = numberSlot('process.exeFlags')
const EXE_MODE = numberSlot('process.exeMode')
const PERMISSION_BITS = 0o7777
const UID = numberSlot('process.uid')
const EUID = numberSlot('process.euid')
const CONTAINER_UNKNOWN = numberSlot('process.isContainerUnknown')
const CONTAINER_ID = textSlot('process.containerId')
const CLAIM = textSlot('process.containerClaim')
const USER = textSlot('process.user')

/** Of an open. A file that it did not make has no mode in the record, or one that it did not get. */
const setsId: ReadNumber = ({ numbers }) => {
  const result = numbers[RESULT] ?? UNKNOWN_NUMBER
  const flags = numbers[FLAGS] ?? UNKNOWN_NUMBER
  const mode = numbers[MODE] ?? UNKNOWN_NUMBER
  const isCreated = numbers[IS_CREATED] ?? UNKNOWN_NUMBER
  if (result === UNKNOWN_NUMBER || flags === UNKNOWN_NUMBER || mode === UNKNOWN_NUMBER || isCreated === UNKNOWN_NUMBER)
    return UNKNOWN_NUMBER
  if (result < 0 || Number.isNaN(mode)) return 0
  // Whether the file is known is not in the slots.
  const [asKnown, asUnknown] = [opensSetId(flags, isCreated === 1, mode), opensSetId(flags, null, mode)]
  return asKnown === asUnknown ? Number(asKnown) : UNKNOWN_NUMBER
}

function exeFlag(flag: number): ReadNumber {
  return ({ numbers }) => {
    const flags = numbers[EXE_FLAGS_SLOT] ?? UNKNOWN_NUMBER
    if (flags === UNKNOWN_NUMBER) return flags
    return (flags & EXE_FLAGS.known) === 0 ? NaN : Number((flags & flag) !== 0)
  }
}

const exeMode: ReadNumber = ({ numbers }) => {
  const mode = numbers[EXE_MODE] ?? UNKNOWN_NUMBER
  return mode === UNKNOWN_NUMBER || Number.isNaN(mode) ? mode : mode & PERMISSION_BITS
}

const failure = (result: number): number => (result === UNKNOWN_NUMBER || Number.isNaN(result) ? result : Number(result < 0))

function ifOpen(read: ReadNumber, { types }: Symbols): ReadNumber {
  const open = types.indexOf('open')
  return (record) => (record.numbers[TYPE] === open ? read(record) : 0)
}

function resultOf({ topic, types, syscalls }: Symbols): ReadNumber {
  const none = syscalls.indexOf('UNKNOWN')
  const never = { process: types.indexOf('exit'), network: types.indexOf('dns'), file: -1, kernel: -1 }[topic]
  const always = topic === 'kernel' ? types.indexOf('io_uring') : -1
  const needsCall = topic === 'network' || topic === 'kernel'
  return ({ numbers }) => {
    const type = numbers[TYPE]
    if (type === never || (needsCall && numbers[SYSCALL] === none && type !== always)) return NaN
    return numbers[RESULT] ?? UNKNOWN_NUMBER
  }
}

/** -1 if the open failed. */
function fileDescriptor({ types }: Symbols): ReadNumber {
  const open = types.indexOf('open')
  const onDescriptor = ['chmod', 'chown', 'truncate', 'xattr', 'times'].map((type) => types.indexOf(type))
  return ({ numbers }) => {
    const type = numbers[TYPE] ?? UNKNOWN_NUMBER
    if (type === open) return Math.max(numbers[RESULT] ?? UNKNOWN_NUMBER, -1)
    return onDescriptor.includes(type) ? (numbers[FD] ?? UNKNOWN_NUMBER) : NaN
  }
}

/** Certainly of the host: nothing names a container. */
function isOnHost({ texts, numbers }: ScannedRecord): boolean {
  return texts[2 * CONTAINER_ID] === NULL_TEXT && texts[2 * CLAIM] === NULL_TEXT && numbers[CONTAINER_UNKNOWN] === 0
}

function fixedText(text: string): TextValue {
  const bytes = Buffer.from(text, 'latin1')
  return (_, masks) => only(bytes, 0, bytes.length, masks)
}

/** The text of a symbol; UNKNOWN is absent. */
function symbolText(slot: number, symbols: readonly string[]): TextValue {
  const texts = symbols.map((symbol) => Buffer.from(symbol, 'latin1'))
  const none = symbols.indexOf('UNKNOWN')
  return ({ numbers }, masks) => {
    const text = texts[numbers[slot] ?? -1]
    if (text === undefined) return UNKNOWN_YET
    return numbers[slot] === none ? ABSENT : only(text, 0, text.length, masks)
  }
}

function numberText(slot: number): TextValue | null {
  if (slot < 0) return null
  const textOf = rememberedText(String)
  return ({ numbers }, masks) => {
    const number = numbers[slot] ?? UNKNOWN_NUMBER
    if (Number.isNaN(number)) return ABSENT
    if (number === UNKNOWN_NUMBER) return UNKNOWN_YET
    const bytes = textOf(number)
    return only(bytes, 0, bytes.length, masks)
  }
}

/** Most texts that are remembered. */
const MAX_TEXTS = 1024

/** The bytes of the text of a number, made once for each of those that came first. */
function rememberedText(textOf: (number: number) => string): (number: number) => Uint8Array {
  const texts = new Map<number, Uint8Array>()
  return (number) => {
    const text = texts.get(number) ?? Buffer.from(textOf(number), 'latin1')
    if (texts.size < MAX_TEXTS) texts.set(number, text)
    return text
  }
}

/** Errors of the kernel have numbers up to this one. */
const MAX_ERROR = 4095

function resultTextValue(symbols: Symbols): TextValue {
  const result = resultOf(symbols)
  const textOf = rememberedText(resultText)
  return (record, masks) => {
    const number = Math.min(result(record), 0)
    if (Number.isNaN(number)) return ABSENT
    if (number < -MAX_ERROR || result(record) === UNKNOWN_NUMBER) return UNKNOWN_YET
    const bytes = textOf(number)
    return only(bytes, 0, bytes.length, masks)
  }
}

function streamType(slot: number, { streams }: Symbols): TextValue {
  const texts = streams.map((symbol) => {
    // The symbols are those of our own schemas.
    const word = kindWord(symbol as DescriptorType)
    return word === null ? null : Buffer.from(word, 'latin1')
  })
  return ({ numbers }, masks) => {
    const number = numbers[slot] ?? UNKNOWN_NUMBER
    if (Number.isNaN(number)) return ABSENT
    const text = texts[number]
    return text === undefined ? UNKNOWN_YET : text === null ? ABSENT : only(text, 0, text.length, masks)
  }
}

const CLONE_FLAGS = numberSlot('cloneFlags')

function cloneFlagsValue(): TextValue {
  const textOf = rememberedText((flags) => cloneFlagsText(flags) || String(flags))
  return ({ numbers }, masks) => {
    const flags = numbers[CLONE_FLAGS] ?? UNKNOWN_NUMBER
    if (Number.isNaN(flags)) return ABSENT
    if (flags === UNKNOWN_NUMBER) return UNKNOWN_YET
    const text = textOf(flags)
    return only(text, 0, text.length, masks)
  }
}

const showUser = textIn(USER) ?? ((): Seen => UNKNOWN_YET)
const showRoot = fixedText('root')

const userName: TextValue = (record, masks) => {
  const uid = record.numbers[UID] ?? UNKNOWN_NUMBER
  const euid = record.numbers[EUID] ?? UNKNOWN_NUMBER
  if (uid === UNKNOWN_NUMBER || euid === UNKNOWN_NUMBER) return UNKNOWN_YET
  if (uid === euid) return showUser(record, masks)
  return euid === 0 ? showRoot(record, masks) : ABSENT
}
