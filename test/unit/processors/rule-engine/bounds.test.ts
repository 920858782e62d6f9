// Untrusted rules: each limit is reached, reported with its position, and leaves out only the rule that exceeds it.
import assert from 'node:assert/strict'
import { MAX_STEPS_PER_BYTE, stepsPerByte } from '../../../../processors/rule-engine/compile/condition-cost.js'
import { compileCondition } from '../../../../processors/rule-engine/compile/compile-condition.js'
import { RecordSource } from '../../../../processors/rule-engine/fields/field-source.js'
import { createCompiledEvaluator } from '../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import { createPlainEvaluator } from '../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleEvent } from '../../../../processors/rule-engine/fields/rule-event.js'
import { LoadBudget } from '../../../../processors/rule-engine/falco/expand-macros.js'
import { parseCondition } from '../../../../processors/rule-engine/language/parser.js'
import { loadRules, type LoadResult } from '../../../../processors/rule-engine/load/load-rules.js'
import { fillTemplate } from '../../../../processors/rule-engine/output/fill-template.js'
import { compileGlob } from '../../../../infra/text/glob.js'
import { regexSteps } from '../../../../processors/rule-engine/text/regex-steps.js'
import { sampleProcess, sampleProcessEvent } from '../../../support/records/sample-records.js'

const TAIL = '  desc: d\n  output: o\n  priority: INFO\n'
const rule = (name: string, condition: string): string => `- rule: ${name}\n  condition: ${JSON.stringify(condition)}\n${TAIL}`
const GOOD = rule('good', 'evt.type = execve')
const load = (text: string): LoadResult => loadRules([{ name: 'f.yaml', text: text + GOOD }])

function steps(condition: string): number {
  return stepsPerByte(compileCondition(parseCondition(condition)).expression ?? assert.fail(condition))
}

describe('a rule above a bound', () => {
  const items = (count: number): string => Array.from({ length: count }, (_, index) => `i${String(index)}`).join(', ')
  const nested = (depth: number): string => `${'(proc.name = a and not ('.repeat(depth)}proc.name = b${'))'.repeat(depth)}`
  /** Each macro nests the one before: none is deep by itself. */
  const tower = Array.from(
    { length: 40 },
    (_, index) => `- macro: m${String(index + 1)}\n  condition: ${nested(20).replace('proc.name = b', `m${String(index)}`)}\n`,
  ).join('')
  const HOSTILE: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['terms', rule('bad', Array(60_000).fill('proc.name = a').join(' or ')), /more than 50000 terms/],
    ['levels', rule('bad', nested(400)), /nested deeper than 500/],
    ['levels through macros', `- macro: m0\n  condition: proc.name = x\n${tower}${rule('bad', 'm40')}`, /nested deeper than 500/],
    [
      'items of lists in lists',
      `- list: a\n  items: [${items(50_000)}]\n- list: b\n  items: [a, a, a]\n${rule('bad', 'proc.name in (b)')}`,
      /at most 100000 items/,
    ],
    ['items of one list', `- list: a\n  items: [${items(100_001)}]\n${rule('bad', 'proc.name in (a)')}`, /at most 100000 items/],
    ['text of a condition', rule('bad', `proc.name in (${items(700_000)})`), /longer than \d+ bytes/],
    ['a glob', rule('bad', `fd.name glob ${'*a'.repeat(3_000)}`), /'glob' is longer than 4096 bytes/],
    ['a regular expression', rule('bad', `fd.name regex ${'a'.repeat(5_000)}`), /'regex' is longer than 4096 bytes/],
    ['states of an expression', rule('bad', 'fd.name regex "[ab]*a[ab]{900}([cd]{900}){9}"'), /(\d+ steps for each byte|invalid regex)/],
    [
      'steps of all globs together',
      rule(
        'bad',
        Array(20)
          .fill(`fd.name glob "${'*a'.repeat(1_000)}"`)
          .join(' or '),
      ),
      /\d+ steps for each byte/,
    ],
    ['values of a transformer', rule('bad', `concat(${Array(65).fill('proc.args').join(', ')}) = a`), /at most 64 values/],
    [
      'values of nested transformers',
      rule(
        'bad',
        `concat(${Array(9)
          .fill(`concat(${Array(9).fill('proc.args').join(', ')})`)
          .join(', ')}) = a`,
      ),
      /at most 64 values/,
    ],
    [
      'fields of an output',
      rule('bad', 'evt.type = execve').replace('output: o', `output: "${'%proc.args '.repeat(201)}"`),
      /at most 200 fields/,
    ],
    ['a name', rule('n'.repeat(1_001), 'evt.type = execve'), /at most 1000 characters/],
  ]
  for (const [what, text, message] of HOSTILE) {
    it(`(${what}) is kept out, in one sentence with its place, and no other is`, () => {
      const { ruleSet, errors } = load(text)
      assert.deepEqual(
        ruleSet.rules.map(({ name }) => name),
        ['good'],
      )
      assert.match(errors.map((error) => error.message).join('\n'), message)
      assert.ok(errors.every((error) => error.message.length < 400 && error.place.file === 'f.yaml' && error.place.line >= 1))
    })
  }

  it('(mistakes) is reported for fifty of them', () => {
    assert.equal(load(rule('bad', Array(5_000).fill('proc.nope = 1').join(' or '))).errors.length, 50)
  })
  it('(mistakes of a whole file) is reported for ten thousand of them', () => {
    const { errors, ruleSet } = load('- 1\n'.repeat(20_000))
    assert.equal(errors.length, 10_000)
    assert.match(errors.at(-1)?.message ?? '', /more than 10000 mistakes/)
    assert.equal(ruleSet.rules.length, 1)
  })
  it('(all rules together) is kept out when there is no room left for it', () => {
    const budget = new LoadBudget()
    for (let terms = 0; terms < 3_000_000; terms += 50_000) assert.equal(budget.problemWith(50_000), null)
    assert.match(budget.problemWith(1) ?? '', /^all conditions together have more than 3000000 terms/)
  })
  it('(documents) makes its file no rule file', () => {
    assert.match(load('---\n'.repeat(50_001)).errors[0]?.message ?? '', /more than 50000 documents/)
  })
})

