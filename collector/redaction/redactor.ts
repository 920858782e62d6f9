// Replaces secrets in texts of processes and mounts before they become records, so that no topic, file or log contains them. Called once per exec,
// not per event. A text without a hint of a secret costs one pass over its bytes; all others are searched by RE2, in linear time.
import { createHmac } from 'node:crypto'
import { compileRegex, type Regex } from '../../native/regex.js'
import { utf8Sequence } from '../ring-events/utf8.js'
import { ENVIRONMENT_PATTERN, MOUNT_KEY, MOUNT_PATTERN, SECRET_PATTERNS } from './secret-patterns.js'
import { isProgramText, isSecretValue } from './secret-value.js'

/** Settings of a redactor. */
export interface RedactionOptions {
  /** Of settings, in addition to the documented patterns. @see compileExpression */
  readonly expressions?: readonly Regex[]
  /** Of the fleet: markers then have a hash, so that equal secrets can be correlated. */
  readonly key?: Uint8Array | null
}

/** A text without its secrets; `count` is how many were replaced, and with 0 `bytes` are those that were given. */
export interface Redacted {
  readonly bytes: Uint8Array
  readonly count: number
}

/** bytes[start, end) of a record. */
interface MountText {
  readonly start: number
  readonly end: number
  /** The text was longer. */
  readonly isCut: boolean
  /** The option whose value it is; empty for none. */
  readonly key: string
}

/** start and end of what is replaced. */
type Span = readonly [start: number, end: number]

interface Expression {
  readonly name: string
  readonly regex: Regex
  /** More matches in one text are not searched one by one: see `coarse`. */
  readonly maxMatches: number
}

const HASH_DIGITS = 16
/** Hashes per text; more secrets have a marker without one. Each costs some microseconds. */
const MAX_HASHES = 64
/** Nothing bounds how far an expression of a setting looks ahead for each match. */
const MAX_MATCHES_OF_SETTING = 256
const MAX_GROUPS = 8
/** Stands for a byte that is not valid UTF-8: no whitespace, and in no set of letters. */
const INVALID = 0x7f
const COMMA = 0x2c

/** @throws Error with what is wrong with the expression */
export function compileExpression(pattern: string): Regex {
  const regex = compileRegex(pattern, { maxBytes: 1 << 20 })
  if (regex.groupCount >= MAX_GROUPS)
    throw new Error(`it has ${String(regex.groupCount)} groups, at most ${String(MAX_GROUPS - 1)} are allowed`)
  if (regex.test('')) throw new Error('it matches the empty text')
  return regex
}

/** Replaces secrets. */
export class Redactor {
  /** By three folded characters: a bit for each pattern that may match a text with them. */
  readonly #hints = new Int32Array(1 << 15)
  readonly #patterns: readonly Expression[]
  readonly #settings: readonly Expression[]
  readonly #environment: readonly Expression[]
  readonly #mount: readonly Expression[]
  readonly #key: Uint8Array | null
  readonly #offsets = new Int32Array(2 * MAX_GROUPS)
  /** Replaced secrets, and texts by the expression that matched in them. */
  readonly counters = { values: 0, coarse: 0 }
  readonly matched = new Map<string, number>()

