// Pipelines in the form of pySigma: what each transformation and condition makes of a rule, what is refused, and what means harm.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FieldMapSource, type FieldMap } from '../../../../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../../../../processors/rule-engine/evaluate/prepare.js'
import { loadRules, type LoadResult } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { CompiledRule } from '../../../../../../processors/rule-engine/rule-set/compiled-rule.js'

const rule = (detection: string, more = ''): string =>
  `title: t\n${more}logsource: {product: linux, category: process_creation}\ndetection: ${detection}\n`
const one = (search: string): string => rule(`{s: {${search}}, condition: s}`)

/** Loads a rule after pipelines whose steps are YAML in flow style. */
function load(text: string, ...steps: readonly (string | readonly string[])[]): LoadResult {
  const pipelines = steps.map((given, index) => {
    const list = typeof given === 'string' ? [given] : given
    return { name: `p${String(index)}.yml`, text: `name: p${String(index)}\ntransformations: [${list.join(', ')}]\n` }
  })
  return loadRules([{ name: 'r.yml', text }], { language: 'sigma', pipelines })
}
function only(result: LoadResult): CompiledRule {
  assert.deepEqual(result.errors, [])
  const [first] = result.ruleSet.rules
  return first ?? assert.fail()
}
const holds = ({ condition }: CompiledRule, event: FieldMap): boolean => prepareExpression(condition)(new FieldMapSource(event)) === true

const MAP_A = '{type: field_name_mapping, mapping: {A: B}}'
const MAP_BOTH = '{type: field_name_mapping, mapping: {A: [B, C]}}'

type Case = readonly [what: string, text: string, steps: readonly string[], hit: FieldMap, miss: FieldMap]

