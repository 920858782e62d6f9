// The loader of Falco rule files: lists, macros, appends, overrides, exceptions, and what is said of mistakes and where.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadRules, type LoadResult } from '../../../../../processors/rule-engine/load/load-rules.js'

const RULE_TAIL = '  desc: d\n  output: o\n  priority: INFO\n'
const rule = (condition: string, name = 'r'): string => `- rule: ${name}\n  condition: ${condition}\n${RULE_TAIL}`
const load = (...texts: string[]): LoadResult => loadRules(texts.map((text, index) => ({ name: `f${String(index)}.yaml`, text })))

function compiled(result: LoadResult, name = 'r'): string {
  assert.deepEqual(result.errors, [])
  return result.ruleSet.rules.find((one) => one.name === name)?.compiledText ?? assert.fail(`no rule ${name}`)
}
const codes = (result: LoadResult): string[] => result.warnings.map((warning) => warning.code)
const errors = (result: LoadResult): string[] => result.errors.map((error) => `${error.code} ${error.item ?? '-'}: ${error.message}`)

describe('lists', () => {
  it('are put in as text, in load order, also from later files', () => {
    assert.equal(
      compiled(load(rule('evt.type=open and proc.name in (a, cats, z)'), '- list: cats\n  items: [cat, tac]\n')),
      '(evt.type = open and proc.name in (a, cat, tac, z))',
    )
  })
  it('are substituted wherever their name is between delimiters, even in quotes', () => {
    assert.equal(
      compiled(load('- list: x\n  items: [one]\n', rule('evt.type=open and proc.name="a x b"'))),
      '(evt.type = open and proc.name = "a one b")',
    )
  })
  it('take a neighbouring comma with them when they are empty', () => {
    const empty = '- list: e\n  items: []\n'
    assert.equal(compiled(load(empty, rule('evt.type=open and proc.name in (a, e, b)'))), '(evt.type = open and proc.name in (a, b))')
    assert.equal(compiled(load(empty, rule('evt.type=open and proc.name in (e, b)'))), '(evt.type = open and proc.name in (b))')
    assert.equal(compiled(load(empty, rule('evt.type=open and proc.name in (e)'))), '(evt.type = open and proc.name in ())')
  })
  it('include earlier lists one level deep; a later list is substituted only because its name is then in the condition', () => {
    const lists = '- list: a\n  items: [x]\n- list: b\n  items: [a, y]\n- list: c\n  items: [d, b]\n- list: d\n  items: [z]\n'
    const result = load(lists, rule('evt.type=open and proc.name in (c)'))
    assert.deepEqual(result.lists.find((list) => list.name === 'c')?.items, ['d', 'a', 'y'])
    assert.equal(compiled(result), '(evt.type = open and proc.name in (z, a, y))')
  })
  it('quote items with a blank', () => {
    assert.equal(
      compiled(load('- list: q\n  items: ["a b", c]\n', rule('evt.type=open and proc.name in (q)'))),
      '(evt.type = open and proc.name in ("a b", c))',
    )
  })
  it('are appended to by override and by append, the latter with a warning', () => {
    const result = load(
      '- list: l\n  items: [a]\n- list: l\n  items: [b]\n  override: {items: append}\n- list: l\n  items: [c]\n  append: true\n',
      rule('evt.type=open and proc.name in (l)'),
    )
    assert.equal(compiled(result), '(evt.type = open and proc.name in (a, b, c))')
    assert.deepEqual(codes(result), ['LOAD_DEPRECATED_ITEM'])
  })
})