  constructor({ expressions = [], key = null }: RedactionOptions = {}) {
    const builtIn = (name: string, pattern: string): Expression => ({ name, regex: compileRegex(pattern), maxMatches: Infinity })
    this.#patterns = SECRET_PATTERNS.map(({ name, expression }) => builtIn(name, expression))
    this.#settings = expressions.map((regex, index) => ({
      name: `expression${String(index + 1)}`,
      regex,
      maxMatches: MAX_MATCHES_OF_SETTING,
    }))
    this.#environment = [builtIn(ENVIRONMENT_PATTERN.name, ENVIRONMENT_PATTERN.expression), ...this.#settings]
    this.#mount = [builtIn(MOUNT_PATTERN.name, MOUNT_PATTERN.expression), ...this.#settings]
    SECRET_PATTERNS.forEach(({ hints }, index) => {
      for (const hint of hints) this.#hints[foldedAt(Buffer.from(hint))] = (this.#hints[foldedAt(Buffer.from(hint))] ?? 0) | (1 << index)
    })
    this.#key = key
  }

  /** Arguments bytes[start, end), each NUL-terminated, the last one possibly cut. */
  arguments(bytes: Uint8Array, start: number, end: number): Redacted {
    const hinted = this.#hinted(bytes, start, end)
    if (hinted === 0 && this.#settings.length === 0) return { bytes, count: 0 }
    return this.#redact(bytes, start, end, searchable(bytes, start, end), hinted, this.#settings)
  }

  /** Variables NAME=value, each NUL-terminated. */
  environment(bytes: Uint8Array): Redacted {
    const hinted = this.#hinted(bytes, 0, bytes.length)
    return this.#redact(bytes, 0, bytes.length, searchable(bytes, 0, bytes.length), hinted, this.#environment)
  }

  /** Options of a mount, separated by commas, or another text of a mount. */
  mountText(bytes: Uint8Array, { start, end, isCut, key }: MountText): Redacted {
    if (MOUNT_KEY.test(key)) {
      this.#count('mount')
      return this.#replaced(bytes, start, end, [[0, end - start]])
    }
    const hinted = this.#hinted(bytes, start, end)
    if (hinted === 0 && this.#settings.length === 0) return { bytes, count: 0 }
    const text = searchable(bytes, start, end, isCut ? 0 : 1)
    for (let at = 0; at < end - start; at++) {
      if (text[at] !== COMMA) continue
      // Two commas are one in a password.
      if (text[at + 1] === COMMA) text.fill(INVALID, at, ++at + 1)
      else text[at] = 0
    }
    return this.#redact(bytes, start, end, text, hinted, this.#mount)
  }

  /** For the heartbeat: replaced secrets, and the texts in which each expression matched. */
  report(): Record<string, number> {
    const counters: Record<string, number> = { 'redaction.values': this.counters.values, 'redaction.coarse': this.counters.coarse }
    for (const [name, count] of this.matched) counters[`redaction.matched.${name}`] = count
    return counters
  }

  #hinted(bytes: Uint8Array, start: number, end: number): number {
    const hints = this.#hints
    let folded = 0
    let found = 0
    for (let at = start; at < end; at++) {
      folded = ((folded << 5) | ((bytes[at] as number) & 31)) & 0x7fff
      found |= hints[folded] as number
    }
    return found
  }

  #redact(bytes: Uint8Array, start: number, end: number, text: Buffer, hinted: number, more: readonly Expression[]): Redacted {
    const spans: Span[] = []
    this.#patterns.forEach((pattern, index) => {
      if ((hinted & (1 << index)) !== 0) this.#find(pattern, text, end - start, spans)
    })
    for (const expression of more) this.#find(expression, text, end - start, spans)
    return spans.length === 0 ? { bytes, count: 0 } : this.#replaced(bytes, start, end, merged(spans))
  }

  #find({ name, regex, maxMatches }: Expression, text: Buffer, length: number, spans: Span[]): void {
    const offsets = this.#offsets
    const groups = Math.min(MAX_GROUPS - 1, regex.groupCount)
    const before = spans.length
    let matches = 0
    for (let from = 0; from < length && regex.find(text, from, offsets);) {
      const [start = 0, end = 0] = offsets
      for (let group = Math.min(1, groups); group <= groups; group++) {
        const span: Span = [offsets[2 * group] ?? -1, Math.min(length, offsets[2 * group + 1] ?? -1)]
        if (span[0] >= 0 && this.#isSecret(name, text, span)) spans.push(span)
      }
      from = Math.max(end, start + 1)
      if (++matches < maxMatches) continue
      this.#coarse(regex, text, from, length, spans)
      break
    }
    if (spans.length > before) this.#count(name)
  }

  #isSecret(name: string, text: Buffer, [start, end]: Span): boolean {
    if (end <= start || !isSecretValue(text.toString('latin1', start, Math.min(end, start + 64)))) return false
    return (name !== 'option' && name !== 'assignment') || !isProgramText(text, start)
  }

  /** From the argument of `from` on, each argument that matches is replaced as a whole: the time stays linear in the text. */
  #coarse(regex: Regex, text: Buffer, from: number, length: number, spans: Span[]): void {
    this.counters.coarse++
    let before = from
    for (let at = from; at < length;) {
      const next = text.indexOf(0, at)
      const end = next < 0 ? length : Math.min(next, length)
      const isMatch = end > at && regex.testBytes(text, before, end)
      if (isMatch) spans.push([at, end])
      before = isMatch ? end : at
      at = end + 1
    }
  }

  #count(name: string): void {
    this.matched.set(name, (this.matched.get(name) ?? 0) + 1)
  }

  /** bytes[start, end) with markers in place of the spans, which are relative to `start`. */
  #replaced(bytes: Uint8Array, start: number, end: number, spans: readonly Span[]): Redacted {
    this.counters.values += spans.length
    const source = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    const parts: Uint8Array[] = []
    let at = 0
    spans.forEach(([from, to], index) => {
      parts.push(source.subarray(at, from), this.#marker(source.subarray(from, to), index))
      at = to
    })
    parts.push(source.subarray(at))
    return { bytes: new Uint8Array(Buffer.concat(parts)), count: spans.length }
  }

  #marker(secret: Uint8Array, index: number): Uint8Array {
    if (this.#key === null || index >= MAX_HASHES) return MARKER
    const hash = createHmac('sha256', this.#key).update(secret).digest('hex').slice(0, HASH_DIGITS)
    return Buffer.from(`[redacted:${hash}]`)
  }
}

const MARKER = Buffer.from('[redacted]')

/** The three characters as the hints index them: case is lost, and some characters share a place. */
function foldedAt(hint: Uint8Array): number {
  return hint.reduce((folded, byte) => ((folded << 5) | (byte & 31)) & 0x7fff, 0)
}

/** A copy that is valid UTF-8 and has each byte in the same place, and `more` NULs after them. */
function searchable(bytes: Uint8Array, start: number, end: number, more = 0): Buffer {
  const text = Buffer.alloc(end - start + more)
  text.set(bytes.subarray(start, end))
  for (let at = 0; at < end - start;) {
    const length = utf8Sequence(text, at, end - start)
    if (length === 0) text[at] = INVALID
    at += Math.max(1, length)
  }
  return text
}

/** In order, without overlaps; what touches stays apart. */
function merged(spans: readonly Span[]): Span[] {
  const sorted = [...spans].sort(([a], [b]) => a - b)
  const result: [number, number][] = []
  for (const [start, end] of sorted) {
    const last = result.at(-1)
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
    else result.push([start, end])
  }
  return result
}
