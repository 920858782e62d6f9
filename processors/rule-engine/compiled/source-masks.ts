// Several operands are parts of one text of the record: arguments and command lines, a path and its parts. What a row looks for in any of them must be in that
// text, so one search without regard to case leaves few rows for the searches of the operands.
import type { BytePlan } from '../fields/bytes/byte-plan.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { isAscii } from '../text/byte-text.js'
import { lowerAscii } from '../../../infra/text/glob.js'
import { RowPlaces, setBit } from './bit-rows.js'
import { isPlainPath } from './byte-paths.js'
import { ABSENT, endOf, PRESENT, startOf, UNKNOWN_YET, type Seen } from './byte-text.js'
import type { Steps } from '../../../infra/waiting/steps.js'
import type { FieldTest, Needle } from './field-test.js'
import { listSlot, textSlot } from '../fields/bytes/record-slots.js'
import { NULL_TEXT, type ScannedRecord } from '../fields/bytes/scanned-record.js'
import type { Symbols } from '../fields/bytes/symbols.js'
import { TextMasks, type RowTest } from './text-masks.js'

/** A text of the record that operands are parts of. */
export type Source = 'arguments' | 'path' | 'program'

/** The requirement of a row on an operand: one of the tests must hold. */
export interface SourceTest {
  readonly row: number
  /** Key of the operand. */
  readonly operand: string
  readonly source: Source
  readonly tests: readonly FieldTest[]
}

/** The text that the value of a plan is a part of; null for none. */
export function sourceOf(plan: BytePlan, topic: RuleTopic): Source | null {
  switch (plan.kind) {
    case 'argument':
    case 'execveValues':
      return 'arguments'
    case 'commandLine':
      return plan.generation === 0 ? 'arguments' : null
    case 'path':
      return plan.which === 'given' ? null : 'path'
    case 'auditPaths':
      return topic === 'process' ? 'program' : 'path'
    case 'text':
      return plan.at === 'process.exePath' ? 'program' : null
    default:
      return null
  }
}

/** Shows a source to its masks. */
type SourceValue = (record: ScannedRecord, masks: TextMasks) => Seen

/** A search of one source for the rows of an event type. */
export interface SourceSearch {
  readonly source: Source
  readonly masks: TextMasks
  /** Rows that it tests. */
  readonly tested: Uint32Array
  readonly value: SourceValue
}

/** Most requirements of one row on one source. */
const MAX_LAYERS = 2

/** The searches that exclude rows. */
export function* sourceSearches(all: readonly SourceTest[], words: number, symbols: Symbols): Steps<readonly SourceSearch[]> {
  const searches: SourceSearch[] = []
  for (const source of ['arguments', 'path', 'program'] as const) {
    const ofSource = all.filter((test) => test.source === source)
    // The search for a single operand says more.
    if (new Set(ofSource.map(({ operand }) => operand)).size < 2) continue
    const tests = rowTests(ofSource)
    if (tests.length === 0) continue
    const tested = new Uint32Array(words)
    for (const { row } of tests) setBit(tested, row)
    searches.push({
      source,
      masks: yield* TextMasks.build(new RowPlaces(tested), tests, false),
      tested,
      value: VALUES[source](symbols),
    })
  }
  return searches
}

/** The requirements with the longest texts, of each row. */
function rowTests(tests: readonly SourceTest[]): RowTest[] {
  const byRow = new Map<number, (readonly Needle[])[]>()
  for (const { row, tests: some } of tests) {
    const needles = looseNeedles(some)
    if (needles !== null) byRow.set(row, [...(byRow.get(row) ?? []), needles])
  }
  return [...byRow].flatMap(([row, lists]) =>
    lists
      .sort((a, b) => shortest(b) - shortest(a))
      .slice(0, MAX_LAYERS)
      .map((needles, layer): RowTest => ({ row, layer, tests: [{ needles, isExact: false }] })),
  )
}

const shortest = (needles: readonly Needle[]): number => Math.min(...needles.map(({ text }) => text.length))

/** Bytes of a text that are looked for: its end says most, and the tables stay small enough for the caches of a processor. */
const MOST_BYTES = 8

/** The ends of the same texts anywhere, in either case; null if a test looks for something else. */
function looseNeedles(tests: readonly FieldTest[]): readonly Needle[] | null {
  const loose: Needle[] = []
  for (const { needles } of tests) {
    if (needles === null || !needles.every(isLoose)) return null
    loose.push(...needles.map(({ text }): Needle => ({ kind: 'foldedPart', text: lowerAscii(text).slice(-MOST_BYTES) })))
  }
  return loose
}

/** Values of the record EXECVE that are no arguments: its name, and a number. */
const isLoose = ({ kind, text }: Needle): boolean =>
  kind !== 'length' && isAscii(text) && !'execve'.includes(lowerAscii(text)) && !/^[0-9]+$/.test(text)

const ARGS = listSlot('process.args')
const NAME = textSlot('process.name')

const VALUES: Readonly<Record<Source, (symbols: Symbols) => SourceValue>> = {
  arguments: argumentsValue,
  // Operands read paths in their normal form.
  path: (symbols) => either(textSlot('path'), textSlot('newPath'), (record, slot) => isPlainPath(record, slot, symbols)),
  program: () => either(textSlot('process.exePath'), textSlot('filename'), () => true),
}

const BLANK = Uint8Array.of(0x20)

/** All arguments, and the command name with all but the first, joined by blanks. */
function argumentsValue(): SourceValue {
  return (record, masks) => {
    const args = record.lists[ARGS]
    const name = startOf(record, NAME)
    if (args?.isKnown !== true || name < 0) return UNKNOWN_YET
    const { bytes } = record
    const { count, spans } = args
    masks.begin()
    let named = masks.continueFolded(0, bytes, name, endOf(record, NAME))
    let state = count > 0 ? masks.continueFolded(0, bytes, spans[0] ?? 0, spans[1] ?? 0) : named
    let isSame = named === state
    for (let index = 1; index < count; index++) {
      state = masks.continueFolded(state, BLANK, 0, 1)
      if (!isSame) {
        named = masks.continueFolded(named, BLANK, 0, 1)
        isSame = named === state
      }
      // Nearly always: what is found from here on does not depend on how the two texts began.
      if (isSame) {
        masks.continueItems(state, bytes, args, index)
        break
      }
      const start = spans[2 * index] ?? 0
      const end = spans[2 * index + 1] ?? 0
      named = masks.continueFolded(named, bytes, start, end)
      state = masks.continueFolded(state, bytes, start, end)
    }
    masks.endFolded()
    return PRESENT
  }
}

/** Two texts, of which one may be null. */
function either(first: number, second: number, isPlain: (record: ScannedRecord, slot: number) => boolean): SourceValue {
  return (record, masks) => {
    masks.begin()
    let seen: Seen = ABSENT
    for (const slot of [first, second]) {
      const start = startOf(record, slot)
      if (start === NULL_TEXT) continue
      // The second one is a field of some topics only.
      if (start < 0 && slot === first) return UNKNOWN_YET
      if (start < 0) continue
      if (!isPlain(record, slot)) return UNKNOWN_YET
      masks.add(record.bytes, start, endOf(record, slot))
      seen = PRESENT
    }
    return seen
  }
}