const CASES: readonly Case[] = [
  ['maps a field to another', one('A: x'), [MAP_A], { B: 'x' }, { A: 'x' }],
  ['keeps modifiers of a field that is mapped', one('A|startswith: x'), [MAP_A], { B: 'xy' }, { B: 'yx' }],
  ['maps a field to one of several', one('A: x'), [MAP_BOTH], { C: 'x' }, { A: 'x' }],
  ['maps a field that must differ to all of several', one('A|neq: x'), [MAP_BOTH], { B: 'y', C: 'z' }, { B: 'y', C: 'x' }],
  ['maps the field that another is compared with', one('Z|fieldref: A'), [MAP_A], { Z: 'x', B: 'x' }, { Z: 'x', A: 'x' }],
  ['maps fields one after the other', one('A: x'), [MAP_A, '{type: field_name_mapping, mapping: {B: C}}'], { C: 'x' }, { B: 'x' }],
  ['maps prefixes', one('win.A: x'), ['{type: field_name_prefix_mapping, mapping: {win.: [l_, m_]}}'], { m_A: 'x' }, { 'win.A': 'x' }],
  ['puts a prefix to fields', one('A: x'), ['{type: field_name_prefix, prefix: p.}'], { 'p.A': 'x' }, { A: 'x' }],
  ['puts a suffix to fields', one('A: x'), ['{type: field_name_suffix, suffix: .s}'], { 'A.s': 'x' }, { A: 'x' }],
  [
    'only of some fields',
    one('A: x, B: y'),
    ['{type: field_name_suffix, suffix: _s, field_name_conditions: [{type: include_fields, fields: [A]}]}'],
    { A_s: 'x', B: 'y' },
    { A_s: 'x', B_s: 'y' },
  ],
  [
    'only of fields like these',
    one('Aa: x, B: y'),
    ["{type: field_name_suffix, suffix: _s, field_name_conditions: [{type: exclude_fields, mode: re, fields: ['A.']}]}"],
    { Aa: 'x', B_s: 'y' },
    { Aa_s: 'x', B_s: 'y' },
  ],
  [
    'drops a field',
    one('A: x, B: y'),
    ['{type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [A]}]}'],
    { B: 'y' },
    { A: 'x' },
  ],
  [
    'drops a search of which nothing is left, and the condition goes on without it',
    rule('{s: {A: x}, f: {B: y}, condition: s and not f}'),
    ['{type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [B]}]}'],
    { A: 'x', B: 'y' },
    { B: 'y' },
  ],
  [
    'drops by value',
    one('A: [x, y], B: z'),
    ["{type: drop_detection_item, detection_item_conditions: [{type: match_string, cond: all, pattern: '[xy]$'}]}"],
    { B: 'z' },
    { A: 'x' },
  ],
  ['adds a condition', one('A: x'), ['{type: add_condition, conditions: {B|contains: [y, z]}}'], { A: 'x', B: 'ayb' }, { A: 'x' }],
  ['adds a negated condition', one('A: x'), ['{type: add_condition, negated: true, conditions: {B: y}}'], { A: 'x' }, { A: 'x', B: 'y' }],
  [
    'adds a condition with the log source in it',
    one('A: x'),
    ["{type: add_condition, template: true, conditions: {B: '$product-${category}-$other'}}"],
    { A: 'x', B: 'linux-process_creation-$other' },
    { A: 'x', B: '$product' },
  ],
  [
    'adds a condition to each of several',
    rule('{a: {A: x}, b: {A: y}, condition: [a, b]}'),
    ['{type: add_condition, conditions: {B: z}}'],
    { A: 'y', B: 'z' },
    { A: 'y' },
  ],
  [
    'maps the condition that an earlier step added',
    one('Z: x'),
    ['{type: add_condition, conditions: {A: y}}', MAP_A],
    { Z: 'x', B: 'y' },
    { Z: 'x' },
  ],
  [
    'replaces parts of values',
    one("A: 'C:\\\\x\\\\y'"),
    ["{type: replace_string, regex: '\\\\', replacement: /}"],
    { A: 'C:/x/y' },
    { A: 'C:\\x\\y' },
  ],
  [
    'replaces by groups',
    one('A: ab-cd'),
    ["{type: replace_string, regex: '(\\w+)-(?P<n>\\w+)', replacement: '\\g<n>_\\1'}"],
    { A: 'cd_ab' },
    { A: 'ab-cd' },
  ],
  [
    'replaces what positions have made wildcards of',
    one('A|endswith: /x'),
    ["{type: replace_string, regex: '^\\*/', replacement: /opt/}"],
    { A: '/opt/x' },
    { A: '/bin/x' },
  ],
  [
    'replaces in plain parts alone',
    one("A: 'a*b'"),
    ["{type: replace_string, skip_special: true, regex: '[ab]', replacement: '*'}"],
    { A: '*xyz*' },
    { A: 'axyzb' },
  ],
  [
    'replaces in plain parts by wildcards',
    one("A: 'a*b'"),
    ["{type: replace_string, skip_special: true, interpret_special: true, regex: b, replacement: '?'}"],
    { A: 'axyq' },
    { A: 'a' },
  ],
  ['leaves expressions as they are', one("A|re: '^x'"), ['{type: replace_string, regex: x, replacement: y}'], { A: 'xz' }, { A: 'yz' }],
  ['maps values', one('A: [x, y]'), ['{type: map_string, mapping: {x: [u, v]}}'], { A: 'v' }, { A: 'x' }],
  ['leaves values that are not mapped', one('A: [x, y]'), ['{type: map_string, mapping: {x: u}}'], { A: 'y' }, { A: 'x' }],
  [
    'keeps plain wildcards of values that are not mapped',
    one("A|contains: '\\*'"),
    ['{type: map_string, mapping: {x: u}}'],
    { A: 'a*b' },
    { A: 'ab' },
  ],
  ['sets a value', one('A|contains: x'), ['{type: set_value, value: 7}'], { A: 7 }, { A: 'x' }],
  ['sets null', one('A: x'), ['{type: set_value, value: null}'], {}, { A: 'x' }],
  ['puts wildcards for placeholders', one("A|expand: 'x%p%y'"), ['{type: wildcard_placeholders}'], { A: 'xabcy' }, { A: 'xabc' }],
  [
    'notes something for later steps',
    one('A: x'),
    [
      '{type: set_state, key: k, val: v}',
      '{type: field_name_mapping, mapping: {A: B}, rule_conditions: [{type: processing_state, key: k, val: v}]}',
    ],
    { B: 'x' },
    { A: 'x' },
  ],
  [
    'knows which steps were made',
    one('A: x'),
    [
      '{id: i, type: set_state, key: k, val: v}',
      '{type: field_name_mapping, mapping: {A: B}, rule_conditions: [{type: processing_item_applied, processing_item_id: i}]}',
    ],
    { B: 'x' },
    { A: 'x' },
  ],
  [
    'knows which items a step changed',
    one('A: x, Z: y'),
    [
      '{id: i, type: field_name_mapping, mapping: {A: B}, field_name_conditions: [{type: include_fields, fields: [A]}]}',
      '{type: set_value, value: q, detection_item_conditions: [{type: processing_item_applied, processing_item_id: i}]}',
    ],
    { B: 'q', Z: 'y' },
    { B: 'x', Z: 'y' },
  ],
]