describe('outputs', () => {
  it('with a deprecated field are warned of', () => {
    const [warning] = load(rule('evt.type=open').replace('output: o', 'output: "%evt.dir"')).warnings
    assert.equal(warning?.code, 'LOAD_DEPRECATED_ITEM')
    assert.ok(warning.message.startsWith("usage of deprecated field 'evt.dir' has been detected in the rule output"), warning.message)
  })
  it('with a token that is no field name it', () => {
    const [error] = errors(load(rule('evt.type=open').replace('output: o', 'output: "An open was seen %not_a_real_field"')))
    assert.ok(error?.startsWith('LOAD_ERR_COMPILE_OUTPUT r: invalid formatting token not_a_real_field'), error)
  })
  it('with such a token keep a rule out in silence where it asks for that', () => {
    const result = load(`${rule('evt.type=open').replace('output: o', 'output: "%not_a_real_field"')}  skip-if-unknown-filter: true\n`)
    assert.deepEqual([errors(result), codes(result), result.ruleSet.rules], [[], ['LOAD_UNKNOWN_FILTER'], []])
  })
  it('with another mistake are errors even then, whatever words the mistake quotes', () => {
    const result = load(`${rule("evt.rawres = 'nonexistent field'")}  skip-if-unknown-filter: true\n`)
    assert.deepEqual(codes(result), [])
    assert.deepEqual(errors(result), ['LOAD_ERR_COMPILE_CONDITION r: nonexistent field is not a valid number'])
  })
  it('are bounded, as the work to read them is', () => {
    const long = rule('evt.type=open').replace('output: o', `output: "${'%proc.name'.repeat(10_000)}"`)
    assert.deepEqual(errors(load(long)), ['LOAD_ERR_COMPILE_OUTPUT r: the output is longer than 65536 bytes'])
  })
})

describe('conditions of rules', () => {
  it('that hold for too many types of event are warned of, but not those that hold for none', () => {
    const warned = (condition: string): boolean => codes(load(rule(condition))).includes('LOAD_NO_EVTTYPE')
    assert.ok(warned('proc.name = cat'))
    assert.ok(warned('evt.num > 0'))
    for (const condition of ['evt.num = 0', 'evt.num < 1', 'evt.num <= 0', 'evt.type = open and evt.type = close'])
      assert.ok(!warned(condition), condition)
    const macros = '- macro: never_true\n  condition: (evt.num=0)\n- macro: known\n  condition: (never_true)\n'
    assert.deepEqual(codes(load(macros, rule('evt.type = open and not known'), rule('never_true', 'other'))), [])
  })

  // libs finds rules by their types of event, and reads these nowhere else than in plain checks.
  const TRANSFORMED = 'event code search does not support `evt.type` checks with transformers'
  const COMPARED = 'right-hand field comparisons on `evt.type`/`syscall.type` checks are not supported by event code search'
  const REFUSED: readonly (readonly [condition: string, message: string])[] = [
    ['tolower(evt.type) = open', TRANSFORMED],
    ['toupper(tolower(evt.type)) in (OPEN)', TRANSFORMED],
    ['not tolower(evt.type) exists', TRANSFORMED],
    ['concat(evt.type, "x") != openx', TRANSFORMED],
    ['tolower(syscall.type) = open', TRANSFORMED],
    ['evt.type = tolower(evt.type)', TRANSFORMED],
    ['evt.type = val(proc.name)', COMPARED],
  ]
  for (const [condition, message] of REFUSED) {
    it(`are refused: ${condition}`, () => assert.deepEqual(errors(load(rule(condition))), [`LOAD_ERR_COMPILE_CONDITION r: ${message}`]))
  }
  for (const condition of ['tolower(evt.type) startswith op', 'proc.name = val(evt.type)', 'evt.type exists', 'evt.type startswith open']) {
    it(`are not refused: ${condition}`, () => assert.deepEqual(errors(load(rule(condition))), []))
  }
})

