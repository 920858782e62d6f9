// Fields, operators and values of a condition: what fits together, and what is said when it does not.
import assert from 'node:assert/strict'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

const compile = (text: string): ReturnType<typeof compileCondition> => compileCondition(parseCondition(text))
const problem = (text: string): string =>
  compile(text)
    .errors.map((error) => error.message)
    .join('; ')

describe('operators by type', () => {
  // One field of each family, and the operators that it takes besides exists; every other is refused.
  const FAMILIES: readonly (readonly [field: string, value: string, legal: readonly string[]])[] = [
    [
      'proc.name',
      'x',
      [
        '=',
        '==',
        '!=',
        'in',
        'intersects',
        '<',
        '<=',
        '>',
        '>=',
        'contains',
        'icontains',
        'startswith',
        'endswith',
        'glob',
        'iglob',
        'regex',
        'pmatch',
      ],
    ],
    ['evt.buffer', '6162', ['=', '==', '!=', 'in', 'intersects', 'contains', 'startswith', 'endswith', 'bcontains', 'bstartswith']],
    ['proc.pid', '1', ['=', '==', '!=', 'in', 'intersects', '<', '<=', '>', '>=']],
    ['thread.cpu', '1', ['=', '==', '!=', 'in', 'intersects', '<', '<=', '>', '>=']],
    ['evt.is_io', 'true', ['=', '==', '!=', 'in', 'intersects']],
    ['fd.sip', '1.2.3.4', ['=', '==', '!=', 'in', 'intersects']],
    ['fd.snet', '1.2.3.0/24', ['=', '==', '!=', 'in', 'intersects']],
    ['fd.types', 'x', ['in', 'intersects']],
  ]
  const ALL = [
    '=',
    '==',
    '!=',
    'in',
    'intersects',
    '<',
    '<=',
    '>',
    '>=',
    'contains',
    'icontains',
    'bcontains',
    'startswith',
    'bstartswith',
    'endswith',
    'glob',
    'iglob',
    'regex',
    'pmatch',
  ]
  const LISTS = ['in', 'intersects', 'pmatch']
  for (const [field, value, legal] of FAMILIES) {
    for (const operator of ALL) {
      const isNumberOnly = operator.startsWith('<') || operator.startsWith('>')
      const right = LISTS.includes(operator) ? `(${value})` : isNumberOnly ? '1' : value
      const isLegal = legal.includes(operator)
      it(`${field} ${operator} ${right} is ${isLegal ? 'accepted' : 'refused'}`, () => {
        assert.equal(compile(`${field} ${operator} ${right}`).expression !== null, isLegal, problem(`${field} ${operator} ${right}`))
      })
    }
    it(`${field} exists is accepted`, () => assert.notEqual(compile(`${field} exists`).expression, null))
  }
})

