// Values of Sigma rules by themselves: escapes and encodings, with the examples of the specification.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expandPlaceholders, isProblem, parsePlaceholders } from '../../../../../../processors/rule-engine/sigma/values/placeholders.js'
import {
  base64,
  base64Offsets,
  parseValueText,
  utf16,
  utf16be,
  utf16le,
  withDashes,
  writeOutDashes,
  type ValueText,
} from '../../../../../../processors/rule-engine/sigma/values/value-text.js'

/** Wildcards in angle brackets, to distinguish them from plain characters. */
const shown = (value: ValueText): string =>
  value.map((part) => (part.kind === 'text' ? part.text : { many: '<*>', any: '<?>', dash: '<->' }[part.kind])).join('')
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex')

describe('a Sigma value', () => {
  const ESCAPES: readonly (readonly [written: string, means: string, why: string])[] = [
    ['a*b?c', 'a<*>b<?>c', 'wildcards'],
    ['C:\\Windows\\x', 'C:\\Windows\\x', 'a single backslash before any other character is itself'],
    ['C:\\\\Windows', 'C:\\Windows', 'two backslashes are one'],
    ['\\*', '*', 'an escaped star is plain'],
    ['\\?', '?', 'an escaped question mark is plain'],
    ['\\\\*', '\\<*>', 'an escaped backslash before a wildcard'],
    ['\\\\\\*', '\\*', 'both escaped'],
    ['\\\\\\x', '\\\\x', 'three are two'],
    ['\\\\\\\\', '\\\\', 'four are two'],
    ['x\\', 'x\\', 'one at the end'],
    ['', '', 'nothing'],
  ]
  for (const [written, means, why] of ESCAPES) {
    it(`reads ${JSON.stringify(written)}: ${why}`, () => {
      assert.equal(shown(parseValueText(written)), means)
    })
  }

  it('is encoded at every position of base64, as the documentation of the modifier shows', () => {
    assert.deepEqual(base64Offsets('/bin/bash'), ['L2Jpbi9iYXNo', '9iaW4vYmFza', 'vYmluL2Jhc2'])
    assert.deepEqual(base64Offsets('/bin/sh'), ['L2Jpbi9za', '9iaW4vc2', 'vYmluL3No'])
    assert.equal(base64('foobar'), 'Zm9vYmFy')
  })
  it('is found in the base64 of any text around it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ minLength: 3 }), fc.uint8Array(), (before, value, after) => {
        const whole = Buffer.concat([before, value, after]).toString('base64')
        const forms = base64Offsets(Buffer.from(value).toString('latin1'))
        assert.ok(whole.includes(forms[before.length % 3] ?? 'none'))
      }),
    )
  })
  it('is encoded as UTF-16 in both orders, with a mark where it is asked for', () => {
    assert.equal(hex(utf16le('cmd')), '63006d006400')
    assert.equal(hex(utf16be('cmd')), '0063006d0064')
    assert.equal(hex(utf16('cmd')), 'fffe63006d006400')
  })
  it('treats the dashes that begin an option as equal', () => {
    assert.equal(shown(withDashes(parseValueText(' -param-name'))), ' <->param-name')
    assert.equal(shown(withDashes(parseValueText('/c'))), '<->c')
    assert.equal(writeOutDashes(withDashes(parseValueText('-a')))?.length, 5)
    assert.equal(writeOutDashes(withDashes(parseValueText('-a -b -c -d -e'))), null)
  })
  it('gets the values of placeholders as settings and flags give them', () => {
    assert.deepEqual(parsePlaceholders(['admins=root,adm_*', '%hosts%=a', 'hosts=b=c']), { admins: ['root', 'adm_*'], hosts: ['a', 'b=c'] })
    assert.deepEqual(parsePlaceholders(['admins=root', 'adm_*'], { isSplit: true }), { admins: ['root', 'adm_*'] })
    for (const wrong of ['admins', '=root', 'a b=c', 'admins=', 'admins=a,,b']) assert.ok(isProblem(parsePlaceholders([wrong])), wrong)
    assert.ok(isProblem(parsePlaceholders(['x'], { isSplit: true })))
  })
  it('has its placeholders put in, and plain percent signs where they are escaped', () => {
    const values = { admins: ['root', 'adm*'], hosts: ['a', 'b'] }
    assert.deepEqual(expandPlaceholders('%admins%', values), ['root', 'adm*'])
    assert.deepEqual(expandPlaceholders('%admins%@%hosts%', values), ['root@a', 'root@b', 'adm*@a', 'adm*@b'])
    assert.deepEqual(expandPlaceholders('\\%plain%hosts%', values), ['%plaina', '%plainb'])
    assert.deepEqual(expandPlaceholders('%nobody%', values), { missing: '%nobody%' })
    assert.deepEqual(expandPlaceholders('%constructor%', values), { missing: '%constructor%' })
    const many = { x: Array.from({ length: 200 }, String) }
    assert.equal(expandPlaceholders('%x%%x%', many), null)
  })
})
