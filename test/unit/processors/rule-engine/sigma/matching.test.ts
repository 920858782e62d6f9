// What Sigma rules match: modifiers, kinds of values and conditions, each with events that must and must not match.
import assert from 'node:assert/strict'
import { FieldMapSource } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import type { FieldMap } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../../../processors/rule-engine/evaluate/prepare.js'
import type { LoadOptions } from '../../../../../processors/rule-engine/load-options.js'
import { loadRules } from '../../../../../processors/rule-engine/load-rules.js'

/** Whether a rule with this detection (YAML in flow style) matches the event. */
function matches(detection: string, event: FieldMap, options: LoadOptions = {}): boolean | null {
  const text = `title: t\nlogsource: {product: linux, category: process_creation}\ndetection: ${detection}\n`
  const { ruleSet, errors } = loadRules([{ name: 'r.yml', text }], { language: 'sigma', ...options })
  const [rule] = ruleSet?.rules ?? []
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
    ['1 of _h*', true],
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
