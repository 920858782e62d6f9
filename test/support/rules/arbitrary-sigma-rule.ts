// Sigma rules: every modifier with values that it accepts, wildcards and escapes, null, lists of maps, keywords, `of` and precedence.
import fc from 'fast-check'

/** Names of the log source process_creation, so that each can be read. */
const FIELDS = ['Image', 'CommandLine', 'ParentImage', 'User', 'CurrentDirectory'] as const

const plain = fc.constantFrom(
  'cat',
  '/bin/sh',
  '-c id',
  'a b',
  '',
  'UPPER',
  '*',
  '?at',
  'c*t',
  '\\*x',
  'a\\b',
  'a\\\\*',
  '/etc/*',
  'x?y*',
  'é',
  "it's",
  'C:\\Windows\\*',
  '10',
)
const wildcardFree = fc.constantFrom('cat', '/bin/sh', 'whoami /all', 'id', 'a b')
const dashed = fc.constantFrom('-c', ' -enc ', 'cmd /c', '-a -b', '/all')
const pattern = fc.constantFrom('c.t', '^/bin/(?:sh|bash)$', '[0-9]{2,}', '(?i)UPPER', '/etc/.+', '\\.sh$', 'a|b')
const network = fc.constantFrom('10.0.0.0/8', '192.168.0.0/16', 'fd00::/8')
const number = fc.constantFrom(0, 7, 10, 22, 1000)

type Detection = readonly [key: string, value: unknown]

const oneOrMore = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> => fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))

function test(modifiers: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Detection> {
  return fc
    .tuple(fc.constantFrom(...FIELDS), fc.constantFrom(...modifiers), value)
    .map(([field, modifier, given]) => [field + modifier, given])
}

const detection: fc.Arbitrary<Detection> = fc.oneof(
  {
    weight: 5,
    arbitrary: test(['', '|contains', '|startswith', '|endswith', '|cased', '|contains|cased', '|endswith|cased'], oneOrMore(plain)),
  },
  { weight: 2, arbitrary: test(['|contains|all', '|startswith|all'], fc.array(plain, { minLength: 2, maxLength: 3 })) },
  { weight: 2, arbitrary: test(['|re', '|re|i', '|re|s', '|re|m'], oneOrMore(pattern)) },
  { weight: 1, arbitrary: test(['|cidr'], oneOrMore(network)) },
  { weight: 1, arbitrary: test(['|lt', '|lte', '|gt', '|gte'], number) },
  {
    weight: 1,
    arbitrary: test(
      ['|base64', '|base64|contains', '|base64offset|contains', '|wide|base64offset|contains', '|utf16le|base64|contains'],
      oneOrMore(wildcardFree),
    ),
  },
  { weight: 1, arbitrary: test(['|windash', '|windash|contains', '|contains|windash'], oneOrMore(dashed)) },
  { weight: 1, arbitrary: test(['|exists'], fc.boolean()) },
  {
    weight: 1,
    arbitrary: test(['|fieldref', '|fieldref|contains', '|fieldref|startswith', '|fieldref|endswith'], fc.constantFrom(...FIELDS)),
  },
  { weight: 1, arbitrary: test([''], fc.oneof(fc.constant(null), number)) },
)

const map = fc.array(detection, { minLength: 1, maxLength: 3 }).map((tests) => Object.fromEntries(tests) as Record<string, unknown>)
const search: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: map },
  { weight: 1, arbitrary: fc.array(map, { minLength: 1, maxLength: 3 }) },
)

const SEARCHES = ['sel_a', 'sel_b', 'filter_a', 'filter_b', '_hidden'] as const

const condition = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constantFrom(...SEARCHES),
    fc.constantFrom('1 of them', 'all of them', '1 of sel_*', 'all of filter_*', 'all of sel*', '1 of *_a'),
    fc.tuple(tie('node'), fc.constantFrom('and', 'or', 'and not', 'or not'), tie('node')).map((parts) => parts.join(' ')),
    tie('node').map((inner) => `(${inner})`),
    tie('node').map((inner) => `not (${inner})`),
  ),
})).node

/** A Sigma rule as YAML (JSON is YAML) that loads. */
export const arbitrarySigmaRule: fc.Arbitrary<string> = fc
  .tuple(fc.record(Object.fromEntries(SEARCHES.map((name) => [name, search]))), condition)
  .map(([searches, text]) =>
    JSON.stringify({
      title: 'made up',
      id: '1b3f0a52-0000-4000-8000-000000000001',
      logsource: { product: 'linux', category: 'process_creation' },
      detection: { ...searches, condition: text },
    }),
  )