describe('values by type', () => {
  const REFUSED: readonly (readonly [condition: string, message: string])[] = [
    ['proc.pid = x', 'x is not a valid number'],
    ['proc.pid = 1.5', '1.5 is not a valid number'],
    ['evt.is_io = yes', 'unrecognized boolean value yes'],
    ['fd.sip = 1.2.3', 'unrecognized IP address 1.2.3'],
    ['fd.snet = 1.2.3.4', 'unrecognized IP network 1.2.3.4'],
    ['fd.snet = 1.2.3.0/33', 'unrecognized IP network 1.2.3.0/33'],
    ['fd.sport = nosuchservice', 'unrecognized protocol nosuchservice'],
    ['evt.buffer bcontains 123', 'support hex strings only'],
    ['evt.buffer bstartswith zz', 'support hex strings only'],
    ['evt.type = opne', "unknown event type opne (did you mean 'open'?)"],
    ['proc.name regex "(["', 'invalid regex pattern'],
    ['proc.name = "a\\x00b"', 'can not contain a NUL byte'],
    ['proc.nmae = x', "nonexistent field proc.nmae (did you mean 'proc.name'?)"],
    ['proc.name[1] = x', "'proc.name' takes no argument"],
    ['proc.aname[x] = y', 'must be a number'],
    ['container.mount.dest = x', "the field 'container.mount.dest' requires an argument"],
    ['evt.arg[flags] = x', 'flags is not a valid number'],
    ['evt.arg.flgas = x', "unknown event argument flgas (did you mean 'flags'?)"],
    ['some_macro', "unexpected identifier 'some_macro'"],
    ['toupper(proc.pid) = 1', "type 'INT64' is not supported by 'toupper' transformer applied on field 'proc.pid'"],
    ['toupper(proc.name)[x] = A', "transformer 'toupper' does not support field arguments"],
    ['tolower(proc.aname) = x', "field 'proc.aname' does not support transformers"],
    ['join("-", proc.name) = x', 'join() second argument must be a list'],
    ['join(("a"), ("b")) = x', 'must be a single value, not a list'],
    ['concat("a") = x', 'concat() requires at least 2 arguments'],
    ['getopt("x", "n") = x', 'getopt() first argument must be a list'],
    ['getopt(("x"), "n")[nn] = x', 'must be a single option character'],
    ['proc.name = val(proc.pid)', 'has incompatible type'],
    ['proc.name regex val(proc.pname)', "doesn't support right-hand side fields"],
    ['proc.aname = val(proc.name)', "doesn't support right-hand side fields"],
    ['proc.name = val(proc.aname)', 'does not support transformers'],
    ['fd.snet = val(fd.cnet)', ''],
    ['fd.types in val(fd.types)', "doesn't support right-hand side fields"],
    ['thread.cpu = 1.0', '1.0 is not a valid number'],
    ['thread.cpu > 1.5', '1.5 is not a valid number'],
    ['evt.rawarg.addr > 0', "'>' operator not supported for type 'SOCKADDR'"],
    ['evt.rawarg.tuple > 0', "'>' operator not supported for type 'SOCKTUPLE'"],
    ['evt.rawarg.tuple == a', "'=' operator not supported for type 'SOCKTUPLE'"],
  ]
  for (const [condition, message] of REFUSED) {
    it(`${condition} is refused: ${message}`, () => {
      assert.equal(compile(condition).expression, null)
      assert.ok(problem(condition).includes(message), problem(condition))
    })
  }
  const ACCEPTED = [
    'user.uid = -1',
    'fd.sport = https',
    'fd.sip = ::1',
    'fd.snet = 2001:db8::/32',
    'len(proc.name) > 3',
    'len(fd.types) = 1',
    'proc.name = val(proc.pname)',
    'proc.name > 5',
    'evt.rawarg.res = -1',
    'evt.rawarg.addr exists',
    'evt.arg.addr contains 10.0.0.1',
    'evt.arg.tuple startswith 10.',
    'thread.cpu = 1',
    'thread.cpu > 0x10',
    "proc.exe = 'hello \\\\'quoted\\\\''",
    'proc.exepath = "hello \\\\"quoted\\\\""',
  ]
  for (const condition of ACCEPTED) it(`${condition} is accepted`, () => assert.equal(problem(condition), ''))

  it('reports all mistakes of a condition at once', () => {
    assert.equal(compile('proc.nam = x and proc.pid contains 1 and not evt.type = opn').errors.length, 3)
  })
})

describe('warnings', () => {
  const WARNED: readonly (readonly [condition: string, count: number])[] = [
    ['proc.name = proc.pname', 1],
    ['proc.name in (cat, proc.aname[2])', 1],
    ['proc.name = "tolower(proc.name)"', 1],
    ['proc.name = val(proc.pname)', 0],
    ['proc.name regex cat', 1],
    ['proc.name regex .*cat.*', 1],
    ['proc.name regex ^cat$', 1],
    ['proc.name regex c.t', 0],
    ['proc.name regex "cat.{2}"', 0],
  ]
  for (const [condition, count] of WARNED) {
    it(`${condition} gives ${String(count)}`, () => assert.equal(compile(condition).warnings.length, count))
  }
})
