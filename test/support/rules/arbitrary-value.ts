// Values as conditions write them: plain and quoted, with everything that a parser or an operator may get wrong.
import fc from 'fast-check'

const WORDS = [
  'cat',
  'bash',
  'sh',
  '/etc/shadow',
  '/etc',
  '/usr/bin/cat',
  'a b',
  ' a',
  "it's",
  'say "x"',
  'back\\slash',
  'C:\\',
  'tab\there',
  'é',
  'ÄÖ',
  'UPPER',
]
const MORE_WORDS = [
  '',
  '*',
  '?at',
  '[a',
  'x=y',
  '(in)',
  'a,b',
  'not',
  'or',
  'in',
  'exists',
  'proc.name',
  'true',
  '10',
  '0x1f',
  'evt.type',
  '->',
  '%',
  'new\nline',
]

/** Any text a rule may compare with. */
export const arbitraryText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.constantFrom(...MORE_WORDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 6 }) },
)

export const arbitraryGlob = fc.oneof(
  fc.constantFrom(
    '*',
    '*.sh',
    '/etc/*',
    '?at',
    '[abc]at',
    '[!c]at',
    '[a-c]*',
    'a*b*c',
    '\\*',
    '*a*',
    '/usr/*/cat',
    '??',
    '[]]x',
    'ca[',
    'C?T',
  ),
  fc.array(fc.constantFrom('a', 'c', 't', '*', '?', '/', '[a-c]', '[!x]', '\\?'), { maxLength: 6 }).map((parts) => parts.join('')),
)

export const arbitraryPattern = fc.constantFrom(
  '.*',
  'c.t',
  '(?:cat|bash)',
  '/etc/.+',
  '[a-c]+t?',
  '(?i)CAT',
  'a{1,3}',
  '\\w+',
  '[^/]*',
  'ca?t$',
  '^cat',
  'é+',
  'x|cat',
)

export const arbitraryPath = fc.constantFrom(
  '/etc',
  '/usr/bin',
  '/usr/*/cat',
  'etc/shadow',
  '/tmp/x y',
  '/etc//shadow',
  '/et',
  '/etc/',
  '/[a-e]tc',
  '/usr/bin/cat/deep',
)

export const arbitraryAddress = fc.constantFrom('10.0.0.5', '127.0.0.1', '192.168.7.9', '::1', 'fd00::17', '2001:db8::1', '0.0.0.0')
export const arbitraryNetwork = fc.constantFrom(
  '10.0.0.0/8',
  '127.0.0.0/8',
  '192.168.7.9/32',
  '0.0.0.0/0',
  '192.168.4.0/22',
  '10.0.0.5/32',
  'fd00::/8',
  '2001:db8::/33',
)
export const arbitraryHex = fc.constantFrom('63', '6361', '636174', '00', 'ff', '2f', '2F657463')
export const arbitraryWhole = fc.constantFrom('0', '1', '2', '7', '22', '80', '100', '0x10', '120')
/** Ports are decimal, or names of services. */
export const arbitraryPort = fc.constantFrom('0', '22', '80', '443', '65535', 'ssh', 'https')
export const arbitraryTruth = fc.constantFrom('true', 'false')

const BARE = /^[^()"'\s=,]+$/
const MODIFIER = /^(?:oneof|anyof|allof|val)$/

/** The text as a condition writes it: bare if it may be, otherwise with either quote. */
export function writtenText(text: string, isDoubleQuoted = true): string {
  // Not every reader accepts a control character other than a blank in a bare string; quotes are safe for all.
  if (BARE.test(text) && !MODIFIER.test(text) && !/[\u0000-\u001f\u007f]/.test(text)) return text
  return quotedText(text, isDoubleQuoted)
}

const ESCAPES: Readonly<Record<string, string>> = { '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

export function quotedText(text: string, isDoubleQuoted = true): string {
  const quote = isDoubleQuoted ? '"' : "'"
  const escaped = [...text].map((character) => (character === quote ? `\\${quote}` : (ESCAPES[character] ?? character))).join('')
  // After a backslash the quote would not close, so a blank follows a backslash at the end.
  return `${quote}${text.endsWith('\\') ? `${escaped.slice(0, -1)} ` : escaped}${quote}`
}