/** Conditions on the rule of RULE. */
const RULE = rule('{s: {A|endswith: x, Q: null}, condition: s}', 'id: "9"\nlevel: high\ntags: [attack.t1059]\nauthor: me\n')
const RULE_CONDITIONS: readonly (readonly [condition: string, holds: boolean])[] = [
  ['{type: logsource, product: linux}', true],
  ['{type: logsource, product: linux, category: process_creation}', true],
  ['{type: logsource, product: windows}', false],
  ['{type: logsource, service: auditd}', false],
  ['{type: contains_field, field: A}', true],
  ['{type: contains_field, field: a}', false],
  ["{type: contains_detection_item, field: A, value: '*x'}", true],
  ['{type: contains_detection_item, field: A, value: x}', false],
  ['{type: tag, tag: attack.t1059}', true],
  ['{type: tag, tag: attack.t1060}', false],
  ['{type: is_sigma_rule}', true],
  ['{type: is_sigma_correlation_rule}', false],
  ['{type: rule_attribute, attribute: level, op: gte, value: medium}', true],
  ['{type: rule_attribute, attribute: level, op: gt, value: high}', false],
  ['{type: rule_attribute, attribute: id, value: "9"}', true],
  ['{type: rule_attribute, attribute: author, op: ne, value: me}', false],
  ['{type: rule_attribute, attribute: tags, op: in, value: attack.t1059}', true],
  ['{type: processing_item_applied, processing_item_id: none}', false],
  ['{type: processing_state, key: constructor, val: x}', false],
]
const ITEM_CONDITIONS: readonly (readonly [condition: string, search: string, holds: boolean])[] = [
  ['{type: match_string, pattern: a, cond: any}', 'A: [abc, x]', true],
  ['{type: match_string, pattern: b, cond: any}', 'A: [abc, x]', false],
  ['{type: match_string, pattern: a, cond: all}', 'A: [abc, x]', false],
  ['{type: match_string, pattern: a, negate: true}', 'A: [x]', true],
  ['{type: match_value, value: 5}', 'A: 5', true],
  ["{type: match_value, value: '*x*'}", 'A|contains: x', true],
  ['{type: contains_wildcard}', 'A|startswith: x', true],
  ['{type: contains_wildcard}', "A: 'x\\*'", false],
  ['{type: is_null}', 'A: null', true],
  ['{type: is_null, cond: all}', 'A: [null, x]', false],
]