describe('macros', () => {
  it('see the macros before them, and rules see all', () => {
    assert.equal(
      compiled(load('- macro: a\n  condition: proc.name=x\n- macro: b\n  condition: a or proc.name=y\n', rule('evt.type=open and b'))),
      '(evt.type = open and (proc.name = x or proc.name = y))',
    )
    const late = load('- macro: b\n  condition: a or proc.name=y\n- macro: a\n  condition: proc.name=x\n', rule('evt.type=open and b'))
    assert.deepEqual(errors(late), [
      "LOAD_ERR_VALIDATE b: Undefined macro 'a' used in filter. It is defined later: a macro sees only those before it",
    ])
  })
  it('that contain each other are reported with the cycle', () => {
    const text = '- macro: a\n  condition: proc.pid=1 or b\n- macro: b\n  condition: not c\n- macro: c\n  condition: a and proc.pid=2\n'
    assert.equal(
      errors(load(text, rule('evt.type=open and c')))[0],
      "LOAD_ERR_VALIDATE a: Undefined macro 'b' used in filter. The macros contain each other: 'a' -> 'b' -> 'c' -> 'a'",
    )
  })
  it('that are appended to see what came before the append', () => {
    const text =
      '- macro: b\n  condition: proc.name=y\n- macro: a\n  condition: proc.name=x\n- macro: b\n  condition: or a\n  append: true\n'
    assert.equal(compiled(load(text, rule('evt.type=open and b'))), '(evt.type = open and (proc.name = y or proc.name = x))')
  })
  it('that name only themselves are reported, and their rules do not vanish silently', () => {
    const result = load('- macro: m\n  condition: m\n', rule('m'))
    assert.deepEqual(result.ruleSet.quarantined, [{ kind: 'rule', name: 'r', error: result.errors[0] }])
    assert.deepEqual(errors(result), ["LOAD_ERR_VALIDATE m: Undefined macro 'm' used in filter. The macros contain each other: 'm' -> 'm'"])
  })
  it('that contain themselves are a loop', () => {
    const text = '- macro: m\n  condition: proc.name=x\n- macro: m\n  condition: m or proc.name=y\n'
    assert.ok(errors(load(text, rule('evt.type=open and m')))[0]?.includes("reference loop in macro 'm': 'm' -> 'm'"))
  })
  it('with names that no condition can write load with a warning', () => {
    assert.deepEqual(codes(load('- macro: a-b\n  condition: proc.name=x\n')), ['LOAD_INVALID_MACRO_NAME', 'LOAD_UNUSED_MACRO'])
  })
  it('that double again and again are refused, not built', () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `- macro: m${String(i + 1)}\n  condition: (m${String(i)} and m${String(i)})\n`,
    ).join('')
    const result = load(`- macro: m0\n  condition: proc.name=x\n${doubling}`, rule('evt.type=open and m60'))
    assert.ok(errors(result)[0]?.includes('terms with its macros expanded'))
  })
})

describe('appends and overrides', () => {
  const base = rule('evt.type=open and proc.name=a')
  it('join texts without parentheses of their own', () => {
    assert.equal(
      compiled(load(rule('evt.type=open or proc.name=a'), '- rule: r\n  condition: and proc.name=b\n  append: true\n')),
      '(evt.type = open or (proc.name = a and proc.name = b))',
    )
  })
  it('replace and append what they name', () => {
    const result = load(
      base,
      '- rule: r\n  condition: and proc.pname=b\n  priority: ERROR\n  tags: [x]\n  output: more\n  override: {condition: append, priority: replace, tags: append, output: append}\n',
    )
    const [changed] = result.ruleSet.rules
    assert.equal(changed?.compiledText, '(evt.type = open and proc.name = a and proc.pname = b)')
    assert.equal(changed.priority, 'error')
    assert.deepEqual(changed.tags, ['x'])
    assert.equal(changed.outputText, 'o more')
  })
  it('keep the position of the rule that they change', () => {
    const result = load(base, rule('evt.type=execve', 'second'), rule('evt.type=creat'))
    assert.deepEqual(
      result.ruleSet.rules.map((one) => one.name),
      ['r', 'second'],
    )
    assert.equal(compiled(result), 'evt.type = creat')
  })
  const REFUSED: readonly (readonly [text: string, message: string])[] = [
    [
      '- rule: r\n  condition: x\n  append: true\n  override: {condition: append}\n',
      "Keys 'override' and 'append: true' cannot be used together",
    ],
    ['- rule: r\n  condition: and proc.name=b\n  desc: d\n  override: {condition: append}\n', "Unexpected key 'desc'"],
    ['- rule: r\n  override: {condition: append}\n', "'condition' is not defined"],
    ['- rule: r\n  priority: INFO\n  override: {priority: append}\n', "Key 'priority' cannot be appended to"],
    ['- rule: r\n  source: syscall\n  override: {source: replace}\n', "Key 'source' cannot be replaced"],
    ['- rule: r\n  desc: d\n  override: {desc: merge}\n', "Invalid override operation for key 'desc': 'merge'"],
    ['- rule: other\n  condition: and x\n  append: true\n', 'no rule by that name already exists'],
    ['- rule: other\n  enabled: false\n', 'no rule by that name already exists'],
    [`- rule: r\n  source: k8s\n  condition: x\n${RULE_TAIL}`, 'Rule has been re-defined with a different source'],
    ['- macro: m\n  condition: or x\n  append: true\n', 'no macro by that name already exists'],
    ['- list: l\n  items: [x]\n  append: true\n', 'no list by that name already exists'],
  ]
  for (const [text, message] of REFUSED) {
    it(`are refused: ${message}`, () =>
      assert.ok(
        errors(load(base, text)).some((error) => error.includes(message)),
        errors(load(base, text)).join('\n'),
      ))
  }
  describe('of a rule of one source by an item of another are refused', () => {
    const ofSource = (source: string): string => `- rule: r\n  source: ${source}\n  condition: evt.type=open\n${RULE_TAIL}`
    const UPDATES = [
      ['append', '  condition: and proc.name=a\n  append: true\n'],
      ['override by append', '  condition: and proc.name=a\n  override: {condition: append}\n'],
      ['override by replace', '  condition: proc.name=a\n  override: {condition: replace}\n'],
      ['switch', '  enabled: false\n'],
    ] as const
    for (const [way, update] of UPDATES) {
      for (const [source, other] of [
        ['k8s_audit', 'syscall'],
        ['syscall', 'k8s_audit'],
      ] as const) {
        it(`${way}: ${other} of ${source}`, () =>
          assert.deepEqual(errors(load(ofSource(source), `- rule: r\n  source: ${other}\n${update}`)), [
            'LOAD_ERR_VALIDATE r: Rule has been re-defined with a different source',
          ]))
      }
      it(`${way}: but not where the item names the same source, an empty one, or none`, () => {
        for (const line of ['  source: syscall\n', '  source:\n', '  source: ""\n', ''])
          assert.deepEqual(errors(load(ofSource('syscall'), `- rule: r\n${line}${update}`)), [], line)
        assert.deepEqual(errors(load(ofSource('k8s_audit'), `- rule: r\n${update}`)), [])
      })
    }
  })
  it('switch a rule off', () => {
    const result = load(base, '- rule: r\n  enabled: false\n')
    assert.equal(result.ruleSet.rules[0]?.isEnabled, false)
    assert.deepEqual(codes(result), ['LOAD_DEPRECATED_ITEM'])
  })
})

