// The result of each operator, transformer and modifier. Expected values come from Falco's language, not from the code.
import assert from 'node:assert/strict'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { FieldMapSource, type FieldMap } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import { prepareExpression } from '../../../../../processors/rule-engine/evaluate/prepare.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

function verdict(condition: string, fields: FieldMap): boolean | null {
  const { expression, errors } = compileCondition(parseCondition(condition))
  assert.ok(expression !== null, errors.map((error) => error.message).join())
  return prepareExpression(expression)(new FieldMapSource(fields))
}

type Case = readonly [condition: string, expected: boolean]

function cases(fields: FieldMap, list: readonly Case[]): void {
  for (const [condition, expected] of list)
    it(`${condition} is ${String(expected)}`, () => assert.equal(verdict(condition, fields), expected))
}

describe('text operators on fd.name = /opt/dir/SUBDIR/file.txt', () => {
  cases({ 'fd.name': '/opt/dir/SUBDIR/file.txt', 'proc.name': 'zoé' }, [
    ['fd.name = /opt/dir/SUBDIR/file.txt', true],
    ['fd.name = /opt/dir/subdir/file.txt', false],
    ['fd.name != x', true],
    ['fd.name contains dir/SUB', true],
    ['fd.name contains subdir', false],
    ['fd.name icontains SubDir', true],
    ['fd.name startswith /opt', true],
    ['fd.name endswith .txt', true],
    ['fd.name glob /opt/*.txt', true],
    ['fd.name glob /opt/?ir/*', true],
    ['fd.name glob /opt/[!d]*', false],
    ['fd.name glob "*\\\\*"', false],
    ['fd.name iglob /OPT/*/subdir/*', true],
    ['fd.name regex "/opt/.*[.]txt"', true],
    ['fd.name regex opt', false],
    ['fd.name < 5', true],
    ['fd.name >= 5', false],
    ['fd.name in (/a, /opt/dir/SUBDIR/file.txt)', true],
    ['fd.name in ()', false],
    ['proc.name glob "zo?"', false],
    ['proc.name glob "zo??"', true],
    ['proc.name = "zo\\xc3\\xa9"', true],
  ])
})

describe('pmatch compares whole components', () => {
  cases({ 'fd.name': '/opt/dir/subdir/file.txt' }, [
    ['fd.name pmatch (/opt/dir)', true],
    ['fd.name pmatch (/opt/dir/)', true],
    ['fd.name pmatch (/opt//dir)', true],
    ['fd.name pmatch (/opt/di)', false],
    ['fd.name pmatch (/opt/dir2)', false],
    ['fd.name pmatch (/opt/dir/subdir/file.txt)', true],
    ['fd.name pmatch (/opt/dir/subdir/file.txt/x)', false],
    ['fd.name pmatch (/opt/*/subdir)', true],
    ['fd.name pmatch (/*/file.txt)', false],
    ['fd.name pmatch (/x, /opt)', true],
    ['fd.name pmatch ()', false],
    ['fd.name pmatch ("")', true],
    ['fd.name pmatch ("/opt/\\\\dir")', false],
    ['fd.name pmatch ("/opt/\\\\di?")', true],
  ])
})

describe('numbers, booleans and bytes', () => {
  cases(
    {
      'evt.rawres': -22,
      'evt.cpu': '3',
      'fd.num': 4,
      'evt.is_io': true,
      'evt.buffer': { base64: 'YQBi' },
      'evt.rawtime': '1760000000000000001',
    },
    [
      ['evt.rawres < 0', true],
      ['evt.rawres > 4294967295', false],
      ['evt.rawres in (-22, 1)', true],
      ['evt.cpu = 3', true],
      ['evt.cpu = 0x3', true],
      ['fd.num >= 4', true],
      ['evt.is_io = true', true],
      ['evt.is_io != true', false],
      ['evt.buffer bcontains 0062', true],
      ['evt.buffer bstartswith 6100', true],
      ['evt.buffer bstartswith 62', false],
      ['evt.buffer contains a', true],
      ['evt.rawtime = 1760000000000000001', true],
      ['evt.rawtime = 1760000000000000000', false],
      ['evt.rawtime > 1760000000000000000', true],
    ],
  )
})

describe('a field that is absent', () => {
  cases({ 'proc.name': 'x' }, [
    ['proc.pname = y', false],
    ['proc.pname != y', false],
    ['not proc.pname = y', true],
    ['proc.pname in (y)', false],
    ['proc.pname exists', false],
    ['not proc.pname exists', true],
    ['proc.pid > 0', false],
    ['proc.pid <= 0', false],
    ['proc.name = val(proc.pname)', false],
    ['proc.name != val(proc.pname)', false],
    ['toupper(proc.pname) exists', false],
    ['len(proc.pname) = 0', false],
  ])
})