const REFUSED: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['no transformations in a list', 'transformations: {type: x}', /'transformations' must be a list/],
  [
    'a transformation that is not known',
    'transformations: [{type: field_name_maping, mapping: {A: B}}]',
    /did you mean 'field_name_mapping'\?/,
  ],
  [
    'one that works on queries',
    'transformations: [{type: query_expression_placeholders, expression: x}]',
    /not supported: it makes text of a query/,
  ],
  ['one that means nothing here', 'transformations: [{type: regex}]', /'regex' is not supported: texts are compared without case/],
  ['a transformation without a type', 'transformations: [{mapping: {A: B}}]', /has no 'type'/],
  [
    'a key that is not known',
    'transformations: [{type: field_name_prefix, prefix: p, prefx: q}]',
    /unknown key 'prefx' \(did you mean 'prefix'\?\)/,
  ],
  ['a mapping that is none', 'transformations: [{type: field_name_mapping, mapping: [A]}]', /'mapping' must be a mapping/],
  ['a new name with a modifier', "transformations: [{type: field_name_mapping, mapping: {A: 'B|contains'}}]", /not the name of a field/],
  [
    'a condition that is not known',
    'transformations: [{type: set_state, key: a, val: b, rule_conditions: [{type: logsourc}]}]',
    /did you mean 'logsource'\?/,
  ],
  [
    'an expression of conditions',
    'transformations: [{type: set_state, key: a, val: b, rule_cond_expr: x}]',
    /'rule_cond_expr' is not supported/,
  ],
  ['an operator that is none', 'transformations: [{type: set_state, key: a, val: b, rule_cond_op: xor}]', /must be and or or, not 'xor'/],
  ['a broken expression', "transformations: [{type: replace_string, regex: '(', replacement: x}]", /invalid regex/],
  ['a broken replacement', "transformations: [{type: replace_string, regex: a, replacement: '\\q'}]", /is not valid in a replacement/],
  ['a group that is none', "transformations: [{type: replace_string, regex: a, replacement: '\\1'}]", /no group '1'/],
  ['a group of no name', "transformations: [{type: replace_string, regex: a, replacement: '\\g<n>'}]", /no group 'n'/],
  ['a group before a digit', "transformations: [{type: replace_string, regex: (a), replacement: '\\g<1>0'}]", /followed by a digit/],
  ['finalizers', 'transformations: []\nfinalizers: [{type: concat}]', /'finalizers' is not supported/],
  ['postprocessing', 'transformations: []\npostprocessing: [{type: embed}]', /'postprocessing' is not supported/],
  ['a log source without names', 'transformations: [{type: change_logsource}]', /must say category, product or service/],
  ['an added condition that is broken', 'transformations: [{type: add_condition, conditions: {A: {B: c}}}]', /must be a text/],
  ['two lists of placeholders', 'transformations: [{type: value_placeholders, include: [a], exclude: [b]}]', /do not go together/],
  [
    'an attribute that is not kept',
    'transformations: [{type: set_state, key: a, val: b, rule_conditions: [{type: rule_attribute, attribute: date, value: x}]}]',
    /attribute 'date' is not supported/,
  ],
  ['what is no mapping', '[a, b]', /must be a mapping/],
  ['two documents', 'name: a\n---\nname: b', /one YAML document/],
  ['no YAML', 'name: [', /./],
]