describe('the cost of a rule for each byte of an event', () => {
  it('counts every byte that a search may compare', () => {
    assert.equal(steps('fd.name = a'), 2)
    assert.equal(steps('fd.name contains abcde'), 6)
    assert.equal(steps('fd.name glob *abc*'), 6)
    assert.equal(steps('not fd.name = a'), 3)
    assert.equal(steps('fd.name = a or fd.name = b'), 5)
    assert.equal(steps('join("-", (proc.name, proc.args)) = a'), 4)
  })
  it('does not grow with the number of literals: many are found in one walk', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `literal-${String(index)}`)
    assert.equal(steps(`fd.name contains anyof (${many.join(', ')})`), 3)
    assert.equal(steps(`fd.name in (${many.join(', ')})`), 2)
    assert.ok(steps(`fd.name pmatch (${many.map((name) => `/${name}`).join(', ')})`) <= 2_001)
  })
  it('grows with the logarithm of the number of beginnings and ends', () => {
    const many = Array.from({ length: 4_096 }, (_, index) => `literal-${String(index)}`).join(', ')
    assert.equal(steps(`fd.name startswith anyof (${many})`), 14)
    assert.equal(steps(`fd.name endswith anyof (${many})`), 14)
    assert.equal(steps(`fd.name endswith allof (${many})`), 4_097)
  })
  it('of a list with more literals than one automaton holds is two for each automaton', () => {
    const hashes = Array.from({ length: 3_500 }, (_, index) => `sha256:${index.toString(16).padStart(64, '0')}`)
    assert.equal(steps(`fd.name contains anyof (${hashes.join(', ')})`), 9)
    const tooMany = Array.from({ length: 5 }, (_, index) => hashes.map((hash) => `${hash}${String(index)}`)).flat()
    assert.ok(steps(`fd.name contains anyof (${tooMany.join(', ')})`) > MAX_STEPS_PER_BYTE)
    assert.ok(steps(`fd.name contains allof (${hashes.slice(0, 200).join(', ')})`) > MAX_STEPS_PER_BYTE / 30)
  })
  it('is bounded for expressions by the states that they can be in', () => {
    assert.ok(steps('fd.name regex ".{1000,}"') < 100)
    assert.ok(steps('fd.name regex ".*a.{1000}"') > MAX_STEPS_PER_BYTE)
    assert.ok(steps('fd.name regex "(?:(?s:.*)(?s:\\n))?(?s:.{1000,})z"') > MAX_STEPS_PER_BYTE)
    assert.equal(regexSteps('('.repeat(2_000)), Infinity)
  })
  it('is small for a long run that a Sigma rule searches for, and full for a forged search', () => {
    const sigma = (pattern: string): string =>
      `title: s\nlogsource: {category: process_creation}\ndetection: {s: {CommandLine|re: '${pattern}'}, condition: s}\n`
    const errorsOf = (pattern: string): number => loadRules([{ name: 's.yml', text: sigma(pattern) }]).errors.length
    assert.equal(errorsOf('.{1000,}'), 0)
    assert.equal(errorsOf('(?:(?s:.*)(?s:\\n))?(?s:.{1000,})z'), 1)
  })
  it('is not exceeded by a glob, counted byte by byte on the texts that are worst for it', () => {
    for (const [pattern, text] of [
      ['*a*a*a*a*b', 'a'.repeat(20_000)],
      ['*aaaaaaaaab', 'a'.repeat(20_000)],
      [`*${'a?'.repeat(40)}b`, 'a'.repeat(20_000)],
      ['*[!b]*[!b]*[!b]*[!b]c', 'a'.repeat(20_000)],
      [`${'*ab'.repeat(30)}c`, 'ab'.repeat(10_000)],
    ] as const) {
      const counted = new CountedText(text)
      compileGlob(pattern)(counted as unknown as string)
      assert.ok(counted.looks <= (pattern.length + 2) * text.length, `${pattern}: ${String(counted.looks)} looks`)
    }
  })
})

