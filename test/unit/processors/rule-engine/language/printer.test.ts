// Printing and parsing are inverse, and nothing that a stranger writes makes the parser throw anything but its own error.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { toByteText } from '../../../../../processors/rule-engine/text/byte-text.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'
import { printCondition } from '../../../../../processors/rule-engine/language/printer.js'
import { ConditionSyntaxError } from '../../../../../processors/rule-engine/language/tokenizer.js'
import type { Expression, Operand } from '../../../../../processors/rule-engine/language/tree.js'

const place = { index: 0, line: 1, column: 1 }
const name = fc.stringMatching(/^[a-z]{1,6}$/).filter((word) => !/^(not|and|or|in|exists|val)/.test(word))
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('a b', 'x=y', '(z)', 'q"q', "s's", '\\', 'oneof', ',', '\t'),
)
const value = text.filter((word) => !word.includes('\0')).map(toByteText)
const field = fc
  .record({ group: name, member: name, argument: fc.option(value.filter((word) => word !== '')) })
  .map(({ group, member, argument }): Operand => ({ kind: 'field', name: `${group}.${member}`, argument, place }))
const operand: fc.Arbitrary<Operand> = fc.oneof(
  { weight: 4, arbitrary: field },
  {
    weight: 1,
    arbitrary: fc
      .record({ input: field, wrapper: fc.constantFrom('tolower' as const, 'b64' as const) })
      .map(({ input, wrapper }): Operand => ({ kind: 'transformer', name: wrapper, inputs: [input], argument: null, place })),
  },
)
const check: fc.Arbitrary<Expression> = fc.oneof(
  operand.map((left): Expression => ({ kind: 'exists', left, place })),
  fc
    .tuple(operand, fc.constantFrom('=' as const, '!=' as const, 'contains' as const, 'glob' as const), value)
    .map(([left, operator, word]): Expression => ({
      kind: 'comparison',
      left,
      operator,
      modifier: null,
      right: { kind: 'value', text: word, place },
      place,
    })),
  fc
    .tuple(operand, fc.constantFrom('in' as const, 'pmatch' as const), fc.array(value, { maxLength: 4 }))
    .map(([left, operator, texts]): Expression => ({
      kind: 'comparison',
      left,
      operator,
      modifier: null,
      right: { kind: 'values', texts, place },
      place,
    })),
  fc
    .tuple(operand, fc.constantFrom('oneof' as const, 'allof' as const), fc.array(value, { minLength: 1, maxLength: 3 }))
    .map(([left, modifier, texts]): Expression => ({
      kind: 'comparison',
      left,
      operator: '=',
      modifier,
      right: { kind: 'values', texts, place },
      place,
    })),
  name.map((macro): Expression => ({ kind: 'macro', name: macro, place })),
)
const tree = fc.letrec<{ node: Expression }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    check,
    fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((children): Expression => ({ kind: 'and', children, place })),
    fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((children): Expression => ({ kind: 'or', children, place })),
    // `not not x` reads as x, so a negation never holds another directly.
    tie('node').map((child): Expression => (child.kind === 'not' ? child : { kind: 'not', child, place })),
  ),
})).node

const withoutPlaces = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node, (key, inner: unknown) => (key === 'place' ? undefined : inner)))

describe('a printed condition', () => {
  it('parses to the tree that was printed', () => {
    fc.assert(
      fc.property(tree, (original) => {
        assert.deepEqual(withoutPlaces(parseCondition(printCondition(original, 'parseable'))), withoutPlaces(original))
      }),
      { numRuns: 500 },
    )
  })

  it('in the style of Falco puts quotes around blanks, quotes and control characters, and around nothing else', () => {
    const style = (condition: string): string => printCondition(parseCondition(condition))
    assert.equal(style('a.b = "x y"'), 'a.b = "x y"')
    assert.equal(style('a.b = "xy"'), 'a.b = xy')
    assert.equal(style(`a.b = 'q"q'`), 'a.b = "q\\"q"')
    assert.equal(style('a.b in ("(systemd)", "a,b", "t\\tt")'), 'a.b in ((systemd), a,b, "t\\tt")')
    assert.equal(style('tolower( a.b ) = x'), 'tolower(a.b) = x')
    assert.equal(style('a.b startswith anyof (x, "y z")'), 'a.b startswith anyof (x, "y z")')
  })
})

describe('a text that ends with a backslash', () => {
  it('is printed so that the quote after it closes when it is parsed again', () => {
    const tree = parseCondition('a.b in ("x\\ ", y) and c.d = "z z"')
    assert.equal(printCondition(tree, 'parseable'), '(a.b in ("x\\ ", y) and c.d = "z z")')
    assert.equal(printCondition(tree), '(a.b in ("x\\\\", y) and c.d = "z z")')
  })
})

describe('the parser', () => {
  const pieces = fc.constantFrom(
    'a.b',
    '=',
    '==',
    '!=',
    ' ',
    '(',
    ')',
    ',',
    'and',
    'or',
    'not',
    'in',
    'oneof',
    'val(',
    'join(',
    '"',
    "'",
    '\\',
    '[',
    ']',
    '1',
    '\n',
    'é',
    '\0',
  )

  it('throws its own error or nothing, for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (anything) => {
          try {
            parseCondition(anything)
          } catch (error) {
            assert.ok(error instanceof ConditionSyntaxError, String(error))
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