describe('exceptions', () => {
  const withExceptions = (text: string): string =>
    `- rule: r\n  condition: evt.type=open or proc.name=a\n${RULE_TAIL}  exceptions:\n${text}`
  it('of tuples are joined by and, of several tuples by or', () => {
    const text =
      '    - name: e\n      fields: [proc.name, fd.name]\n      comps: [=, startswith]\n      values:\n        - [x, /tmp]\n        - [y z, /var]\n'
    assert.equal(
      compiled(load(withExceptions(text))),
      '((evt.type = open or proc.name = a) and not ((proc.name = x and fd.name startswith /tmp) or (proc.name = "y z" and fd.name startswith /var)))',
    )
  })
  it('of one field are a list', () => {
    assert.equal(
      compiled(load(withExceptions('    - name: e\n      fields: proc.name\n      values: [x, y z]\n'))),
      '((evt.type = open or proc.name = a) and not proc.name in (x, "y z"))',
    )
  })
  it('with list operators get parentheses, with modifiers too', () => {
    const text =
      '    - name: e\n      fields: [proc.name, fd.name]\n      comps: [in, startswith anyof]\n      values:\n        - [[a, b], [/x, /y]]\n        - [c, [/z]]\n'
    assert.equal(
      compiled(load(withExceptions(text))),
      '((evt.type = open or proc.name = a) and not ((proc.name in (a, b) and fd.name startswith anyof (/x, /y)) or (proc.name in (c) and fd.name startswith anyof (/z))))',
    )
  })
  it('without values change nothing until values are appended by name', () => {
    const slot = withExceptions('    - name: e\n      fields: [proc.name]\n')
    assert.equal(compiled(load(slot)), '(evt.type = open or proc.name = a)')
    const appended = load(slot, '- rule: r\n  exceptions:\n    - name: e\n      values: [[x]]\n  override: {exceptions: append}\n')
    assert.equal(compiled(appended), '((evt.type = open or proc.name = a) and not proc.name = x)')
  })
  const REFUSED: readonly (readonly [text: string, message: string])[] = [
    ['    - name: e\n', "LOAD_ERR_YAML_VALIDATE e: Item has no mapping for key 'fields'"],
    ['    - fields: [proc.name]\n', "Item has no mapping for key 'name'"],
    ['    - name: e\n      fields: [proc.nope]\n', "'proc.nope' is not a supported filter field"],
    ['    - name: e\n      fields: [proc.name]\n      comps: [like]\n', "'like' is not a supported comparison operator"],
    ['    - name: e\n      fields: [proc.name]\n      comps: [=, =]\n', 'Fields and comps lists must have equal length'],
    ['    - name: e\n      fields: proc.name\n      comps: startswith\n', 'comps must be one of (in, pmatch, intersects)'],
    ['    - name: e\n      fields: [proc.name]\n      values: [[x, y]]\n', 'Fields and values lists must have equal length'],
    ['    - name: e\n      fields: proc.name\n      values: [[x]]\n', 'Expected values array to contain a list of strings'],
  ]
  for (const [text, message] of REFUSED) {
    it(`are refused: ${message}`, () =>
      assert.ok(
        errors(load(withExceptions(text))).some((error) => error.includes(message)),
        errors(load(withExceptions(text))).join(),
      ))
  }
})

