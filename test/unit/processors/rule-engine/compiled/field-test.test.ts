// What a check looks for in a text.
import assert from 'node:assert/strict'
import { fieldTestOf } from '../../../../../processors/rule-engine/compiled/field-test.js'
import { boundCondition } from '../../../../support/rules/bound-condition.js'

function needles(condition: string): string {
  const check = boundCondition(condition)
  assert.ok(check.kind === 'comparison' || check.kind === 'exists')
  const { needles: some, isExact } = fieldTestOf(check)
  return `${some === null ? 'any value' : some.map(({ kind, text }) => `${kind} ${text}`).join(', ')}${isExact ? '' : ' (necessary)'}`
}

describe('the test of a check', () => {
  const CASES: readonly (readonly [condition: string, needles: string])[] = [
    ['proc.name exists', 'any value'],
    ['proc.name = cat', 'equal cat'],
    ['proc.name in (cat, sh)', 'equal cat, equal sh'],
    ['proc.name = anyof (cat, sh)', 'equal cat, equal sh'],
    ['proc.name = oneof (cat, sh)', 'equal cat, equal sh (necessary)'],
    ['proc.cmdline contains allof (ab, abcd)', 'part abcd (necessary)'],
    ['proc.cmdline icontains ABC', 'foldedPart abc'],
    ['fd.name startswith /etc', 'prefix /etc'],
    ['fd.name endswith .so', 'suffix .so'],
    ['fd.name glob /a*/long[12]er?x', 'part /long (necessary)'],
    ['fd.name glob "*"', 'any value (necessary)'],
    ['fd.name pmatch (/etc)', 'prefix /etc, prefix etc, prefix // (necessary)'],
    ['fd.name pmatch (/var/lib)', 'prefix /var/lib, prefix var/lib, part // (necessary)'],
    ['fd.name pmatch (/*/lib)', 'any value (necessary)'],
    // The length of an address is its tag.
    ['fd.sip = 10.1.2.3', 'equal \x04\x0a\x01\x02\x03'],
    ['fd.snet in (10.0.0.0/8)', 'prefix \x04\x0a'],
    ['fd.snet in (0.0.0.0/0)', 'prefix \x04'],
    ['fd.snet = 10.4.0.0/15', 'prefix \x04\x0a\x04, prefix \x04\x0a\x05'],
    ['fd.snet = fe80::/15', 'prefix \x10\xfe\x80, prefix \x10\xfe\x81'],
    ['proc.cmdline regex ".*curl.*"', 'part curl (necessary)'],
    ['proc.cmdline regex "(?i).*curl.*"', 'foldedPart curl (necessary)'],
    ['proc.cmdline regex ".{100,}"', 'length 100 (necessary)'],
  ]
  for (const [condition, expected] of CASES)
    it(`${condition}: ${JSON.stringify(expected)}`, () => assert.equal(needles(condition), expected))
})
