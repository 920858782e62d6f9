// Masks of texts against a naive search for each needle.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RowPlaces, hasBit, setBit, wordsFor } from '../../../../../processors/rule-engine/compiled/bit-rows.js'
import type { FieldTest, Needle } from '../../../../../processors/rule-engine/compiled/field-test.js'
import { TextMasks, type RowTest } from '../../../../../processors/rule-engine/compiled/text-masks.js'
import { TextSpans } from '../../../../../processors/rule-engine/fields/bytes/scanned-record.js'
import { resultOf } from '../../../../../infra/waiting/steps.js'

const ROWS = 100

function masksOf(tests: readonly RowTest[], isCaseless = false): TextMasks {
  const tested = new Uint32Array(wordsFor(ROWS))
  for (const { row } of tests) setBit(tested, row)
  return resultOf(TextMasks.build(new RowPlaces(tested), tests, isCaseless))
}

/** The rows that are left of all. */
function left(masks: TextMasks, texts: readonly string[]): number[] {
  const alive = new Uint32Array(wordsFor(ROWS)).fill(0xffffffff)
  masks.begin()
  for (const text of texts) masks.add(Buffer.from(text), 0, Buffer.byteLength(text))
  masks.narrow(alive)
  return Array.from({ length: ROWS }, (_, row) => row).filter((row) => hasBit(alive, row))
}

const test = (...needles: readonly Needle[]): FieldTest => ({ needles, isExact: true })
const all = Array.from({ length: ROWS }, (_, row) => row)
const without = (...rows: readonly number[]): number[] => all.filter((row) => !rows.includes(row))