describe('files', () => {
  const CASES: readonly (readonly [text: string, message: string])[] = [
    ['This is not yaml', 'LOAD_ERR_YAML_VALIDATE -: Rules content is not yaml'],
    ['a: b', 'LOAD_ERR_YAML_VALIDATE -: Rules content is not yaml array of objects'],
    ['- just text', 'Unexpected element type'],
    ['- rule: [', 'LOAD_ERR_YAML_PARSE'],
    ['- rule: x\n  condition: evt.type=open\n  output: o\n  priority: INFO\n', "Item has no mapping for key 'desc'"],
    ['- rule: x\n  condition:\n  desc: d\n  output: o\n  priority: INFO\n', "Mapping for key 'condition' is empty"],
    [`- rule: x\n  condition: evt.type=open\n  desc: d\n  output: o\n  priority: LOUD\n`, "Invalid priority 'LOUD'"],
    ['- required_engine_version: 99.0.0\n', 'Rules require engine version 99.0.0'],
    ['- required_engine_version: 1000\n', 'Rules require engine version 0.1000.0'],
    ['- required_engine_version: soon\n', "Unable to parse engine version 'soon'"],
    ['- list: l\n  items: x\n', 'Value is not a sequence'],
    ['- list: l\n  items: [a, null]\n', 'sequence value is not scalar'],
    [
      rule('evt.type=open').replace('output: o', 'output: "%proc.nmae"'),
      "LOAD_ERR_COMPILE_OUTPUT r: invalid formatting token proc.nmae: filter_check called with nonexistent field proc.nmae (did you mean 'proc.name'?)",
    ],
    [rule('evt.type=open').replace('output: o', 'output: "%fd.ip"'), 'fd.ip is filter only'],
    [rule('evt.type=open').replace('output: o', 'output: "100%"'), 'formatting cannot end with a %'],
  ]
  for (const [text, message] of CASES) {
    it(`are refused: ${message}`, () =>
      assert.ok(
        errors(load(text)).some((error) => error.includes(message)),
        errors(load(text)).join(),
      ))
  }
  it('do not suggest a name that already exists', () => {
    assert.deepEqual(errors(load(rule('evt.type=open').replace('output: o', 'output: "%fd.ip"'))), [
      'LOAD_ERR_COMPILE_OUTPUT r: invalid formatting token fd.ip: fd.ip is filter only and cannot be used as a display field',
    ])
  })
  it('may be empty, hold several documents, and ask for an engine that we are like', () => {
    assert.deepEqual(
      errors(
        load(
          '',
          '---\n---\n- required_engine_version: 0.57.0\n- required_plugin_versions:\n    - name: container\n      version: 0.4.0\n---\n- list: l\n  items: []\n',
        ),
      ),
      [],
    )
  })
  it('with a rule of an unknown source load without it', () => {
    const result = load(`- rule: k\n  source: k8s_audit\n  condition: ka.verb=get\n${RULE_TAIL}`)
    assert.deepEqual(codes(result), ['LOAD_UNKNOWN_SOURCE'])
    assert.deepEqual(result.ruleSet.rules, [])
  })
  it('with unknown keys load with a warning that names the nearest', () => {
    const [warning] = load(rule('evt.type=open').replace('desc: d', 'desc: d\n  prioritty: x')).warnings
    assert.equal(warning?.code, 'LOAD_UNKNOWN_KEY')
    assert.ok(warning.message.includes("did you mean 'priority'?"))
  })
  it('whose aliases would grow without bound are refused or read in bounded work', () => {
    const bomb =
      '- &a [x,x,x,x,x,x,x,x,x,x]\n' +
      Array.from(
        { length: 12 },
        (_, i) =>
          `- &b${String(i)} [${Array(10)
            .fill(i === 0 ? '*a' : `*b${String(i - 1)}`)
            .join(',')}]\n`,
      ).join('')
    assert.ok(errors(load(bomb)).some((error) => error.includes('nodes')))
  })
})

