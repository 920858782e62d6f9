// Valid conditions in Falco's language: every operator on every type that accepts it, transformers, modifiers, `val()`, nesting, and
// spaces where they are allowed. They are text, so that parsers are part of the test.
import fc from 'fast-check'
import { arbitraryField, type WrittenField } from './arbitrary-field.js'
import * as values from './arbitrary-value.js'

type Text = fc.Arbitrary<string>
type Operand = readonly [text: string, field: WrittenField]

const TEXT_OPERATORS = ['=', '==', '!=', 'contains', 'icontains', 'startswith', 'endswith'] as const
const LIST_OPERATORS = ['in', 'intersects'] as const
const MODIFIERS = ['oneof', 'anyof', 'allof'] as const

const text: Text = fc.tuple(values.arbitraryText, fc.boolean()).map(([given, isDouble]) => values.writtenText(given, isDouble))
const quoted = (given: Text): Text => given.map((value) => values.writtenText(value))
const listOf = (item: Text): Text => fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => `(${items.join(', ')})`)

/** The rest of a check after its left side, for a single value of a family. */
function singleRest({ family, definition }: WrittenField, isModifiable: boolean): Text {
  const whole = definition.type === 'PORT' ? values.arbitraryPort : values.arbitraryWhole
  switch (family) {
    case 'text':
      return textRest(isModifiable)
    case 'bytes':
      return fc.oneof(
        operation(['=', '!=', 'contains', 'startswith', 'endswith'], text),
        operation(['bcontains', 'bstartswith'], values.arbitraryHex),
        operation(LIST_OPERATORS, listOf(text)),
      )
    case 'number':
      return fc.oneof(
        operation(['=', '!='], whole),
        operation(
          ['<', '<=', '>', '>='],
          values.arbitraryWhole.filter((number) => definition.type !== 'PORT' || !number.startsWith('0x')),
        ),
        operation(LIST_OPERATORS, listOf(whole)),
      )
    case 'bool':
      return fc.oneof(operation(['=', '!='], values.arbitraryTruth), operation(LIST_OPERATORS, listOf(values.arbitraryTruth)))
    case 'address':
      return fc.oneof(operation(['=', '!='], values.arbitraryAddress), operation(LIST_OPERATORS, listOf(values.arbitraryAddress)))
    case 'network':
      return fc.oneof(operation(['=', '!='], values.arbitraryNetwork), operation(LIST_OPERATORS, listOf(values.arbitraryNetwork)))
  }
}

function textRest(isModifiable: boolean): Text {
  const plain: Text[] = [
    operation(TEXT_OPERATORS, text),
    operation(['glob', 'iglob'], quoted(values.arbitraryGlob)),
    operation(['regex'], quoted(values.arbitraryPattern)),
    operation(
      ['<', '<=', '>', '>='],
      values.arbitraryWhole.filter((number) => !number.startsWith('0x')),
    ),
    operation(LIST_OPERATORS, listOf(text)),
    operation(['pmatch'], listOf(quoted(values.arbitraryPath))),
    fc.constant(' exists'),
  ]
  if (!isModifiable) return fc.oneof(...plain)
  const modified = (operators: readonly string[], item: Text): Text =>
    fc.tuple(fc.constantFrom(...operators), fc.constantFrom(...MODIFIERS), listOf(item)).map((parts) => ` ${parts.join(' ')}`)
  return fc.oneof(
    ...plain,
    modified(TEXT_OPERATORS, text),
    modified(['glob', 'iglob'], quoted(values.arbitraryGlob)),
    modified(['regex'], quoted(values.arbitraryPattern)),
  )
}

function operation(operators: readonly string[], right: Text): Text {
  return fc.tuple(fc.constantFrom(...operators), right).map(([operator, value]) => ` ${operator} ${value}`)
}

const fieldCheck: Text = arbitraryField().chain((field) => {
  const isMany = field.definition.plurality === 'list'
  const rest = isMany ? fc.oneof(operation(LIST_OPERATORS, listOf(text)), fc.constant(' exists')) : singleRest(field, true)
  return fc.oneof({ weight: 9, arbitrary: rest }, { weight: 1, arbitrary: fc.constant(' exists') }).map((end) => field.text + end)
})

