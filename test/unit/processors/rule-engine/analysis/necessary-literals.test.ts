// Literals of which an event must hold one before a rule is worth asking.
import assert from 'node:assert/strict'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { necessaryLiterals } from '../../../../../processors/rule-engine/analysis/necessary-literals.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

function literals(text: string): readonly string[] | null {
  const { expression } = compileCondition(parseCondition(text))
  assert.ok(expression !== null, text)
  return necessaryLiterals(expression)?.map((literal) => literal.text) ?? null
}

describe('literals that an event must hold', () => {
  const CASES: readonly (readonly [condition: string, literals: readonly string[] | null])[] = [
    ['fd.name = /etc/shadow', ['/etc/shadow']],
    ['fd.name in (/etc/a, /etc/b)', ['/etc/a', '/etc/b']],
    ['fd.name startswith /etc/', ['/etc/']],
    ['proc.cmdline contains anyof (stratum, minerd)', ['stratum', 'minerd']],
    ['proc.cmdline contains oneof (stratum, minerd)', ['stratum', 'minerd']],
    ['proc.cmdline contains allof (a, stratum)', ['stratum']],
    ['fd.name contains /.ssh/ and proc.name = cat', ['/.ssh/']],
    ['fd.name contains abcd and proc.cmdline contains abcdefgh', ['abcdefgh']],
    ['fd.name contains abcd or proc.cmdline contains efgh', ['abcd', 'efgh']],
    ['fd.name regex "/home/[a-z]+/.ssh"', ['/home/']],
    ['proc.aname = sshd', ['sshd']],
    ['fd.name contains abcd or proc.name = sh', null],
    ['fd.name contains /.', null],
    ['fd.name in (/etc/a, /b)', null],
    ['fd.name != /etc/shadow', null],
    ['not fd.name = /etc/shadow', null],
    ['fd.name icontains shadow', null],
    ['fd.name glob */shadow', null],
    ['fd.name exists', null],
    ['fd.num = 1000', null],
    ['fd.name = val(proc.exepath)', null],
  ]
  for (const [condition, expected] of CASES) {
    it(`${condition}: ${expected?.join(', ') ?? 'none'}`, () => assert.deepEqual(literals(condition), expected))
  }
  it('are none of a value that waits for facts: it may be unknown, and then the rule waits', () => {
    assert.equal(literals('container.image.repository = alpine'), null)
    assert.equal(literals('join("-", (proc.name, container.name)) contains alpine'), null)
  })
})
