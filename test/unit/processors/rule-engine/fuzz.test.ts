// Whatever the text: the parser and the loaders give a tree, rules or positioned mistakes, in work that grows with the text and no faster.
// Seeds are conditions and files of every construct, and the public rules when they are next to the checkout.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseCondition } from '../../../../processors/rule-engine/language/parser.js'
import { printCondition } from '../../../../processors/rule-engine/language/printer.js'
import { ConditionSyntaxError, Tokenizer } from '../../../../processors/rule-engine/language/tokenizer.js'
import type { Expression } from '../../../../processors/rule-engine/language/tree.js'
import { loadRules } from '../../../../processors/rule-engine/load/load-rules.js'
import { ruleCorpus } from '../../../support/rule-corpus.js'
import { arbitraryCondition } from '../../../support/rules/arbitrary-rules.js'

const CONDITION_SEEDS = [
  'evt.type in (open, openat) and (fd.name startswith /etc or fd.name glob "/home/*/.ssh/*") and not proc.name in (cat, "a b")',
  'not(a)and(b or not not c) or proc.aname[2] = x and evt.arg.flags contains O_CREAT',
  'tolower(join("-", (proc.name, "x", 3))) icontains anyof (a, b) and len(fd.types) >= 0x1F and fd.net in (10.0.0.0/8)',
  'getopt(("-n", proc.args), "n:t")[n] != val(proc.pname) or proc.env[PATH] exists or fd.name pmatch (/a/*, /b)',
  "proc.cmdline regex '(a|b)+\\\\.sh' and evt.buffer bcontains 00ff and thread.cap_effective[\"\"] = 'it\\'s'",
]
const FILE_SEEDS = [
  `- required_engine_version: 0.31.0
- list: shells
  items: [bash, "z sh"]
- macro: spawned
  condition: (evt.type in (execve) and proc.name in (shells))
- rule: r
  desc: >
    folded
    text
  condition: spawned and not fd.name = "x"
  output: "%proc.name %20user.name %toupper(proc.pname)"
  priority: WARNING
  tags: [a, b]
  exceptions:
    - name: e
      fields: [proc.name, fd.name]
      comps: [=, startswith]
      values: [[a, /b], [c, /d]]
- rule: r
  condition: and proc.pname = x
  override: {condition: append}
`,
  `title: t
id: 0a1b2c3d-0000-4000-8000-000000000000
logsource: {category: process_creation, product: linux}
detection:
  s: {Image|endswith: ['/nc', '/ncat'], CommandLine|re|i: 'a.*b'}
  k: ['x*y', 'z?']
  n|cidr: 10.0.0.0/8
  condition: (s or 1 of k*) and not all of them
level: high
---
title: c
correlation: {type: event_count, rules: [t], group-by: [User], timespan: 5m, condition: {gte: 3}}
`,
]

const corpus = ruleCorpus()
const corpusTexts = corpus === null ? [] : [...corpus.falco, ...corpus.sigma.filter((_, index) => index % 12 === 0)].map(({ text }) => text)
const corpusConditions =
  corpus === null ? [] : loadRules(corpus.falco).ruleSet.rules.flatMap(({ conditionText, compiledText }) => [conditionText, compiledText])

const SNIPPETS = [
  ...['(', ')', '"', "'", '[', ']', ',', '=', '\\', '%', '{', '}', ':', '|', '*', '&a', '*a', '\n', '\n- ', '\t', '\u0000', 'é', '💥'],
  ...[' and ', ' or ', ' not ', ' in (', 'val(', 'exists', 'tolower(', 'proc.name', 'evt.type=', '---\n', 'condition: ', '0x', '<='],
]

/** A seed with a few cuts, doublings and insertions. */
function mutated(seeds: readonly string[]): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom('cut', 'double', 'put'), fc.constantFrom(...SNIPPETS))
  return fc.tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 4 })).map(([seed, changes]) =>
    changes.reduce(
      (text, [place, length, kind, snippet]) => {
        const at = place % (text.length + 1)
        const slice = text.slice(at, at + length)
        if (kind === 'cut') return text.slice(0, at) + text.slice(at + length)
        return text.slice(0, at) + (kind === 'double' ? slice : snippet) + text.slice(at)
      },
      seed.slice(0, 6_000),
    ),
  )
}