describe('addresses', () => {
  const connection = { 'fd.cip': '172.16.0.9', 'fd.sip': '142.251.111.147', 'fd.cport': 54321, 'fd.sport': 443 }
  cases(connection, [
    ['fd.ip = 172.16.0.9', true],
    ['fd.ip = 142.251.111.147', true],
    ['fd.ip != 172.16.0.9', false],
    ['fd.ip != 9.9.9.9', true],
    ['fd.ip in (9.9.9.9, 172.16.0.9)', true],
    ['fd.port = 443', true],
    ['fd.port != 54321', false],
    ['fd.port = https', true],
    ['fd.net = 172.16.0.0/12', true],
    ['fd.net != 172.16.0.0/12', false],
    ['fd.net in (10.0.0.0/8, 142.251.0.0/16)', true],
    ['fd.snet = 142.251.111.0/25', false],
    ['fd.snet = 142.251.111.128/25', true],
    ['fd.sip = ::ffff:8efb:6f93', false],
    ['fd.sip != ::1', true],
    ['fd.snet != ::/0', true],
  ])
  cases({ 'fd.sip': '2001:4860:4860::8888' }, [
    ['fd.sip = 2001:4860:4860:0:0:0:0:8888', true],
    ['fd.snet = 2001:4860::/32', true],
    ['fd.snet = 2001:4861::/32', false],
    ['fd.sip = 8.8.8.8', false],
  ])
})

describe('ancestors and lists', () => {
  cases({ 'proc.name': 'cat', 'proc.aname': ['bash', 'sshd'], 'fd.types': ['file', 'ipv4'] }, [
    ['proc.aname = sshd', true],
    ['proc.aname = cat', false],
    ['proc.aname != bash', true],
    ['proc.aname in (x, sshd)', true],
    ['proc.aname[1] = bash', true],
    ['proc.aname[2] = sshd', true],
    ['proc.aname[3] exists', false],
    ['proc.aname exists', true],
    ['fd.types in (file, ipv4, pipe)', true],
    ['fd.types in (file)', false],
    ['fd.types intersects (file, pipe)', true],
    ['fd.types intersects (pipe)', false],
    ['len(fd.types) = 2', true],
    ['fd.types[1] exists', false],
    ['fd.types[7] exists', false],
  ])
})

describe('modifiers', () => {
  cases({ 'proc.name': 'myexe' }, [
    ['proc.name = oneof (myexe, x)', true],
    ['proc.name contains oneof (my, exe)', false],
    ['proc.name contains anyof (my, exe)', true],
    ['proc.name contains allof (my, exe)', true],
    ['proc.name contains allof (my, sh)', false],
    ['proc.name != allof (a, b)', true],
    ['proc.name != allof (a, myexe)', false],
    ['proc.name != anyof (a, myexe)', true],
    ['proc.name regex anyof ("x.*", "my.*")', true],
    ['proc.name = anyof ()', false],
  ])
})

describe('transformers', () => {
  cases({ 'fd.name': '/tmp/File', 'proc.name': 'aGVsbG8', 'proc.pname': '???' }, [
    ['toupper(fd.name) = /TMP/FILE', true],
    ['tolower(fd.name) = /tmp/file', true],
    ['basename(fd.name) = File', true],
    ['b64(proc.name) = hello', true],
    ['b64(proc.pname) exists', false],
    ['len(fd.name) = 9', true],
    ['concat(proc.name, "-", fd.name) = aGVsbG8-/tmp/File', true],
    ['join("+", (proc.name, "x", fd.name)) = "aGVsbG8+x+/tmp/File"', true],
    ['toupper(join("-", ("a", "b"))) = A-B', true],
    ['join("-", (proc.name, proc.aname[1])) exists', false],
    ['join("-", (proc.name, proc.pexe)) exists', false],
    ['getopt(("-nt", "v", "x", "-q"), "nt:q") intersects (v)', true],
    ['getopt(("-nt", "v", "x", "-q"), "nt:q") intersects (q)', false],
    ['getopt(("-t", "a", "-tb"), "t:")[t] = b', true],
    ['getopt(("-x"), "n") intersects ("?")', true],
    ['getopt(("--exec", "-n"), "n")[n] = n', true],
    ['getopt(("--", "-n"), "n")[n] exists', false],
    ['getopt(("-t"), "t:")[t] = ""', true],
  ])
})