describe('a pipeline for Sigma rules', () => {
  for (const [what, text, steps, hit, miss] of CASES) {
    it(what, () => {
      const compiled = only(load(text, steps))
      assert.equal(holds(compiled, hit), true)
      assert.equal(holds(compiled, miss), false)
    })
  }
  for (const [condition, expected] of RULE_CONDITIONS) {
    it(`is ${expected ? '' : 'not '}for a rule with ${condition}`, () => {
      const isMapped = (more: string): boolean =>
        only(load(RULE, `{type: field_name_mapping, mapping: {A: B}, rule_conditions: [${condition}]${more}}`)).compiledText.includes('(B)')
      assert.equal(isMapped(''), expected)
      assert.equal(isMapped(', rule_cond_not: true'), !expected)
    })
  }
  for (const [condition, search, expected] of ITEM_CONDITIONS) {
    it(`is ${expected ? '' : 'not '}for ${search} with ${condition}`, () => {
      const step = `{type: field_name_mapping, mapping: {A: B}, detection_item_conditions: [${condition}]}`
      assert.equal(/\bB\b/.test(only(load(one(search), step)).compiledText), expected)
    })
  }
  it('joins conditions with and, or with or where it says so', () => {
    const conditions = 'rule_conditions: [{type: logsource, product: linux}, {type: logsource, product: windows}]'
    const isMapped = (op: string): boolean =>
      holds(only(load(one('A: x'), `{type: field_name_mapping, mapping: {A: B}, ${conditions}${op}}`)), { B: 'x' })
    assert.equal(isMapped(''), false)
    assert.equal(isMapped(', rule_cond_op: or'), true)
  })
  it('changes the log source, and what answers it', () => {
    const windows = one('Image: x').replace('linux', 'windows')
    assert.deepEqual(only(load(windows)).unavailable, ['events of windows are not collected'])
    const moved = only(load(windows, '{type: change_logsource, product: linux, category: process_creation}'))
    assert.deepEqual([moved.unavailable, moved.source], [[], 'product linux, category process_creation'])
  })
  it('makes fields of other taxonomies to those of Sigma, and to ours by their own names', () => {
    const foreign = one('process.executable: /bin/x, container: y')
    assert.equal(only(load(foreign)).unavailable.length, 2)
    const step = '{type: field_name_mapping, mapping: {process.executable: Image, container: container.name}}'
    assert.deepEqual(only(load(foreign, step)).unavailable, [])
  })
  it('comes before others of a higher priority', () => {
    const pipelines = [
      { name: 'late.yml', text: 'priority: 20\ntransformations: [{type: field_name_mapping, mapping: {B: C}}]' },
      { name: 'early.yml', text: 'priority: 10\ntransformations: [{type: field_name_mapping, mapping: {A: B}}]' },
    ]
    const result = loadRules([{ name: 'r.yml', text: one('A: x') }], { language: 'sigma', pipelines })
    assert.equal(holds(only(result), { C: 'x' }), true)
  })
  it('gives placeholders the values of its variables, and leaves those of others to who has them', () => {
    const pipelines = [
      { name: 'p.yml', text: 'vars: {admins: [root, adm*], one: x}\ntransformations: [{type: value_placeholders, exclude: [other]}]' },
    ]
    const text = one("A|expand: '%admins%', B|expand: '%one%-%other%'")
    const loaded = (placeholders: Record<string, string[]>): CompiledRule =>
      only(loadRules([{ name: 'r.yml', text }], { language: 'sigma', pipelines, placeholders }))
    assert.deepEqual(loaded({}).unavailable.at(-1), 'placeholder %other% has no values')
    assert.equal(holds(loaded({ other: ['y'] }), { A: 'adm1', B: 'x-y' }), true)
    assert.equal(holds(loaded({ other: ['y'] }), { A: 'guest', B: 'x-y' }), false)
  })
  it('keeps rules from being evaluated, and says why', () => {
    const failure = '{type: rule_failure, message: no such log, rule_conditions: [{type: logsource, product: linux}]}'
    assert.deepEqual(only(load(one('Image: x'), failure)).unavailable, ['pipeline p0: no such log'])
    const item = '{type: detection_item_failure, message: no hashes, field_name_conditions: [{type: include_fields, fields: [Image]}]}'
    assert.deepEqual(only(load(one('Image: x'), item)).unavailable, ['pipeline p0: no hashes'])
    assert.deepEqual(only(load(one('User: x'), item)).unavailable, [])
    const nothing = only(load(one('Image: x'), '{type: drop_detection_item}'))
    assert.deepEqual([nothing.unavailable, holds(nothing, { Image: 'x' })], [['a pipeline left nothing of the condition'], false])
  })
  it('changes filters as it changes rules, and the fields that alerts show', () => {
    const filter = 'title: f\nlogsource: {product: linux, category: process_creation}\nfilter: {rules: any, f: {A: y}, condition: not f}\n'
    const text = `${rule('{s: {A|contains: x}, condition: s}', 'fields: [A, D]\n')}---\n${filter}`
    const compiled = only(load(text, '{type: field_name_mapping, mapping: {A: User, D: Image}}', '{type: add_field, field: LogonId}'))
    assert.equal(holds(compiled, { User: 'ax' }), true)
    assert.equal(compiled.outputText, 't: User=%User Image=%Image LogonId=%LogonId')
  })
  it('gives another version to the rules that it changes, and to no other', () => {
    const version = (steps: string[]): string => only(load(one('Image: x'), steps)).version
    assert.equal(version(['{type: field_name_mapping, mapping: {A: B}}']), only(load(one('Image: x'))).version)
    assert.notEqual(version(['{type: set_value, value: y}']), only(load(one('Image: x'))).version)
  })

  for (const [what, text, message] of REFUSED) {
    it(`is refused with ${what}, and no Sigma rule is evaluated`, () => {
      const { errors, ruleSet } = loadRules([{ name: 'r.yml', text: one('Image: x') }], { pipelines: [{ name: 'p.yml', text }] })
      assert.match(errors.map(({ message: said }) => said).join('\n'), message)
      assert.ok(errors.every(({ place }) => place.file === 'p.yml' && place.line >= 1))
      assert.deepEqual(ruleSet.activeRules, [])
      assert.deepEqual(
        ruleSet.waitingRules.map(({ unavailable }) => unavailable),
        [['a pipeline for Sigma rules has mistakes']],
      )
      assert.deepEqual(
        ruleSet.quarantined.map(({ name }) => name),
        ['p.yml'],
      )
    })
  }
  it('reports all mistakes with their positions at once', () => {
    const text = 'transformations:\n  - type: replace_strin\n  - type: field_name_prefix\n    prefx: x\n'
    const { errors } = loadRules([], { pipelines: [{ name: 'p.yml', text }] })
    assert.deepEqual(
      errors.map(({ message, place }) => `${String(place.line)}:${String(place.column)} ${message}`),
      [
        "2:11 unknown transformation 'replace_strin' (did you mean 'replace_string'?)",
        "3:5 transformation 'field_name_prefix': has no 'prefix'",
      ],
    )
  })
})