describe('masks of texts', () => {
  const equal = (text: string): Needle => ({ kind: 'equal', text })
  const CASES: readonly (readonly [kind: Needle['kind'], text: string, value: string, isFound: boolean])[] = [
    ['equal', 'cat', 'cat', true],
    ['equal', 'cat', 'cats', false],
    ['equal', 'cat', 'ca', false],
    ['equal', '', '', true],
    ['equal', '', 'x', false],
    ['prefix', '/etc', '/etc/shadow', true],
    ['prefix', '/etc', '/et', false],
    ['suffix', '.so', 'libc.so', true],
    ['suffix', '.so', '.so.6', false],
    ['part', 'ab', 'xaby', true],
    ['part', 'ab', 'xAby', false],
    ['foldedPart', 'ab', 'xAby', true],
    // The Kelvin sign folds to k.
    ['foldedPart', 'k', '\u212a', true],
    ['length', '3', 'abc', true],
    ['length', '3', 'ab', false],
  ]
  for (const [kind, text, value, isFound] of CASES)
    it(`${kind} ${text} in ${JSON.stringify(value)}: ${isFound ? 'found' : 'not found'}`, () => {
      const masks = masksOf([{ row: 40, layer: 0, tests: [test({ kind, text })] }])
      assert.deepEqual(left(masks, [value]), isFound ? all : without(40))
    })

  it('requires one test of each layer, and excludes where an exact one is found', () => {
    const masks = masksOf([
      { row: 3, layer: 0, tests: [test({ kind: 'part', text: 'a' }), test({ kind: 'part', text: 'b' })] },
      { row: 3, layer: 1, tests: [test({ kind: 'part', text: 'c' })] },
      { row: 70, layer: null, tests: [test({ kind: 'part', text: 'a' })] },
      { row: 71, layer: null, tests: [{ needles: [{ kind: 'part', text: 'a' }], isExact: false }] },
      { row: 72, layer: null, tests: [{ needles: null, isExact: true }] },
    ])
    assert.deepEqual(left(masks, ['a']), without(3, 70, 72))
    assert.deepEqual(left(masks, ['bc']), without(72))
    assert.deepEqual(left(masks, ['b', 'c']), without(72))
    assert.deepEqual(left(masks, []), without(3, 72))
  })

  it('finds parts across the pieces of a text, as in the whole of it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', ' ', 'é'), maxLength: 12 })
    const needle = fc.record({
      kind: fc.constantFrom('part' as const, 'foldedPart' as const),
      text: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }),
    })
    fc.assert(
      fc.property(
        fc.array(needle, { minLength: 1, maxLength: 6 }),
        fc.array(text, { maxLength: 5 }),
        fc.boolean(),
        (needles, pieces, isCaseless) => {
          const tests = needles.map((one, row): RowTest => ({ row, layer: row % 2 === 0 ? 0 : null, tests: [test(one)] }))
          const masks = masksOf(tests, isCaseless)
          if (!masks.isInPieces) return
          const bytes = pieces.map((piece) => Buffer.from(piece))
          const whole = Buffer.concat(bytes)
          const alive = new Uint32Array(wordsFor(ROWS)).fill(0xffffffff)
          masks.beginPieces()
          for (const piece of bytes) masks.addPiece(piece, 0, piece.length)
          const isDecided = masks.endPieces()
          masks.narrow(alive)
          masks.begin()
          assert.equal(isDecided, masks.addUtf8(whole, 0, whole.length))
          if (isDecided)
            assert.deepEqual(
              all.filter((row) => hasBit(alive, row)),
              left(masks, [whole.toString()]),
            )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('finds parts across the items of a list, as in the text of all with blanks between them', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), maxLength: 5 })
    const needle = fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 1, maxLength: 4 })
    const kinds = ['part', 'foldedPart'] as const
    fc.assert(
      fc.property(fc.array(needle, { minLength: 1, maxLength: 6 }), fc.array(text, { maxLength: 5 }), fc.nat(2), (needles, items, from) => {
        const tests = needles.map((some, row): RowTest => {
          return { row, layer: 0, tests: [test({ kind: kinds[row % 2] ?? 'part', text: some })] }
        })
        const masks = masksOf(tests)
        const list = new TextSpans()
        const bytes = Buffer.from(`x${items.join('')}y`)
        let end = 1
        for (const item of items) {
          const spans = list.room(2)
          spans[2 * list.count] = end
          spans[2 * list.count++ + 1] = end += Buffer.byteLength(item)
        }
        const whole = items.slice(from).join(' ')
        const alive = new Uint32Array(wordsFor(ROWS)).fill(0xffffffff)
        masks.beginPieces()
        masks.addItems(bytes, list, from)
        assert.ok(masks.endPieces())
        masks.narrow(alive)
        assert.deepEqual(
          all.filter((row) => hasBit(alive, row)),
          left(masks, [whole]),
        )
        const folded = new Uint32Array(wordsFor(ROWS)).fill(0xffffffff)
        masks.begin()
        masks.continueItems(0, bytes, list, from)
        masks.endFolded()
        masks.narrow(folded)
        for (let row = 1; row < needles.length; row += 2) assert.equal(hasBit(folded, row), hasBit(alive, row))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps nothing from one value to the next', () => {
    const masks = masksOf([{ row: 5, layer: 0, tests: [test(equal('cat'))] }])
    assert.deepEqual(left(masks, ['cat']), all)
    assert.deepEqual(left(masks, ['dog']), without(5))
  })

  it('leaves texts with bytes beyond ASCII undecided where letters fold', () => {
    const masks = masksOf([{ row: 5, layer: 0, tests: [test(equal('cat'))] }], true)
    const bytes = Buffer.from('cät')
    assert.equal(masks.addUtf8(bytes, 0, bytes.length), false)
    assert.deepEqual(left(masks, ['CAT']), all)
  })

  it('finds in pieces of a text what is in the whole of it', () => {
    const masks = masksOf([{ row: 5, layer: 0, tests: [test({ kind: 'foldedPart', text: 'a b' })] }])
    for (const [pieces, isFound] of [
      [['xA', ' ', 'By'], true],
      [['xA', 'By'], false],
    ] as const) {
      const alive = new Uint32Array(wordsFor(ROWS)).fill(0xffffffff)
      masks.begin()
      let state = 0
      for (const piece of pieces) state = masks.continueFolded(state, Buffer.from(piece), 0, piece.length)
      masks.endFolded()
      masks.narrow(alive)
      assert.equal(hasBit(alive, 5), isFound)
    }
  })

  it('agrees with a search for each needle', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '/', '\0'), maxLength: 8 })
    const kinds = ['equal', 'prefix', 'suffix', 'part', 'foldedPart'] as const
    const needle = fc.record({ kind: fc.constantFrom(...kinds), text: text.filter((some) => some !== '') })
    const rowTest = fc.record({
      row: fc.nat(ROWS - 1),
      needles: fc.array(
        needle.map(({ kind, text: some }) => ({ kind, text: kind === 'foldedPart' ? some.toLowerCase() : some })),
        { minLength: 1, maxLength: 4 },
      ),
    })
    fc.assert(
      fc.property(fc.uniqueArray(rowTest, { selector: ({ row }) => row, maxLength: 30 }), text, (rows, value) => {
        const masks = masksOf(rows.map(({ row, needles }) => ({ row, layer: 0, tests: [test(...needles)] })))
        const missed = rows.filter(({ needles }) => !needles.some((one) => isIn(one, value))).map(({ row }) => row)
        assert.deepEqual(left(masks, [value]), without(...missed))
      }),
    )
  })
})

function isIn({ kind, text }: Needle, value: string): boolean {
  switch (kind) {
    case 'equal':
      return value === text
    case 'prefix':
      return value.startsWith(text)
    case 'suffix':
      return value.endsWith(text)
    case 'part':
      return value.includes(text)
    case 'foldedPart':
      return value.toLowerCase().includes(text)
    case 'length':
      return Buffer.byteLength(value) >= Number(text)
  }
}
