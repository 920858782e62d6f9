// Loading of Sigma files: reported mistakes, log sources, mixed folders, and malicious files.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadRules, type LoadResult } from '../../../../../processors/rule-engine/load/load-rules.js'
import type { CompiledRule } from '../../../../../processors/rule-engine/rule-set/compiled-rule.js'

const load = (...texts: string[]): LoadResult => loadRules(texts.map((text, index) => ({ name: `${String(index)}.yml`, text })))
const rule = (detection: string, source = 'product: linux, category: process_creation', more = ''): string =>
  `title: t\n${more}logsource: {${source}}\ndetection: ${detection}\n`
const OK = '{s: {Image: x}, condition: s}'

function only(result: LoadResult): CompiledRule {
  const [first] = result.ruleSet.rules
  assert.ok(first !== undefined, result.errors.map(({ message }) => message).join('\n'))
  return first
}

/** `LINE:COLUMN MESSAGE` of each error. */
const errors = (result: LoadResult): string[] =>
  result.errors.map(({ message, place }) => `${String(place.line)}:${String(place.column)} ${message}`)

describe('Sigma rules', () => {
  it('carry what their files say of them', () => {
    const more = 'id: 1-2\nauthor: A, B\nlevel: high\nreferences: [https://r]\ntags: [attack.t1059, attack.t1059]\ndescription: d\n'
    const { id, name, language, author, references, tags, level, priority, desc, source, conditionText, compiledText } = only(
      load(rule('{s: {Image|endswith: [/nc, /ncat]}, f: {User: root}, condition: s and not f}', undefined, more)),
    )
    assert.deepEqual([id, name, language, author, level, priority, desc], ['1-2', 't', 'sigma', 'A, B', 'high', 'error', 'd'])
    assert.deepEqual([references, tags], [['https://r'], ['attack.t1059']])
    assert.equal(source, 'product linux, category process_creation')
    assert.equal(conditionText, 's and not f')
    assert.equal(compiledText, '(casefold(Image) endswith anyof (/nc, /ncat) and not casefold(User) = root)')
  })
  it('report the position of a mistake and the likely intention', () => {
    const text = `title: t
logsource:
  category: process_creation
detection:
  selection:
    Image|endwith: /nc
    CommandLine|re: 'a(b'
  other:
    A|cidr: 10.0.0.0/99
  condition: selection and not fitler
`
    assert.deepEqual(errors(load(text)), [
      "6:5 Image|endwith: unknown modifier 'endwith' (did you mean 'endswith'?)",
      "9:13 '10.0.0.0/99' is not a network: expected one like 10.0.0.0/8 or fe80::/10",
    ])
    const condition = text.replace('endwith', 'endswith').replace('/99', '/9').replace("'a(b'", 'ab').replace('other', 'filter')
    assert.deepEqual(errors(load(condition)), ["10:32 search 'fitler' is not defined (did you mean 'filter'?)"])
    const pattern = text.replace('endwith', 'endswith').replace('/99', '/9')
    assert.match(errors(load(pattern))[0] ?? '', /^7:21 invalid regex pattern: /)
  })

  const REFUSED: readonly (readonly [text: string, message: RegExp])[] = [
    [`logsource: {product: linux}\ndetection: ${OK}`, /no 'title'/],
    [`title: t\ndetection: ${OK}`, /no 'logsource'/],
    ['title: t\nlogsource: {product: linux}', /no 'detection'/],
    [rule('{s: {A: x}}'), /no 'condition'/],
    [rule('{condition: s}'), /no search/],
    [rule(OK, 'definition: x'), /category, product or service/],
    [rule(OK, undefined, 'level: hihg\n'), /unknown level 'hihg' \(did you mean 'high'\?\)/],
    [rule(OK, undefined, 'status: tset\n'), /unknown status 'tset' \(did you mean 'test'\?\)/],
    [rule(OK, undefined, 'action: global\n'), /'action'/],
    [rule('{s: {}, condition: s}'), /'s' is empty/],
    [rule('{s: {A: []}, condition: s}'), /at least one value/],
    [rule('{s: {A|contains: x, B: y, A|contains: z}, condition: s}'), /'A\|contains' occurs twice/],
    [rule('{s: {A: x}, s: {A: y}, condition: s}'), /'s' occurs twice/],
    [`title: u\n${rule(OK)}`, /'title' occurs twice/],
    [rule('{s: {A: {B: c}}, condition: s}'), /must be a text/],
    [rule('{s: {A|lt: many}, condition: s}'), /not a number/],
    [rule('{s: {A|exists: maybe}, condition: s}'), /true or false/],
    [rule("{s: {A|base64: 'a*'}, condition: s}"), /wildcards/],
    [rule('{s: {A|contains|startswith: a}, condition: s}'), /do not go together/],
    [rule('{s: {A|re|cidr: a}, condition: s}'), /do not go together/],
    [rule('{s: {A|i: a}, condition: s}'), /needs 're'/],
    [rule('{s: {A|re|base64: a}, condition: s}'), /does not go with/],
    [rule("{s: {A|re: 'a)|(b'}, condition: s}"), /invalid regex/],
    [rule('{s: {A|contains|re: a}, condition: s}'), /'re' .* put it before 'contains'/],
    [rule('{s: {A|endswith|fieldref: B}, condition: s}'), /'fieldref' .* put it before 'endswith'/],
    [rule('{s: {A|contains|base64offset: a}, condition: s}'), /'base64offset' can't encode .* put it before 'contains'/],
    [rule('{s: {A|i|re: a}, condition: s}'), /'i' is one of regular expressions: it needs 're' before it/],
    [rule('{s: {A|re|cased: a}, condition: s}'), /'cased' is one of texts/],
    [rule('{s: {A|cidr|contains: 10.0.0.0/8}, condition: s}'), /'contains' is one of texts/],
    [rule("{s: {A|cidr: '10.*'}, condition: s}"), /not a network/],
    [rule('{s: {A|lt|gt: 5}, condition: s}'), /do not go together/],
    [rule('{s: {A|hour|day: 5}, condition: s}'), /do not go together/],
    [rule('{s: {A|hour: noon}, condition: s}'), /not a number/],
    [rule('{s: {A|contains|exists: true}, condition: s}'), /does not go with/],
    [rule("{s: {'|exists': true}, condition: s}"), /needs a field, and none is named/],
    [rule("{s: {'|all': [a, null]}, condition: s}"), /field is absent, and none is named/],
    [rule('{s: [a, null], condition: s}'), /'s' is empty|none is named/],
    [rule('{s: {A|contains: [x, null]}, condition: s}'), /goes with no modifiers but all, cased and neq/],
    [rule("{s: {A|fieldref: 'B*'}, condition: s}"), /not the name of a field/],
    [rule(`{s: {A${'|all'.repeat(17)}: a}, condition: s}`), /more than 16 modifiers/],
    [rule('{s: {A|utf16lee: a}, condition: s}'), /unknown modifier 'utf16lee' \(did you mean 'utf16le'\?\)/],
    [rule('{s: {A: x}, condition: s | near t}'), /correlation/],
    [rule('{s: {A: x}, condition: s | count() > 5}'), /correlation/],
    [rule('{s: {A: x}, condition: s and}'), /the end/],
    [rule('{s: {A: x}, condition: s s}'), /expected 'and'/],
    [rule('{s: {A: x}, condition: (s}'), /closing/],
    [rule('{s: {A: x}, condition: 0 of s}'), /asks for nothing/],
    [rule('{s: {A: x}, condition: 1 of}'), /after 'of'/],
  ]
  for (const [text, message] of REFUSED) {
    it(`are refused with ${String(message)}`, () => {
      const { ruleSet, errors: found } = load(text)
      assert.deepEqual(ruleSet.rules, [])
      assert.match(found.map((error) => error.message).join('\n'), message)
    })
  }

  it('wait, and say for what, when no record answers their log source or holds a field', () => {
    const reason = (source: string, detection = OK): string => only(load(rule(detection, source))).unavailable.join('; ')
    assert.equal(reason('category: process_creation'), '')
    assert.equal(reason('product: windows, category: process_creation'), 'events of windows are not collected')
    const audit = (search: string): string => reason('product: linux, service: auditd', `{s: {${search}}, condition: s}`)
    assert.equal(audit('type: EXECVE, a0: x'), '')
    assert.equal(audit('type: SERVICE_STOP'), 'no event has an audit record of type SERVICE_STOP')
    assert.equal(audit('type: SYSCALL, SYSCALL: getpid'), 'the system call getpid is not collected')
    assert.match(audit('type: SYSCALL, key: x'), /^key: the rules of auditd on a host set it/)
    assert.equal(audit('type: EXECVE, nametype: CREATE'), 'none of the records that an event is shown as can be like this')
    assert.equal(reason('product: linux, service: sshd'), 'the log of sshd is not read')
    assert.equal(reason('product: linux, category: network_connection'), '')
    assert.equal(reason('product: linux, category: file_change'), 'changes of the times of files are not collected')
    assert.equal(reason('product: linux, category: constructor'), 'events of category constructor are not collected')
    assert.equal(reason('product: linux'), 'logs of any service are not read')
    assert.equal(reason('category: process_creation', '{s: {Company: x}, condition: s}'), 'Company: no record has it')
    assert.equal(reason('category: process_creation', '{s: [word], condition: s}'), '')
    assert.match(reason('product: linux, service: sshd', '{s: [word], condition: s}'), /sshd is not read/)
    const placeholder = reason('category: process_creation', "{s: {Image|expand: '%x%'}, condition: s}")
    assert.equal(placeholder, 'placeholder %x% has no values')
    for (const [pattern, part] of [
      ['a(?!b)', 'look-around'],
      ['(a)\\1', 'back references'],
      ['a++', 'possessive quantifiers or atomic groups'],
    ] as const) {
      const said = `the regular expression of 'Image' (line 3) needs ${part}, which is not supported`
      assert.equal(reason('category: process_creation', `{s: {Image|re: '${pattern}'}, condition: s}`), said)
    }
  })
  it('say of a pattern that names nothing that it never holds', () => {
    const { warnings } = load(rule('{s: {Image: x}, condition: s and not 1 of filter_*}'))
    assert.deepEqual(
      warnings.map(({ code, message }) => [code, message]),
      [['LOAD_EMPTY_PATTERN', "'filter_*' names no search: it never holds"]],
    )
  })
  it('of the same id are a mistake that names both places', () => {
    assert.match(load(rule(OK, undefined, 'id: a\n'), rule(OK, undefined, 'id: a\n')).errors[0]?.message ?? '', /id a is also .* 0\.yml:1/)
  })
  it('load with Falco rules, several documents in a file, in one set', () => {
    const falco = '- rule: f\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: info\n'
    const { ruleSet } = load(`${rule(OK)}---\n${rule(OK).replace('title: t', 'title: u')}`, falco)
    assert.deepEqual(
      ruleSet.rules.map(({ name, language }) => [name, language]),
      [
        ['f', 'falco'],
        ['t', 'sigma'],
        ['u', 'sigma'],
      ],
    )
    assert.match(load('some: map\n').errors[0]?.message ?? '', /not yaml array/)
  })
})

describe('hostile Sigma files', () => {
  const HOSTILE: readonly (readonly [what: string, text: string])[] = [
    ['nested parentheses', rule(`{s: {A: x}, condition: '${'('.repeat(5000)}s${')'.repeat(5000)}'}`)],
    ['nested negations', rule(`{s: {A: x}, condition: '${'not '.repeat(5000)}s'}`)],
    ['nested lists', rule(`{s: ${'['.repeat(50)}a${']'.repeat(50)}, condition: s}`)],
    ['a search that is repeated', rule(`{s: {A: [${'x,'.repeat(9999)}x]}, condition: '${'s or '.repeat(10)}s'}`)],
    ['choices without end', rule(`{${Array.from({ length: 40 }, (_, i) => `s${String(i)}: {A: x}`).join(', ')}, condition: 20 of s*}`)],
    ['a condition without end', rule(`{s: {A: x}, condition: '${'s or '.repeat(20_000)}s'}`)],
    ['a pattern without end', rule(`{s: {A|re: '${'a'.repeat(20_000)}'}, condition: s}`)],
    ['a pattern that is large when compiled', rule("{s: {A|re: '((a{1000}){1000}){1000}'}, condition: s}")],
    ['an author without end', rule(OK, undefined, `author: ${'x'.repeat(40_000)}\n`)],
    ['references without end', rule(OK, undefined, `references: [${'x,'.repeat(20_000)}x]\n`)],
    ['a title without end', rule(OK).replace('title: t', `title: ${'t'.repeat(40_000)}`)],
    ['a value without end', rule(`{s: {A: ${'x'.repeat(70_000)}}, condition: s}`)],
    ['encodings that grow without end', rule(`{s: {A${'|base64'.repeat(16)}: ${'x'.repeat(60_000)}}, condition: s}`)],
    ['offsets that grow without end', rule(`{s: {A${'|base64offset'.repeat(12)}: ${'x'.repeat(100)}}, condition: s}`)],
    ['many values with many dashes', rule(`{s: {A|windash|base64: [${"'-a -b -c -d', ".repeat(100)}x]}, condition: s}`)],
    ['dashes without end', rule(`{s: {A|windash|base64: '${'-a '.repeat(50)}'}, condition: s}`)],
  ]
  for (const [what, text] of HOSTILE) {
    it(`with ${what} are refused with a plain sentence`, () => {
      const { ruleSet, errors: found } = load(text)
      assert.deepEqual(ruleSet.rules, [])
      assert.ok(found.length === 1 && (found[0]?.message.length ?? 999) < 300, JSON.stringify(found).slice(0, 500))
    })
  }
  it('with names of JavaScript are no more than names', () => {
    const odd = '{__proto__: {constructor: x}, toString: {__proto__|contains: y}, condition: 1 of them or toString}'
    assert.deepEqual(load(rule(odd)).errors, [])
    assert.deepEqual(only(load(rule('{toString: {constructor: x}, condition: toString}'))).unavailable, ['constructor: no record has it'])
  })
  it('of any text give errors and never an exception', () => {
    const word = fc.constantFrom('and', 'or', 'not', '1', 'all', 'of', 'them', '(', ')', 's', 's*', '|', '\\', '')
    fc.assert(
      fc.property(fc.array(word), fc.string(), (words, value) => {
        load(rule(`{s: {A: ${JSON.stringify(value)}}, condition: ${JSON.stringify(words.join(' '))}}`))
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void loadRules([{ name: 'x', text }], { language: 'sigma' })))
  })
})
