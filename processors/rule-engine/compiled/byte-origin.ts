// What facts of the kernel prove of the programs of a process and its ancestors, in the bytes of a record, shown to their masks.
import { isCopied, originByFlags, SYSTEM_FOLDERS, type ProgramOrigin } from '../../../schemas/program-origin.js'
import type { ProvenFact, TextPlan } from '../fields/bytes/byte-plan.js'
import type { FieldArgument } from '../fields/field.js'
import { ANCESTOR_TEXTS, numberSlot, textSlot } from '../fields/bytes/record-slots.js'
import {
  ANCESTOR_FLAGS,
  ANCESTOR_STEP,
  NULL_TEXT,
  UNKNOWN_NUMBER,
  UNKNOWN_TEXT,
  type ScannedRecord,
} from '../fields/bytes/scanned-record.js'
import { intAt } from './avro-bytes.js'
import { beginsWith } from './byte-arguments.js'
import { ABSENT, endOf, PRESENT, startOf, UNKNOWN_YET, type Seen, type TextSink, type TextValue } from './byte-text.js'

const EXE_FLAGS_SLOT = numberSlot('process.exeFlags')
const EXE_PATH = textSlot('process.exePath')
const PROGRAM = textSlot('process.program')
const CONTAINER_ID = textSlot('process.containerId')
const CLAIM = textSlot('process.containerClaim')
const CONTAINER_UNKNOWN = numberSlot('process.isContainerUnknown')
const EXE_PATH_OF_ANCESTOR = 2 * ANCESTOR_TEXTS.indexOf('exePath')
const PROGRAM_OF_ANCESTOR = 2 * ANCESTOR_TEXTS.indexOf('program')
const SLASH = 0x2f
const FOLDERS = SYSTEM_FOLDERS.map((folder) => Buffer.from(`${folder}/`, 'latin1'))
const UP = Buffer.from('/..', 'latin1')
const ORIGINS: Readonly<Record<ProgramOrigin, Uint8Array>> = { host: Buffer.from('host', 'latin1'), image: Buffer.from('image', 'latin1') }

/** @param argument of the field: the process (0), an ancestor (1: the parent), or what the plan says (null) */
export function provenValue(plan: Extract<TextPlan, { readonly kind: 'proven' }>, argument: FieldArgument): TextValue | null {
  const { what } = plan
  const generation = plan.generation === 0 ? 0 : (argument ?? plan.generation)
  if (typeof generation === 'string') return null
  return (record, masks) => {
    masks.begin()
    if (generation === 0) return showOwn(record, what, masks)
    const { ancestors } = record
    if (!ancestors.isKnown) return UNKNOWN_YET
    const last = generation === null ? ancestors.count : Math.min(generation, ancestors.count)
    let seen: Seen = ABSENT
    for (let index = generation === null ? 0 : generation - 1; index < last; index++) {
      const shown = showAncestor(record, index * ANCESTOR_STEP, what, masks)
      if (shown === UNKNOWN_YET) return UNKNOWN_YET
      if (shown === PRESENT) seen = PRESENT
    }
    return seen
  }
}

function showOwn(record: ScannedRecord, what: ProvenFact, masks: TextSink): Seen {
  const flags = record.numbers[EXE_FLAGS_SLOT] ?? UNKNOWN_NUMBER
  if (flags === UNKNOWN_NUMBER) return UNKNOWN_YET
  const exePath = startOf(record, EXE_PATH)
  const program = startOf(record, PROGRAM)
  if (exePath === UNKNOWN_TEXT || program === UNKNOWN_TEXT) return UNKNOWN_YET
  return show(record, what, masks, flags, exePath, endOf(record, EXE_PATH), program, endOf(record, PROGRAM))
}

function showAncestor(record: ScannedRecord, at: number, what: ProvenFact, masks: TextSink): Seen {
  const { spans } = record.ancestors
  const flagsAt = spans[at + ANCESTOR_FLAGS] ?? -1
  if (flagsAt < 0) return UNKNOWN_YET
  const exePath = spans[at + EXE_PATH_OF_ANCESTOR] ?? NULL_TEXT
  const program = spans[at + PROGRAM_OF_ANCESTOR] ?? NULL_TEXT
  const [exePathEnd, programEnd] = [spans[at + EXE_PATH_OF_ANCESTOR + 1] ?? 0, spans[at + PROGRAM_OF_ANCESTOR + 1] ?? 0]
  return show(record, what, masks, intAt(record.bytes, flagsAt), exePath, exePathEnd, program, programEnd)
}

/** Of one generation. Both paths may be null. */
function show(
  record: ScannedRecord,
  what: ProvenFact,
  masks: TextSink,
  flags: number,
  exePath: number,
  exePathEnd: number,
  program: number,
  programEnd: number,
): Seen {
  const inContainer = isInContainer(record)
  const origin = originByFlags(flags, inContainer ?? true)
  if (inContainer === null && origin !== originByFlags(flags, false)) return UNKNOWN_YET
  if (origin === null || (what === 'hostProgram' && origin !== 'host')) return ABSENT
  const { bytes } = record
  const isInSystem = isCopied(flags) ? isSystemPath(bytes, program, programEnd) : isSystemPath(bytes, exePath, exePathEnd)
  if (!isInSystem) return ABSENT
  if (what === 'origin') return shown(ORIGINS[origin], 0, ORIGINS[origin].length, masks)
  const isProgram = program >= 0
  const end = isProgram ? programEnd : exePathEnd
  let from = end
  while (from > (isProgram ? program : exePath) && bytes[from - 1] !== SLASH) from--
  return shown(bytes, from, end, masks)
}

function shown(bytes: Uint8Array, start: number, end: number, masks: TextSink): Seen {
  return masks.addUtf8(bytes, start, end) ? PRESENT : UNKNOWN_YET
}

/** null if the bytes do not say. */
function isInContainer(record: ScannedRecord): boolean | null {
  const id = startOf(record, CONTAINER_ID)
  const claim = startOf(record, CLAIM)
  const isUnknown = record.numbers[CONTAINER_UNKNOWN] ?? UNKNOWN_NUMBER
  if (id >= 0 || claim >= 0 || isUnknown === 1) return true
  return id === NULL_TEXT && claim === NULL_TEXT && isUnknown === 0 ? false : null
}

/** In a system folder, and not out of it again by dots. */
function isSystemPath(bytes: Uint8Array, start: number, end: number): boolean {
  if (start < 0 || !FOLDERS.some((folder) => beginsWith(bytes, start, end, folder))) return false
  for (let at = start; at + UP.length <= end; at++) {
    if (beginsWith(bytes, at, end, UP) && (at + UP.length === end || bytes[at + UP.length] === SLASH)) return false
  }
  return true
}