const textField = arbitraryField(
  ({ family, definition }) =>
    // Rules refuse an event type that is transformed, or compared with a field.
    definition.name !== 'syscall.type' &&
    family === 'text' &&
    definition.plurality === 'one' &&
    !definition.isWithoutTransformer &&
    !definition.isWithoutRightSide,
)

/** A transformer over text fields, at most three deep. */
const { transformed } = fc.letrec<{ transformed: Operand; inner: Operand }>((tie) => ({
  transformed: fc
    .tuple(fc.constantFrom('tolower', 'toupper', 'basename'), tie('inner'))
    .map(([name, [given, field]]) => [`${name}(${given})`, field]),
  inner: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    textField.map((field): Operand => [field.text, field]),
    tie('transformed'),
  ),
}))

const literal = values.arbitraryText.map((given) => values.quotedText(given))
const joined: Text = fc
  .tuple(
    fc.constantFrom('"-"', "' '", '""'),
    fc.array(
      fc.oneof(
        textField.map((field) => field.text),
        literal,
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([separator, items]) => `join(${separator}, (${items.join(', ')}))`)
const concatenated: Text = fc
  .array(
    fc.oneof(
      textField.map((field) => field.text),
      literal,
    ),
    { minLength: 2, maxLength: 3 },
  )
  .map((items) => `concat(${items.join(', ')})`)
const madeText: Text = fc.oneof(
  joined,
  concatenated,
  transformed.map(([given]) => given),
)

const transformedCheck: Text = fc.oneof(
  fc.tuple(madeText, textRest(true)).map(([left, rest]) => left + rest),
  fc
    .tuple(madeText, fc.constantFrom('=', '<', '>=', '!='), values.arbitraryWhole)
    .map(([given, sign, size]) => `len(${given}) ${sign} ${size}`),
  fc
    .tuple(textField, fc.constantFrom('=', '!=', 'contains', 'startswith', 'endswith'), textField)
    .map(([left, operator, right]) => `${left.text} ${operator} val(${right.text})`),
  fc
    .tuple(textField, fc.constantFrom('=', '!=', 'contains'), transformed)
    .map(([left, operator, [right]]) => `${left.text} ${operator} ${right}`),
)

const eventType = fc.constantFrom('execve', 'openat', 'open', 'connect', 'procexit', 'clone')
const eventTypeCheck: Text = fc.oneof(
  operation(['=', '!='], eventType).map((rest) => `evt.type${rest}`),
  operation(LIST_OPERATORS, listOf(eventType)).map((rest) => `evt.type${rest}`),
  operation(['=', '<', '>='], values.arbitraryWhole).map((rest) => `evt.rawarg.res${rest}`),
  fc.tuple(fc.constantFrom('evt.arg.flags', 'evt.arg.path', 'evt.arg.name', 'evt.arg[1]'), textRest(true)).map((parts) => parts.join('')),
)

/** One check. */
export const arbitraryCheck: Text = fc.oneof(
  { weight: 6, arbitrary: fieldCheck },
  { weight: 2, arbitrary: transformedCheck },
  { weight: 1, arbitrary: eventTypeCheck },
)

const blank = fc.constantFrom(' ', ' ', ' ', '  ', '\n  ', '\t')

/**
 * Conditions without macros.
 * @param leaf creates what may be in the place of a check, for example a macro or the name of a list
 */
export function arbitraryCondition(leaf: Text = arbitraryCheck, maxDepth = 4): Text {
  const { any } = fc.letrec<{ any: string; chain: string; group: string; negated: string }>((tie) => ({
    any: fc.oneof({ maxDepth, depthSize: 'small', withCrossShrink: true }, leaf, tie('chain'), tie('group'), tie('negated')),
    chain: fc
      .tuple(tie('any'), fc.array(fc.tuple(fc.constantFrom('and', 'or'), blank, tie('any')), { minLength: 1, maxLength: 3 }))
      .map(([first, more]) => first + more.map(([word, space, term]) => `${space}${word}${space}${term}`).join('')),
    group: fc.tuple(fc.constantFrom('', ' '), tie('any')).map(([space, inner]) => `(${space}${inner}${space})`),
    negated: fc.tuple(tie('any'), fc.constantFrom('not ', 'not not ', 'not\n')).map(([inner, word]) => `${word}(${inner})`),
  }))
  return any
}
