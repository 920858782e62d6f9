// What Sigma rules match: modifiers, kinds of values and conditions, each with events that must and must not match.
import assert from 'node:assert/strict'
import { FieldMapSource, type FieldMap } from '../../../../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../../../../processors/rule-engine/evaluate/prepare.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { LoadOptions } from '../../../../../../processors/rule-engine/rule-set/load-options.js'

/** Whether a rule with this detection (YAML in flow style) matches the event. */
function matches(detection: string, event: FieldMap, options: LoadOptions = {}): boolean | null {
  const text = `title: t\nlogsource: {product: linux, category: process_creation}\ndetection: ${detection}\n`
  const { ruleSet, errors } = loadRules([{ name: 'r.yml', text }], { language: 'sigma', ...options })
  const [rule] = ruleSet.rules
  assert.ok(rule !== undefined, errors.map(({ message }) => message).join('\n'))
  return prepareExpression(rule.condition)(new FieldMapSource(event))
}
const one = (field: string): string => `{s: {${field}}, condition: s}`
const wide = (text: string): string => Buffer.from(text, 'utf16le').toString('base64')

describe('a Sigma detection', () => {
  const FIELDS: readonly (readonly [field: string, hit: FieldMap, miss: FieldMap])[] = [
    ["A: 'C:\\Windows\\x'", { A: 'c:\\WINDOWS\\X' }, { A: 'c:\\windows\\x\\' }],
    ['A: ÄÖ', { A: 'äö' }, { A: 'ao' }],
    ['A|cased: Ab', { A: 'Ab' }, { A: 'ab' }],
    ["A: 'a?c'", { A: 'aÄC' }, { A: 'ac' }],
    ["A: 'a*[c'", { A: 'a\nx[C' }, { A: 'axc' }],
    ["A: '*'", { A: '' }, { B: 'x' }],
    ["A: 'x*'", { A: 'X' }, { A: 'ax' }],
    ["A|cased: 'a*C?'", { A: 'abCd' }, { A: 'abcd' }],
    ["A: ''", { A: '' }, { A: 'x' }],
    ['A: null', { A: null }, { A: '' }],
    ['A: null', {}, { A: 'x' }],
    ["A: [null, '']", { A: '' }, { A: 'x' }],
    ['A: 4688', { A: 4688 }, { A: 4689 }],
    ["A: 'true'", { A: true }, { A: false }],
    ['A: true', { A: 'True' }, { A: 1 }],
    ['A: 0x1F', { A: 31 }, { A: 32 }],
    ['A: 0x1F', { A: '0x1f' }, { A: '1f' }],
    ["A: '0x1F'", { A: '0x1f' }, { A: 31 }],
    ['A: 1.0', { A: 1 }, { A: 10 }],
    ['A: 1.5', { A: 1.5 }, { A: 15 }],
    ['A: -7', { A: -7 }, { A: 7 }],
    ['A: [007, x]', { A: 7 }, { A: '0070' }],
    ['A: [x, y]', { A: 'Y' }, { A: 'z' }],
    ['A: [x, y]', { A: ['q', 'y'] }, { A: ['q'] }],
    ['A|contains: b', { A: 'aBc' }, { A: 'ac' }],
    ['A|contains|all: [a, b]', { A: 'b-A' }, { A: 'a' }],
    ['A|startswith: [a, b]', { A: 'Bx' }, { A: 'xb' }],
    ['A|endswith: /nc', { A: '/bin/NC' }, { A: '/bin/nca' }],
    ["A|contains: 'a?c'", { A: 'xabcx' }, { A: 'xacx' }],
    ['A|neq: x', { A: 'y' }, { A: 'X' }],
    ['A|re: b+c', { A: 'abbcd' }, { A: 'abBd' }],
    ['A|re|i: ^b+C$', { A: 'bBc' }, { A: 'abc' }],
    ['A|re: a.c', { A: 'abc' }, { A: 'a\nc' }],
    ['A|re|s: a.c', { A: 'a\nc' }, { A: 'ac' }],
    ['A|re|m: ^b$', { A: 'a\nb\nc' }, { A: 'a\nbc' }],
    ['A|re: ^b$', { A: 'b' }, { A: 'a\nb\nc' }],
    ['A|re: a|b', { A: 'xbx' }, { A: 'x' }],
    ['A|cidr: 10.0.0.0/8', { A: '10.1.2.3' }, { A: '11.1.2.3' }],
    ["A|cidr: ['fe80::/10', 127.0.0.1]", { A: '127.0.0.1' }, { A: 'none' }],
    ['A|exists: true', { A: '' }, {}],
    ['A|exists: false', {}, { A: 'x' }],
    ['A|lt: 10', { A: '9' }, { A: 10 }],
    ['A|lte: 10', { A: 10 }, { A: 11 }],
    ['A|gt: 1.5', { A: 2 }, { A: 'two' }],
    ['A|gte: 2', { A: 2 }, { A: 1 }],
    ['A|gt: 2', { A: 1e21 }, { A: 1e-7 }],
    ['A|lt: 1e3', { A: '9.5e2' }, { A: '1e4' }],
    ['A|fieldref: B', { A: 'x', B: 'X' }, { A: 'x', B: 'y' }],
    ['A|fieldref|endswith: B', { A: '/bin/x', B: 'X' }, { A: '/bin/x' }],
    ['A|fieldref|neq: B', { A: 'x', B: 'y' }, { A: 'x', B: 'x' }],
    ['A|base64: foobar', { A: 'Zm9vYmFy' }, { A: 'foobar' }],
    ['A|base64offset|contains: /bin/sh', { A: Buffer.from('x; /bin/sh -c').toString('base64') }, { A: '/bin/sh' }],
    ['A|wide|base64offset|contains: whoami', { A: wide('a whoami') }, { A: Buffer.from('a whoami').toString('base64') }],
    ['A|utf16le|base64offset|contains: whoami', { A: wide('ab whoami') }, { A: '' }],
    ['A|wide: ab', { A: 'a\0B\0' }, { A: 'ab' }],
    ["A|windash|contains: ' -s '", { A: 'x \u2013S y' }, { A: 'x +s y' }],
    ["A|contains|all|windash: ['-a', '/b']", { A: '/a -b' }, { A: '/a' }],
    ['A|hour|gte: 22', { A: '2026-01-02 23:59:00' }, { A: '2026-01-02 21:59:00' }],
    ['A|week: 53', { A: '2026-12-31T00:00:00Z' }, { A: '2026-01-01' }],
    ['A|year: [2025, 2026]', { A: '2026-01-02' }, { A: 'yesterday' }],
    ['A|fieldref|startswith: B', { A: 'xyz', B: 'X' }, { A: 'ax', B: 'x' }],
    ['A|fieldref|contains: B', { A: 'ab x', B: 'B' }, { A: 'x' }],
    ['A|fieldref|cased: B', { A: 'x', B: 'x' }, { A: 'x', B: 'X' }],
    ["A|re|contains: 'b|c'", { A: 'xcx' }, { A: 'x' }],
    ["A|re|startswith: 'b|c'", { A: 'cx' }, { A: 'xc' }],
    ["A|re|endswith: 'b|c'", { A: 'xb' }, { A: 'bx' }],
    ["A|re|i|all: ['A', 'b$']", { A: 'ab' }, { A: 'ac' }],
    ["A|re: '\\.(exe|dll)$'", { A: 'x.dll' }, { A: 'x.dlls' }],
    ['A|contains|cased: Ab', { A: 'xAbx' }, { A: 'xabx' }],
    ['A|cased|startswith: Ab', { A: 'Abx' }, { A: 'abx' }],
    ['A|neq|contains: b', { A: 'x' }, { A: 'abc' }],
    ['A|contains|all|neq: [a, b]', { A: 'a' }, { A: 'ab' }],
    ['A|neq: 5', { A: 6 }, { A: 5 }],
    ['A|neq: [5, 6]', { A: 7 }, { A: 6 }],
    ['A|gt|neq: 5', { A: 5 }, { A: 6 }],
    ['A|minute: 5', { A: '2026-01-02T03:05:00Z' }, { A: '2026-01-02T05:06:00Z' }],
    ['A|day|lt: 10', { A: '2026-01-09' }, { A: '2026-01-10' }],
    ['A|month: [1, 12]', { A: '2026-12-09' }, { A: '2026-11-10' }],
    ['A|hour|neq: 3', { A: '2026-12-09 04:00:00' }, { A: '2026-12-09 03:59:00' }],
    ["A|cidr: '::1/128'", { A: '::1' }, { A: '::2' }],
    ['A|cidr|neq: 10.0.0.0/8', { A: '11.0.0.1' }, { A: '10.0.0.1' }],
    ['A|utf16be|base64offset|contains: ab', { A: Buffer.from('\0a\0b', 'latin1').toString('base64') }, { A: 'ab' }],
    ['A|utf16|base64: ab', { A: Buffer.from('\ufeffab', 'utf16le').toString('base64') }, { A: wide('ab') }],
    ['A|base64offset|contains: [aaaa, bbbb]', { A: Buffer.from('-bbbb').toString('base64') }, { A: 'bbbb' }],
    ["'a.b c-d$ü': x", { 'a.b c-d$ü': 'X' }, { a: 'x' }],
    ["'{}.x[0]|contains': b", { '{}.x[0]': 'abc' }, { x: 'abc' }],
    ['constructor: null', { A: 'x' }, { constructor: 'x' }],
    ["A|startswith: 'ΟΔΟΣ'", { A: 'οδοσα' }, { A: 'οδο' }],
    ["A: 'ΟΔΟΣ'", { A: 'οδος' }, { A: 'οδο' }],
    ["'': word", { X: 'a word' }, { word: 'x' }],
    ["'': word", { X: ['a', 'a word'] }, { word: ['x'] }],
    ["'|cased': Ab", { X: 'xAbx' }, { X: 'xabx' }],
    ["'|contains|all': [a, b]", { X: 'xax', Y: 'B' }, { X: 'a' }],
    ["'|startswith': ab", { X: 'q', Y: 'ABc' }, { X: 'cab' }],
    ["'|re|i': 'a\\d'", { X: 'xA1' }, { X: 'A' }],
    ["'|re|all': ['a\\d', 'b']", { X: 'a1', Y: 'b' }, { X: 'a1' }],
    ["'|all': [a, b]", { X: 'xax', Y: 'B' }, { X: 'a' }],
    ["'|re': 'a\\d'", { X: 'xa1' }, { X: 'A1' }],
  ]
  for (const [field, hit, miss] of FIELDS) {
    it(`${field} takes ${JSON.stringify(hit)} and not ${JSON.stringify(miss)}`, () => {
      assert.equal(matches(one(field), hit), true)
      assert.equal(matches(one(field), miss), false)
    })
  }

  const T = { A: 'x', B: 'y' }
  const SEARCHES = 't: {A: x}, f: {A: q}, sel_1: {A: x}, sel_2: {B: z}, _hidden: {A: x}'
  const CONDITIONS: readonly (readonly [condition: string, holds: boolean])[] = [
    ['t or f and f', true],
    ['(t or f) and f', false],
    ['not f and t', true],
    ['not (f or t)', false],
    ['not not t', true],
    ['t AND NOT f', true],
    ['1 of sel_*', true],
    ['any of sel_*', true],
    ['all of sel_*', false],
    ['2 of sel_*', false],
    ['2 of them', true],
    ['3 of them', false],
    ['1 of them', true],
    ['all of them', false],
    ['1 of _h*', false],
    ['all of _h*', false],
    ['_hidden', true],
    ['1 of *_1', true],
    ['1 of none*', false],
    ['all of none*', false],
    ['t and not 1 of none*', true],
    ['t and not all of none*', true],
    ['not 1 of sel_* or f', false],
  ]
  for (const [condition, holds] of CONDITIONS) {
    it(`'${condition}' is ${String(holds)}`, () => {
      assert.equal(matches(`{${SEARCHES}, condition: ${condition}}`, T), holds)
    })
  }

  it('joins lists with or and maps with and, and bare texts are looked for in every value', () => {
    const maps = '{s: [{A: x, B: y}, {C: z}], condition: s}'
    assert.equal(matches(maps, { A: 'x', B: 'y' }), true)
    assert.equal(matches(maps, { C: 'z' }), true)
    assert.equal(matches(maps, { A: 'x' }), false)
    const keywords = '{s: [evil, "a*b", 7], condition: s}'
    assert.equal(matches(keywords, { X: 'an EVILservice' }), true)
    assert.equal(matches(keywords, { X: 'x a-b x' }), true)
    assert.equal(matches(keywords, { X: 'good', Y: null }), false)
  })
  it('reads maps and bare texts side by side in a list, and lists in lists', () => {
    const mixed = '{s: [{A: x, B: y}, word, [deep, {C: z}]], condition: s}'
    assert.equal(matches(mixed, { A: 'x', B: 'y' }), true)
    assert.equal(matches(mixed, { Q: 'a word' }), true)
    assert.equal(matches(mixed, { Q: 'so deep' }), true)
    assert.equal(matches(mixed, { C: 'z' }), true)
    assert.equal(matches(mixed, { A: 'x', B: 'z', C: 'y' }), false)
  })
  it('knows searches by any name, also by words of conditions where they can only be names', () => {
    const words = '{all: {A: x}, any: {B: y}, 1: {C: z}, condition: all and any and not 1}'
    assert.equal(matches(words, { A: 'x', B: 'y' }), true)
    assert.equal(matches(words, { A: 'x', B: 'y', C: 'z' }), false)
    assert.equal(matches('{not_x: {A: x}, or-1: {B: y}, condition: not not_x and or-1}', { B: 'y' }), true)
    assert.equal(matches('{them: {A: x}, of: {A: x}, condition: all of them}', { A: 'x' }), true)
  })
  it('holds when any of several conditions does', () => {
    assert.equal(matches('{a: {A: x}, b: {A: y}, condition: [a, b]}', { A: 'y' }), true)
    assert.equal(matches('{a: {A: x}, b: {A: y}, condition: [a, b]}', { A: 'z' }), false)
  })
  it('takes the values of placeholders, and never holds without them, not even negated', () => {
    const placeholders = { admins: ['root', 'adm_*'] }
    assert.equal(matches(one("A|expand: '%admins%'"), { A: 'ADM_x' }, { placeholders }), true)
    assert.equal(matches(one("A|expand: '%admins%'"), { A: 'guest' }, { placeholders }), false)
    assert.equal(matches("{s: {A|expand: '%admins%'}, condition: not s}", { A: 'guest' }), false)
    assert.equal(matches(one("A: '%admins%'"), { A: '%admins%' }), true)
  })
})
