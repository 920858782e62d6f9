// Ancestors and names of a process in the bytes of a record, shown to their masks.
import { beginsWith } from './byte-arguments.js'
import { ABSENT, endOf, PRESENT, startOf, UNKNOWN_YET, type Seen, type TextValue, type TextSink } from './byte-text.js'
import { ANCESTOR_TEXTS, listSlot, textSlot } from '../fields/bytes/record-slots.js'
import { ANCESTOR_STEP, NULL_TEXT, UNKNOWN_TEXT, type ScannedRecord } from '../fields/bytes/scanned-record.js'

const ARGS = listSlot('process.args')
const NAME = textSlot('process.name')
const EXE_PATH = textSlot('process.exePath')
const PROGRAM = textSlot('process.program')
const OF_ANCESTOR = {
  name: ANCESTOR_TEXTS.indexOf('name'),
  exePath: ANCESTOR_TEXTS.indexOf('exePath'),
  program: ANCESTOR_TEXTS.indexOf('program'),
}
const SLASH = 0x2f

/** @param generation null for all of them */
export function ancestorValue(of: 'name' | 'exe' | 'exePath', generation: number | null): TextValue {
  const slot = ANCESTOR_TEXTS.indexOf(of)
  const isAbsentWhenEmpty = of === 'exe'
  return ({ ancestors, bytes }, masks) => {
    if (!ancestors.isKnown) return UNKNOWN_YET
    masks.begin()
    let seen: Seen = ABSENT
    const first = generation === null ? 0 : generation - 1
    const last = generation === null ? ancestors.count : Math.min(generation, ancestors.count)
    for (let index = first; index < last; index++) {
      const at = index * ANCESTOR_STEP + 2 * slot
      const start = ancestors.spans[at] ?? NULL_TEXT
      const end = ancestors.spans[at + 1] ?? 0
      if (start < 0 || (isAbsentWhenEmpty && start === end)) continue
      if (!masks.addUtf8(bytes, start, end)) return UNKNOWN_YET
      seen = PRESENT
    }
    return seen
  }
}

/** Programs that run what their first operand names: its name counts too, and is left to the extractor. */
const STARTERS = ['ld-linux', 'ld-musl', 'ld64', 'ld.so', 'busybox', 'toybox'].map((name) => Buffer.from(name, 'latin1'))

/** @param generation the process (0), its parent (1), or all ancestors (null) */
export function namesValue(generation: 0 | 1 | null): TextValue {
  return generation === 0 ? ownNames : (record, masks) => ancestorNames(record, masks, generation === 1 ? 1 : Infinity)
}

const ownNames: TextValue = (record, masks) => {
  const args = record.lists[ARGS]
  const exePath = startOf(record, EXE_PATH)
  const program = startOf(record, PROGRAM)
  const name = startOf(record, NAME)
  if (args?.isKnown !== true || exePath === UNKNOWN_TEXT || program === UNKNOWN_TEXT || name < 0) return UNKNOWN_YET
  masks.begin()
  const names = new NameList(record.bytes, masks)
  names.add(name, endOf(record, NAME))
  if (exePath >= 0) {
    const end = endOf(record, EXE_PATH)
    const file = names.fileStart(exePath, end)
    if (STARTERS.some((starter) => beginsWith(record.bytes, file, end, starter))) return UNKNOWN_YET
    names.add(file, end)
  }
  if (program >= 0) names.addFile(program, endOf(record, PROGRAM))
  if (args.count > 0) names.addFile(args.spans[0] ?? 0, args.spans[1] ?? 0)
  return names.seen
}

function ancestorNames({ ancestors, bytes }: ScannedRecord, masks: TextSink, most: number): Seen {
  if (!ancestors.isKnown) return UNKNOWN_YET
  masks.begin()
  const names = new NameList(bytes, masks)
  const { spans } = ancestors
  for (let index = 0; index < Math.min(most, ancestors.count); index++) {
    const at = index * ANCESTOR_STEP
    names.add(spans[at + 2 * OF_ANCESTOR.name] ?? 0, spans[at + 2 * OF_ANCESTOR.name + 1] ?? 0)
    for (const slot of [OF_ANCESTOR.exePath, OF_ANCESTOR.program]) {
      const start = spans[at + 2 * slot] ?? NULL_TEXT
      if (start >= 0) names.addFile(start, spans[at + 2 * slot + 1] ?? 0)
    }
  }
  return names.seen
}

/** The kernel cuts command names at this length. */
const COMMAND_NAME_BYTES = 15

/** Shows names to masks. */
class NameList {
  readonly #bytes: Uint8Array
  readonly #masks: TextSink
  seen: Seen = ABSENT

  constructor(bytes: Uint8Array, masks: TextSink) {
    this.#bytes = bytes
    this.#masks = masks
  }

  add(start: number, end: number): void {
    if (start === end || this.seen === UNKNOWN_YET) return
    const isSeen = this.#masks.addUtf8(this.#bytes, start, end)
    if (isSeen && end - start > COMMAND_NAME_BYTES) this.#masks.addUtf8(this.#bytes, start, start + COMMAND_NAME_BYTES)
    this.seen = isSeen ? PRESENT : UNKNOWN_YET
  }

  addFile(start: number, end: number): void {
    this.add(this.fileStart(start, end), end)
  }

  fileStart(start: number, end: number): number {
    let from = end
    while (from > start && this.#bytes[from - 1] !== SLASH) from--
    return from
  }
}