describe('the memory of the searches of all rules', () => {
  it('is bounded: a rule beyond it is quarantined, and the others stay', () => {
    // Each has more than 80 different characters in 38 KB: about 8 MB.
    const chars = Array.from({ length: 90 }, (_, index) => String.fromCharCode(0x23 + index)).filter((char) => !"\\'(),".includes(char))
    const literal = (index: number): string => JSON.stringify(`${String(index)}${chars.join('').repeat(10)}`)
    const list = Array.from({ length: 45 }, (_, index) => literal(index)).join(', ')
    const big = (index: number): string => rule(`big${String(index)}`, `evt.type = execve and fd.name contains anyof (${list})`)
    const { ruleSet, errors } = load(Array.from({ length: 20 }, (_, index) => big(index)).join(''))
    assert.ok(ruleSet.quarantined.length > 0 && ruleSet.quarantined.length < 8, String(ruleSet.quarantined.length))
    assert.equal(ruleSet.rules.at(-1)?.name, 'good')
    assert.match(errors[0]?.message ?? '', /search for need more than 128 MiB/)
  })
})

describe('hostile values of events', () => {
  const huge = 'a'.repeat(128 * 1024)
  const ruleEvent: RuleEvent = {
    event: {
      topic: 'process',
      record: sampleProcessEvent({ process: sampleProcess({ args: ['x', huge, ...Array<string>(10_000).fill('-v')], cwd: `/${huge}` }) }),
    },
    container: { state: 'host' },
  }
  it('are evaluated by every kind of check, and give an alert that fits its topic', () => {
    const conditions = [
      `proc.args contains ${'a'.repeat(60)}b`,
      'proc.cmdline glob "*a*a*a*a*b"',
      'proc.cwd pmatch (/a*b/c, /b)',
      'proc.args regex "(a*)*b"',
      'tolower(proc.args) icontains B',
      'getopt(("-v", proc.args), "v:")[v] = x',
      'concat(proc.args, proc.cmdline) startswith aaaa',
    ]
    const text = conditions.map((condition, index) => rule(`r${String(index)}`, `evt.type = execve and ${condition}`)).join('')
    const output = rule('alert', 'evt.type = execve').replace('output: o', `output: "${'%proc.args '.repeat(20)}"`)
    const { ruleSet, errors } = load(text + output)
    assert.deepEqual(errors, [])
    for (const make of [createPlainEvaluator, createCompiledEvaluator]) {
      assert.deepEqual(
        make(ruleSet, { matching: 'all' })
          .evaluate(ruleEvent)
          .matched.map(({ name }) => name),
        ['r6', 'alert', 'good'],
      )
    }
    const alert = ruleSet.rules.find(({ name }) => name === 'alert') ?? assert.fail()
    const filled = fillTemplate(alert.output, new RecordSource(ruleEvent))
    assert.ok(JSON.stringify(filled).length < 100_000)
    assert.match(filled.output, /\.\.\. \(\d+ bytes\)$/)
  })
})

/** A text that counts how often one of its bytes is looked at. */
class CountedText {
  readonly #text: string
  looks = 0

  constructor(text: string) {
    this.#text = text
  }
  get length(): number {
    return this.#text.length
  }
  charAt(index: number): string {
    this.looks++
    return this.#text.charAt(index)
  }
}
