// Paths of a file event in the bytes of a record, and what an open returned, shown to their masks. A path that has to be normalized first is left to the
// extractor.
import type { AuditPath, TextPlan } from '../fields/bytes/byte-plan.js'
import { changedPathKinds } from '../fields/descriptor/call-path.js'
import { ABSENT, endOf, only, PRESENT, startOf, UNKNOWN_YET, type Seen, type TextValue } from './byte-text.js'
import { numberSlot, textSlot } from '../fields/bytes/record-slots.js'
import { NULL_TEXT, UNKNOWN_NUMBER, type ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'

type PathPlan = Extract<TextPlan, { readonly kind: 'path' | 'auditPaths' | 'auditNameTypes' | 'openedKind' }>
type PathPart = Extract<TextPlan, { readonly kind: 'path' }>['which']

const PATH = textSlot('path')
const NEW_PATH = textSlot('newPath')
const PATH_ARGUMENT = textSlot('pathArgument')
const FILE_NAME = textSlot('filename')
const EXE_PATH = textSlot('process.exePath')
const TYPE = numberSlot('type')
const RESULT = numberSlot('result')
const PATH_SOURCE = numberSlot('pathSource')
const FD = numberSlot('fd')
const FLAGS = numberSlot('flags')
const DESCRIPTOR_TYPE = numberSlot('descriptorType')
const IS_CREATE = numberSlot('isCreate')
const IS_CREATED = numberSlot('isCreated')

const SLASH = 0x2f
const DOT = 0x2e
const O_DIRECTORY = 0o200000
const O_TMPFILE_BIT = 0o20000000
const ENOENT = -2

export function pathValue(plan: PathPlan, symbols: Symbols): TextValue {
  const reader = symbols.topic === 'process' ? new ExecPaths(symbols) : new FilePaths(symbols)
  switch (plan.kind) {
    case 'path':
      return (record, masks) => (reader.find(record, plan.which) ? only(record.bytes, reader.start, reader.end, masks) : reader.seen)
    case 'openedKind':
      return openedKind(plan.form, reader)
    case 'auditPaths':
      return (record, masks) => {
        masks.begin()
        let seen: Seen = ABSENT
        for (const which of plan.which) {
          if (reader.findAudited(record, which)) seen = masks.addUtf8(record.bytes, reader.start, reader.end) ? PRESENT : UNKNOWN_YET
          else if (reader.seen === UNKNOWN_YET) seen = UNKNOWN_YET
          if (seen === UNKNOWN_YET) return seen
        }
        return seen
      }
    case 'auditNameTypes':
      return (record, masks) => {
        masks.begin()
        let seen: Seen = ABSENT
        for (const which of plan.which) {
          const isThere = reader.findAudited(record, which)
          const name = isThere ? reader.nameType(record, which) : null
          if (isThere ? name === null : reader.seen === UNKNOWN_YET) return UNKNOWN_YET
          if (name === null) continue
          masks.add(name, 0, name.length)
          seen = PRESENT
        }
        return seen
      }
  }
}

/** Which path the parts of a successful call are, by its type; null for one that is put together. */
const CHANGED: Readonly<Record<'changed' | 'source' | 'target' | 'new', Readonly<Record<string, number | null>>>> = {
  changed: Object.fromEntries(changedPathKinds('name').file.map((type) => [type, PATH])),
  source: { rename: PATH, link: NEW_PATH, symlink: PATH },
  target: { rename: NEW_PATH, link: PATH, symlink: null },
  new: { rename: NEW_PATH, link: NEW_PATH, symlink: PATH },
}

const word = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const NAME_TYPES = { normal: word('NORMAL'), created: word('CREATE'), parent: word('PARENT'), missing: word('UNKNOWN') }
const OPENED = { char: { file: word('f'), directory: word('d') }, word: { file: word('file'), directory: word('directory') } }

function openedKind(form: 'char' | 'word', reader: FilePaths | ExecPaths): TextValue {
  const { file, directory } = OPENED[form]
  return (record, masks) => {
    const kind = reader.openedKind(record)
    if (kind === null) return UNKNOWN_YET
    if (kind === 'none' && form === 'word') return ABSENT
    const text = kind === 'directory' ? directory : file
    return only(text, 0, text.length, masks)
  }
}

/** Finds paths of one record after the other: where a path is, or why there is none. */
abstract class Paths {
  start = 0
  end = 0
  /** ABSENT or UNKNOWN_YET, after a path was not found. */
  seen: Seen = ABSENT

  protected none(seen: Seen): false {
    this.seen = seen
    return false
  }

  protected take(record: ScannedRecord, slot: number): boolean {
    this.start = startOf(record, slot)
    this.end = endOf(record, slot)
    return this.start >= 0 || this.none(this.start === NULL_TEXT ? ABSENT : UNKNOWN_YET)
  }

  /** Types of a name that does not depend on the kind of the call; null for any other. */
  protected failedType({ numbers }: ScannedRecord): Uint8Array | null {
    const result = numbers[RESULT] ?? UNKNOWN_NUMBER
    return result >= 0 ? null : result === ENOENT ? NAME_TYPES.missing : NAME_TYPES.normal
  }
}

/** The file of an exec. */
class ExecPaths extends Paths {
  readonly #exec: number

  constructor({ types }: Symbols) {
    super()
    this.#exec = types.indexOf('exec')
  }

  find(_: ScannedRecord, __: PathPart): boolean {
    return this.none(UNKNOWN_YET)
  }

  openedKind(_: ScannedRecord): null {
    return null
  }

  findAudited(record: ScannedRecord, which: AuditPath): boolean {
    const type = record.numbers[TYPE] ?? UNKNOWN_NUMBER
    const result = record.numbers[RESULT] ?? UNKNOWN_NUMBER
    if (type === UNKNOWN_NUMBER || result === UNKNOWN_NUMBER) return this.none(UNKNOWN_YET)
    if (which !== 'own' || type !== this.#exec) return this.none(ABSENT)
    return this.take(record, result < 0 ? FILE_NAME : EXE_PATH)
  }

  nameType(record: ScannedRecord, _: AuditPath): Uint8Array | null {
    return this.failedType(record) ?? NAME_TYPES.normal
  }
}

/** The paths of a file event. */
class FilePaths extends Paths {
  readonly #symbols: Symbols
  readonly #open: number
  readonly #rename: number
  readonly #onDescriptor: readonly number[]
  readonly #renaming: readonly number[]

  constructor(symbols: Symbols) {
    super()
    const { types } = symbols
    this.#symbols = symbols
    this.#open = types.indexOf('open')
    this.#rename = types.indexOf('rename')
    this.#onDescriptor = ['chmod', 'chown', 'truncate', 'xattr', 'times'].map((type) => types.indexOf(type))
    this.#renaming = ['rename', 'link'].map((type) => types.indexOf(type))
  }

  find(record: ScannedRecord, which: PathPart): boolean {
    const type = record.numbers[TYPE] ?? UNKNOWN_NUMBER
    if (type === UNKNOWN_NUMBER) return this.none(UNKNOWN_YET)
    const isOpen = type === this.#open
    switch (which) {
      case 'own':
        return this.#plain(record, PATH)
      case 'now':
        return this.#plain(record, this.#renaming.includes(type) ? NEW_PATH : PATH)
      case 'descriptor': {
        const fd = record.numbers[FD] ?? UNKNOWN_NUMBER
        if (!isOpen && fd === UNKNOWN_NUMBER) return this.none(UNKNOWN_YET)
        if (!isOpen && (!this.#onDescriptor.includes(type) || Number.isNaN(fd))) return this.none(ABSENT)
        return this.#plain(record, PATH)
      }
      case 'argument':
      case 'newArgument': {
        const slot = which === 'argument' ? PATH : NEW_PATH
        // Without it, the path as the process gave it.
        return startOf(record, slot) === NULL_TEXT ? this.none(UNKNOWN_YET) : this.#plain(record, slot)
      }
      case 'given':
        return isOpen ? this.#given(record) : this.none(UNKNOWN_YET)
      case 'changed':
      case 'source':
      case 'target':
      case 'new':
        return this.#changed(record, which, type)
      case 'directory':
      case 'fileName': {
        const kind = this.openedKind(record)
        if (kind === null) return this.none(UNKNOWN_YET)
        if (which === 'fileName' && kind !== 'file') return this.none(ABSENT)
        if (!this.#plain(record, PATH)) return false
        return which === 'fileName' ? this.#cutFolder(record) : kind === 'directory' || this.#cutName(record, false)
      }
    }
  }

  /** As the process gave it, if no slash is repeated. */
  #given(record: ScannedRecord): boolean {
    if (!this.take(record, PATH_ARGUMENT)) return false
    const { bytes } = record
    for (let at = this.start + 1; at < this.end; at++) if (bytes[at] === SLASH && bytes[at - 1] === SLASH) return this.none(UNKNOWN_YET)
    return true
  }

  #changed(record: ScannedRecord, which: 'changed' | 'source' | 'target' | 'new', type: number): boolean {
    const result = record.numbers[RESULT] ?? UNKNOWN_NUMBER
    if (result === UNKNOWN_NUMBER) return this.none(UNKNOWN_YET)
    const slot = CHANGED[which][this.#symbols.types[type] ?? '']
    if (result < 0 || slot === undefined) return this.none(ABSENT)
    // An exchange gives two names.
    if (which === 'new' && type === this.#rename && record.numbers[FLAGS] !== 0) return this.none(UNKNOWN_YET)
    return slot === null ? this.none(UNKNOWN_YET) : this.#plain(record, slot)
  }

  /** null if the bytes do not say, as for calls that open nothing; none for an open that failed. */
  openedKind({ numbers }: ScannedRecord): 'file' | 'directory' | 'none' | null {
    const result = numbers[RESULT] ?? UNKNOWN_NUMBER
    const flags = numbers[FLAGS] ?? UNKNOWN_NUMBER
    const kind = numbers[DESCRIPTOR_TYPE] ?? UNKNOWN_NUMBER
    if (numbers[TYPE] !== this.#open || result === UNKNOWN_NUMBER || flags === UNKNOWN_NUMBER || kind === UNKNOWN_NUMBER) return null
    if (result < 0) return 'none'
    const isDirectory = (flags & O_DIRECTORY) !== 0 && (flags & O_TMPFILE_BIT) === 0
    return isDirectory || kind === this.#symbols.directory ? 'directory' : 'file'
  }

  findAudited(record: ScannedRecord, which: AuditPath): boolean {
    const { numbers } = record
    const type = numbers[TYPE] ?? UNKNOWN_NUMBER
    const result = numbers[RESULT] ?? UNKNOWN_NUMBER
    const isCreate = numbers[IS_CREATE] ?? UNKNOWN_NUMBER
    if (type === UNKNOWN_NUMBER || result === UNKNOWN_NUMBER || isCreate === UNKNOWN_NUMBER) return this.none(UNKNOWN_YET)
    if (which === 'own') return this.#plain(record, PATH)
    if (result < 0 || (which === 'parent' && type === this.#open && isCreate === 0)) return this.none(ABSENT)
    if (!this.#plain(record, which === 'parent' ? PATH : NEW_PATH)) return false
    return which === 'new' || this.#cutName(record, true)
  }

  nameType(record: ScannedRecord, which: AuditPath): Uint8Array | null {
    if (which === 'new') return NAME_TYPES.created
    if (which !== 'own') return NAME_TYPES.parent
    const isCreated = record.numbers[IS_CREATED]
    const ofOpen = isCreated === 0 ? NAME_TYPES.normal : isCreated === 1 ? NAME_TYPES.created : null
    return this.failedType(record) ?? (record.numbers[TYPE] === this.#open ? ofOpen : null)
  }

  /** An absolute path that is as the extractor shows it. */
  #plain(record: ScannedRecord, slot: number): boolean {
    if (!this.take(record, slot)) return false
    return isPlainPath(record, slot, this.#symbols) || this.none(UNKNOWN_YET)
  }

  /** Leaves the folder, with a slash at the end or without. */
  #cutName({ bytes }: ScannedRecord, withSlash: boolean): boolean {
    const slash = this.#lastSlash(bytes)
    // A path that ends with a slash is a folder.
    if (slash < this.end - 1) this.end = slash + (withSlash || slash === this.start ? 1 : 0)
    return true
  }

  #cutFolder({ bytes }: ScannedRecord): boolean {
    const slash = this.#lastSlash(bytes)
    if (slash < this.end - 1) this.start = slash + 1
    return true
  }

  #lastSlash(bytes: Uint8Array): number {
    let at = this.end - 1
    while (at > this.start && bytes[at] !== SLASH) at--
    return at
  }
}

/** Whether the path in a slot is absolute, and as its extractors show it. */
export function isPlainPath(record: ScannedRecord, slot: number, { kernelPath }: Symbols): boolean {
  const start = startOf(record, slot)
  const source = record.numbers[PATH_SOURCE] ?? UNKNOWN_NUMBER
  if (source === UNKNOWN_NUMBER || start < 0 || start === endOf(record, slot) || record.bytes[start] !== SLASH) return false
  return source === kernelPath || isNormal(record.bytes, start, endOf(record, slot))
}

/** Whether an absolute path has no component that is empty, `.` or `..`. */
function isNormal(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== SLASH || end - start === 1) continue
    const next = at + 1
    if (next === end || bytes[next] === SLASH) return false
    // Names that begin with a dot are common: only `.` and `..` are not.
    if (bytes[next] !== DOT) continue
    const after = bytes[next + 1] === DOT ? next + 2 : next + 1
    if (after >= end || bytes[after] === SLASH) return false
  }
  return true
}
