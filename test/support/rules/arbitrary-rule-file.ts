// Whole rule files in Falco's language: lists of lists, macros of macros, rules with exceptions in both forms, appended and overridden.
import fc from 'fast-check'
import { arbitraryCheck, arbitraryCondition } from './arbitrary-condition.js'
import { writtenText } from './arbitrary-value.js'

/** Values of lists: those that YAML accepts unquoted, and others. */
const item = fc.constantFrom('cat', 'bash', '/etc/shadow', 'a b', 'sh', 'é', '10', 'x-y')
const FIELDS = ['proc.name', 'proc.exepath', 'fd.name', 'container.id', 'proc.cmdline'] as const

interface Names {
  readonly lists: readonly string[]
  readonly macros: readonly string[]
}

/** A check of earlier names: a macro, a list, a list with an additional value. */
function leaf({ lists, macros }: Names): fc.Arbitrary<string> {
  const field = fc.constantFrom(...FIELDS)
  const choices = [arbitraryCheck]
  if (macros.length > 0) choices.push(fc.constantFrom(...macros))
  if (lists.length > 0) {
    const list = fc.constantFrom(...lists)
    choices.push(
      fc.tuple(field, fc.constantFrom('in', 'intersects'), list).map(([name, operator, values]) => `${name} ${operator} (${values})`),
      fc.tuple(field, list, item).map(([name, values, other]) => `${name} in (${values}, ${writtenText(other)})`),
      fc.tuple(field, list, list).map(([name, one, two]) => `${name} in (${one},${two})`),
    )
  }
  return fc.oneof(...choices)
}

const yaml = (value: unknown): string => JSON.stringify(value)

function listItems(): fc.Arbitrary<{ text: string; names: string[] }> {
  return fc
    .array(
      fc.array(fc.oneof({ weight: 4, arbitrary: item }, { weight: 1, arbitrary: fc.constantFrom('list_0', 'list_1') }), {
        minLength: 1,
        maxLength: 3,
      }),
      { maxLength: 3 },
    )
    .map((lists) => ({
      names: lists.map((_, at) => `list_${String(at)}`),
      text: lists
        .map((items, at) => `- list: list_${String(at)}\n  items: ${yaml(items.filter((one) => one !== `list_${String(at)}`))}\n`)
        .join(''),
    }))
}

function macroItems(lists: readonly string[]): fc.Arbitrary<{ text: string; names: string[] }> {
  const conditions = fc.tuple(
    arbitraryCondition(leaf({ lists, macros: [] }), 2),
    arbitraryCondition(leaf({ lists, macros: ['macro_0'] }), 2),
    arbitraryCondition(leaf({ lists, macros: ['macro_0', 'macro_1'] }), 2),
  )
  return conditions.map((texts) => ({
    names: texts.map((_, at) => `macro_${String(at)}`),
    text: texts.map((text, at) => `- macro: macro_${String(at)}\n  condition: ${yaml(text)}\n`).join(''),
  }))
}

const exceptionValues = fc.array(fc.tuple(item, item), { maxLength: 3 })
const exceptions: fc.Arbitrary<string> = fc.oneof(
  fc.constant(''),
  exceptionValues.map(
    (values) => `  exceptions:\n    - {name: both, fields: [proc.name, fd.name], comps: [=, startswith], values: ${yaml(values)}}\n`,
  ),
  exceptionValues.map((values) => {
    const tuples = values.map(([one, other]) => [[one, other], other])
    return `  exceptions:\n    - {name: listed, fields: [proc.name, proc.cmdline], comps: [in, contains], values: ${yaml(tuples)}}\n`
  }),
  fc
    .array(item, { minLength: 1, maxLength: 3 })
    .map((values) => `  exceptions:\n    - {name: one, fields: proc.name, comps: in, values: ${yaml(values)}}\n`),
)

function ruleItem(name: string, names: Names): fc.Arbitrary<string> {
  const condition = arbitraryCondition(leaf(names), 3)
  const head = fc
    .tuple(condition, exceptions)
    .map(([text, excepted]) => `- rule: ${name}\n  desc: d\n  condition: ${yaml(text)}\n  output: o\n  priority: INFO\n${excepted}`)
  const change = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: condition.map((text) => `- rule: ${name}\n  append: true\n  condition: ${yaml(`and ${text}`)}\n`) },
    {
      weight: 1,
      arbitrary: condition.map((text) => `- rule: ${name}\n  condition: ${yaml(`or ${text}`)}\n  override: {condition: append}\n`),
    },
    { weight: 1, arbitrary: condition.map((text) => `- rule: ${name}\n  condition: ${yaml(text)}\n  override: {condition: replace}\n`) },
  )
  return fc.tuple(head, change).map((parts) => parts.join(''))
}

const changes: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: arbitraryCheck.map((check) => `- macro: macro_0\n  append: true\n  condition: ${yaml(`or ${check}`)}\n`) },
  {
    weight: 1,
    arbitrary: arbitraryCheck.map((check) => `- macro: macro_1\n  condition: ${yaml(check)}\n  override: {condition: replace}\n`),
  },
)

/** A rule file that loads. */
export function arbitraryRuleFile(): fc.Arbitrary<string> {
  return listItems().chain((lists) =>
    macroItems(lists.names).chain((macros) => {
      const names = { lists: lists.names, macros: macros.names }
      return fc
        .tuple(changes, ruleItem('rule a', names), ruleItem('rule b', names))
        .map((parts) => lists.text + macros.text + parts.join(''))
    }),
  )
}
