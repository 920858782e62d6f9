// The grammar of conditions: what is accepted, how it groups, and what is said of a mistake and where.
import assert from 'node:assert/strict'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'
import { printCondition } from '../../../../../processors/rule-engine/language/printer.js'
import { ConditionSyntaxError } from '../../../../../processors/rule-engine/language/tokenizer.js'
const printed = (text: string): string => printCondition(parseCondition(text))

function mistake(text: string): { message: string; line: number; column: number } {
  try {
    parseCondition(text)
  } catch (error) {
    assert.ok(error instanceof ConditionSyntaxError)
    return { message: error.message, line: error.place.line, column: error.place.column }
  }
  return assert.fail(`accepted: ${text}`)
}

describe('conditions group', () => {
  const GROUPS: readonly (readonly [condition: string, grouped: string])[] = [
    ['a.b=1 or c.d=2 and e.f=3', '(a.b = 1 or (c.d = 2 and e.f = 3))'],
    ['a.b=1 and c.d=2 or e.f=3', '((a.b = 1 and c.d = 2) or e.f = 3)'],
    ['not a.b=1 and c.d=2', '(not a.b = 1 and c.d = 2)'],
    ['not (a.b=1 and c.d=2)', 'not (a.b = 1 and c.d = 2)'],
    ['not not a.b=1', 'a.b = 1'],
    ['not not not(a.b=1)', 'not a.b = 1'],
    ['(a.b=1 or c.d=2) or e.f=3', '((a.b = 1 or c.d = 2) or e.f = 3)'],
    ['((((a.b=1))))', 'a.b = 1'],
    ['m1 and m2 or m3', '((m1 and m2) or m3)'],
    ['a.b=1 and(c.d=2)', '(a.b = 1 and c.d = 2)'],
    ['a.b existsand m', '(a.b exists and m)'],
    ['a.b in(x,y) or m', '(a.b in (x, y) or m)'],
    ['a.b pmatch(/x)', 'a.b pmatch (/x)'],
  ]
  for (const [condition, grouped] of GROUPS) {
    it(`${condition} as ${grouped}`, () => assert.equal(printed(condition), grouped))
  }
})

describe('conditions accept', () => {
  const ACCEPTED = [
    'fd.name = /etc/*:[x]>y',
    'a.b=c',
    'a.b==c',
    'a.b != "x y"',
    'a.b = \'x "y" z\'',
    'a.b = "tab\\t quote\\" hex\\x41"',
    'a.b > -1.5e+3',
    'a.b <= 0x1F',
    'a.b in ()',
    'a.b in some_list',
    'proc.aname[2] = x',
    'proc.env["a b"] = x',
    'proc.env[""] = x',
    'proc.name = val(proc.pname)',
    'tolower( proc.name ) = x',
    'join(",", (proc.name, "x", toupper(fd.name))) = y',
    'getopt(proc.args, "n:")[n] = x',
    'proc.name = oneof (a, b)',
    'proc.name startswith anyof some_list',
    'proc.name =  oneof\t(a, b)',
    'proc.name contains\noneof\n(a, b)',
    'proc.name = oneof',
    'proc.name ==oneof',
    'proc.name = oneof and proc.pname = allof',
    ' \t\n\r a.b \n = \t x \n',
  ]
  for (const condition of ACCEPTED) it(JSON.stringify(condition), () => void parseCondition(condition))
})

describe('quoted texts', () => {
  const textOf = (condition: string): string => {
    const tree = parseCondition(condition)
    return tree.kind === 'comparison' && tree.right.kind === 'value' ? tree.right.text : assert.fail(tree.kind)
  }
  // As libs' lex_quoted_str and unescape_str have it: a quote closes unless a backslash is right before it.
  const TEXTS: readonly (readonly [written: string, text: string])[] = [
    ["''", ''],
    ['""', ''],
    ["'x \\' y'", "x ' y"],
    ["'multiple escape single quote \\' \\\\''", "multiple escape single quote ' \\'"],
    ["'hello \\\\'quoted\\\\''", "hello \\'quoted\\'"],
    ['"hello \\\\"quoted\\\\""', 'hello \\"quoted\\"'],
    ['"a \\ "', 'a \\'],
    ["'a\\\\'", 'a\\'],
  ]
  for (const [written, text] of TEXTS) it(`${written} is ${text}`, () => assert.equal(textOf(`a.b = ${written}`), text))

  it('that end with an escaped backslash run on to the next quote of their kind, as in Falco', () => {
    assert.throws(() => parseCondition("a.b = 'x\\\\' and c.d = 'y'"), ConditionSyntaxError)
    assert.equal(printed("a.b = 'x\\ ' and c.d = 'y'"), '(a.b = "x\\\\" and c.d = y)')
  })
})