/** The tree, or null for a text that is refused as it should be: with a sentence, at a place within it. */
function parsed(text: string): Expression | null {
  try {
    return parseCondition(text)
  } catch (error) {
    assert.ok(error instanceof ConditionSyntaxError, `${JSON.stringify(text)}: ${String(error)}`)
    assert.ok(error.message.length > 0 && error.message.length < 1_000)
    const { index, line, column } = error.place
    assert.ok(index >= 0 && index <= Buffer.byteLength(text) && line >= 1 && column >= 1, JSON.stringify(error.place))
    return null
  }
}

const withoutPlaces = (tree: Expression): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'place' ? undefined : value)))

describe('the parser of conditions', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    arbitraryCondition,
    mutated([...CONDITION_SEEDS, ...corpusConditions]),
  )

  it('gives a tree, or a mistake with its place, for every text', () => {
    fc.assert(
      fc.property(texts, (text) => void parsed(text)),
      { numRuns: 1_000 },
    )
  })

  it('reads what it prints as the same tree', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const tree = parsed(text)
        if (tree === null) return
        const printed = printCondition(tree, 'parseable')
        assert.deepEqual(withoutPlaces(parseCondition(printed, { maxDepth: 1_000 })), withoutPlaces(tree), printed)
      }),
      { numRuns: 200 },
    )
  })

  it('does work that grows with the text, and no faster', () => {
    const hostile = fc.oneof(
      texts,
      fc
        .tuple(fc.constantFrom(...SNIPPETS, ...CONDITION_SEEDS), fc.integer({ min: 1, max: 500 }))
        .map(([part, times]) => part.repeat(times)),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        const steps = countingSteps(() => void parsed(text))
        assert.ok(
          steps <= 100 * (Buffer.byteLength(text) + 10),
          `${String(steps)} steps for ${String(text.length)} characters: ${text.slice(0, 60)}`,
        )
      }),
      { numRuns: 200 },
    )
  })
})

describe('the loaders of rule files', () => {
  const good = '- rule: good\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO\n'
  const whole = { name: 'good.yaml', text: good }

  it('give rules or mistakes with their places for every file, and lose no rule of another', () => {
    const files = fc.oneof(
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
      { weight: 4, arbitrary: mutated([...FILE_SEEDS, ...corpusTexts]) },
    )
    fc.assert(
      fc.property(files, fc.constantFrom(undefined, 'falco', 'sigma'), (text, language) => {
        const hostile = { name: 'hostile.yaml', text }
        const { ruleSet, errors, warnings } = loadRules(
          language === 'sigma' ? [hostile] : [whole, hostile],
          language === undefined ? {} : { language },
        )
        for (const { message, place } of [...errors, ...warnings]) {
          assert.ok(message.length > 0)
          assert.ok(place.line >= 1 && place.column >= 1, JSON.stringify(place))
        }
        const isRenamed = /good/.test(text)
        if (language !== 'sigma' && !isRenamed) assert.ok(ruleSet.rules.some(({ name }) => name === 'good'))
      }),
      { numRuns: 150 },
    )
  })
})

/** Calls of the tokenizer while the work runs: every step of the parser is one. */
function countingSteps(work: () => void): number {
  const prototype = Tokenizer.prototype as unknown as Record<string, (...given: unknown[]) => unknown>
  const names = ['literal', 'blank', 'identifier', 'fieldName', 'bareFieldArgument', 'bareText', 'number', 'notBlank', 'quotedText']
  const originals = names.map((name) => [name, prototype[name]] as const)
  let steps = 0
  for (const [name, original] of originals) {
    prototype[name] = function counted(this: unknown, ...given: unknown[]): unknown {
      steps++
      return original?.apply(this, given)
    }
  }
  try {
    work()
  } finally {
    for (const [name, original] of originals) if (original !== undefined) prototype[name] = original
  }
  return steps
}