describe('a hostile pipeline', () => {
  const GROWING: readonly (readonly [what: string, text: string, steps: readonly string[]])[] = [
    ['fields', one('A: x'), Array.from({ length: 20 }, () => '{type: field_name_mapping, mapping: {A: [A, A, A]}}')],
    ['values', one('A: x'), Array.from({ length: 20 }, () => '{type: map_string, mapping: {x: [x, x, x]}}')],
    ['characters', one('A: xxxx'), Array.from({ length: 30 }, () => "{type: replace_string, regex: x, replacement: 'xxxx'}")],
    [
      'conditions',
      one('A: x'),
      Array.from(
        { length: 999 },
        () => `{type: add_condition, conditions: {${Array.from({ length: 20 }, (_, i) => `f${String(i)}: x`).join(', ')}}}`,
      ),
    ],
  ]
  for (const [what, text, steps] of GROWING) {
    it(`that makes ${what} without end is stopped, and the rule is refused`, () => {
      const { errors, ruleSet } = load(text, steps)
      assert.match(errors[0]?.message ?? '', /makes more than|value is longer/)
      assert.deepEqual(ruleSet.activeRules, [])
    })
  }
  it('with names of JavaScript finds nothing', () => {
    const step = '{type: field_name_mapping, mapping: {__proto__: B, constructor: C}}'
    assert.equal(holds(only(load(one('constructor: x'), step)), { C: 'x' }), true)
    assert.equal(holds(only(load(one('toString: x'), step)), { toString: 'x' }), true)
    const { errors } = load(one('A: x'), '{type: constructor}')
    assert.match(errors[0]?.message ?? '', /unknown transformation 'constructor'/)
  })
  it('of any text gives errors and never an exception', () => {
    const word = fc.constantFrom(
      'type',
      'mapping',
      'field_name_mapping',
      'rule_conditions',
      'logsource',
      '[',
      ']',
      '{',
      '}',
      ':',
      ',',
      'A',
      '\n',
      '- ',
      '%',
      '*',
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        loadRules([{ name: 'r.yml', text: one('A: x') }], { pipelines: [{ name: 'p.yml', text: `transformations: ${words.join(' ')}` }] })
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (regex, replacement, value) => {
        const step = `{type: replace_string, regex: ${JSON.stringify(regex)}, replacement: ${JSON.stringify(replacement)}}`
        load(one(`A|contains: ${JSON.stringify(value)}`), step)
      }),
    )
  })
})