describe('hostile files', () => {
  const whole = `- list: l\n  items: [a, "b c"]\n- macro: m\n  condition: proc.name in (l)\n${rule('evt.type=open and m')}  exceptions:\n    - name: e\n      fields: [proc.name]\n      values: [[x]]\n`

  it('that are nested without end, or hold themselves, are refused or read', () => {
    assert.deepEqual(errors(load('['.repeat(60_000))).length, 1)
    assert.deepEqual(errors(load(`- ${'{a: '.repeat(30_000)}`)).length, 1)
    assert.ok(errors(load('- &a [*a]\n')).length > 0)
  })
  it('with hundreds of thousands of aliases are read in bounded time', () => {
    const items = Array(100_000).fill('*x').join(',')
    assert.deepEqual(errors(load(`- list: first\n  items: [&x cat]\n- list: l\n  items: [${items}]\n`)), [])
  })
  it('that are whole but for some bytes never end the process', () => {
    const bytes = fc.constantFrom(
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ':',
      '-',
      '\n',
      ' ',
      '&a',
      '*a',
      '|',
      '>',
      '%',
      '#',
      '\t',
      '\u0000',
      'é',
      '!!map',
      '? ',
    )
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(8), bytes, (at, cut, put) => {
        const result = load(whole.slice(0, at) + put + whole.slice(at + cut))
        assert.ok(result.ruleSet.quarantined.length === 0 || result.errors.length > 0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a mistake', () => {
  const place = (result: LoadResult): string =>
    result.errors.map(({ place: { file, line, column } }) => `${file}:${String(line)}:${String(column)}`).join(' ')
  const folded =
    '- rule: r\n  desc: d\n  condition: >\n    evt.type = open\n    and proc.nmae = x\n    and m\n  output: o\n  priority: INFO\n'

  it('in a folded condition is shown at its position', () => {
    assert.equal(place(load(folded.replace('and m', 'and proc.pid = 1'))), 'f0.yaml:5:9')
  })
  it('of a macro name is shown at its position', () => {
    assert.equal(place(load(folded.replace('nmae', 'name'))), 'f0.yaml:6:9')
  })
  it('of the grammar is shown at its position', () => {
    assert.equal(
      place(load('- rule: r\n  desc: d\n  condition: evt.type = open and proc.name in (a,\n  output: o\n  priority: INFO\n')),
      'f0.yaml:3:50',
    )
  })
  it('in a quoted condition is shown at its position', () => {
    assert.equal(
      place(load(`- rule: r\n  desc: d\n  condition: "evt.type = open and proc.nmae = x"\n  output: o\n  priority: INFO\n`)),
      'f0.yaml:3:35',
    )
  })
  it('in a macro is reported once, in the file of the macro, however many rules use it', () => {
    const result = load('- macro: m\n  condition: proc.nmae = x\n', rule('evt.type=open and m'), rule('evt.type=creat and m', 'other'))
    assert.equal(place(result), 'f0.yaml:2:14')
  })
  it('is reported with all others', () => {
    const result = load(rule('evt.type=opne', 'a'), rule('proc.nmae=x', 'b'), '- list: l\n', rule('undefined_macro', 'c'))
    assert.equal(result.errors.length, 4)
    assert.deepEqual(result.ruleSet.rules, [])
  })
  it('in one property of a rule does not hide those in the others', () => {
    const text = '- rule: r\n  condition: evt.type=opne and proc.nmae=x\n  output: "%proc.nmae"\n  priority: LOUD\n  enabled: perhaps\n'
    assert.equal(load(text).errors.length, 6)
  })
  it('in a list or macro is not reported again for every rule that names it', () => {
    assert.equal(load('- macro: m\n  condition: "("\n', rule('evt.type=open and m')).errors.length, 1)
  })
})