describe('conditions refuse', () => {
  const REFUSED: readonly (readonly [condition: string, message: string, column: number])[] = [
    ['', 'filter input string is empty', 1],
    ['a.b', "expected a valid check operator: one of 'exists'", 4],
    ['a.b = ', 'expected a string value or a field with a valid transformer', 7],
    ['a.b > 0xZZ', "unexpected token after '0'", 8],
    ['a.b <= 0x1g', "unexpected token after '0x1'", 11],
    ['a.b > x', 'expected a number value or a field with a valid transformer', 7],
    ['a.b in x,y', "unexpected token after 'x', expecting 'or', 'and'", 9],
    ['a.b in (x,)', 'expected a string value', 11],
    ['a.b in (x', "expected a ')' token", 10],
    ['a.b contains (x)', 'expected a string value', 14],
    ['(a.b = 1', "expected a ')' token", 9],
    ['a.b = 1)', "unexpected token after '1', expecting 'or', 'and'", 8],
    ['a.b = 1 andm', "expected blank or '(' after 'and'", 12],
    ['a.b = 1 or', "expected blank or '(' after 'or'", 11],
    ['a.b = 1 AND m', "unexpected token after '1', expecting 'or', 'and'", 9],
    ['a.b containsx', "expected a valid check operator: one of 'exists'", 5],
    ['a.b[] = 1', 'expected a valid field argument: a quoted string or a bare string', 5],
    ['a.b[x = 1', "expected a ']' token", 6],
    ['tolower (a.b) = x', "unexpected token after 'tolower', expecting 'or', 'and'", 9],
    ['tolower(a.b = x', "expected a ')' token closing the transformer", 13],
    ['val(a.b) = x', "unexpected token after 'val', expecting 'or', 'and'", 4],
    ['a.b = b64(val(a.b))', 'expected a field or a nested valid transformer', 11],
    ['a.b = "x', 'expected a string value', 7],
    ['a.b = "\\q"', 'unsupported string escape sequence: \\q', 11],
    ['a.b = "\\\'"', 'invalid \\\' escape in "-quoted string', 11],
    ['a.b = "\\xg1"', 'invalid hex escape sequence: \\xg1', 13],
    ['proc.name contains oneof(a, b)', "unexpected token after 'oneof', expecting 'or', 'and'", 25],
    ['proc.name ==oneof (a, b)', "unexpected token after 'oneof', expecting 'or', 'and'", 19],
    ['proc.name =allof (a, b)', "unexpected token after 'allof', expecting 'or', 'and'", 18],
    ['proc.name !=anyof (a, b)', "unexpected token after 'anyof', expecting 'or', 'and'", 19],
    ['proc.name ==oneof some_list', "unexpected token after 'oneof', expecting 'or', 'and'", 19],
    ['proc.name = oneof(a, b)', "unexpected token after 'oneof', expecting 'or', 'and'", 18],
    ['proc.name = oneof "a"', "unexpected token after 'oneof', expecting 'or', 'and'", 19],
    ['= 1', "expected a '(' token, a field check, or an identifier", 1],
  ]
  for (const [condition, message, column] of REFUSED) {
    it(`${JSON.stringify(condition)}: ${message}`, () => {
      const found = mistake(condition)
      assert.ok(found.message.includes(message), found.message)
      assert.equal(found.column, column)
    })
  }

  it('with the line of a condition of several lines', () => {
    const { line, column } = mistake('a.b = 1\n  and c.d\n  = ')
    assert.deepEqual({ line, column }, { line: 3, column: 5 })
  })
})

describe('places', () => {
  it('count lines that end with any of the three line ends, and columns in bytes', () => {
    const places = ['a.b=1 and\n x', 'a.b=1 and\r\n x', 'a.b=1 and\r x'].map((text) => {
      const tree = parseCondition(text)
      return tree.kind === 'and' ? tree.children.map(({ place }) => [place.line, place.column]) : assert.fail(tree.kind)
    })
    const expected = [
      [1, 1],
      [2, 2],
    ]
    assert.deepEqual(places, [expected, expected, expected])
  })

  it('cost the same at any position: a megabyte of checks is read in a moment', () => {
    const tree = parseCondition(Array<string>(60_000).fill('proc.name!=a').join('\nand '))
    const last = tree.kind === 'and' ? tree.children.at(-1)?.place : undefined
    assert.deepEqual([last?.line, last?.column], [60_000, 5])
  })
})

describe('nesting', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}a.b = 1${')'.repeat(depth)}`

  it('goes up to the limit and says when it is over', () => {
    assert.equal(printed(nested(99)), 'a.b = 1')
    assert.ok(mistake(nested(100)).message.includes('exceeded max depth limit of 100'))
  })

  it('of a thousand groups in rule files does not end the process', () => {
    assert.equal(printCondition(parseCondition(nested(999), { maxDepth: 1000 })), 'a.b = 1')
    assert.throws(() => parseCondition(nested(100_000), { maxDepth: 1000 }), ConditionSyntaxError)
  })

  it('of transformers is bounded too', () => {
    assert.throws(() => parseCondition(`${'tolower('.repeat(5000)}a.b${')'.repeat(5000)} = x`), ConditionSyntaxError)
  })
})
