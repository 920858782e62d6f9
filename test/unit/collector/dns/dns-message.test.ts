// DNS messages by RFC 1035, and any other bytes from port 53.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANSWERS, readDnsMessage } from '../../../../collector/dns/dns-message.js'
import type { DnsAnswer, DnsMessage } from '../../../../schemas/generated/types.js'

const QUESTION = 0x0100
const RESPONSE = 0x8180

const word = (value: number): number[] => [value >> 8, value & 0xff]
const nameBytes = (name: string): number[] => [
  ...(name === '' ? [] : name.split('.').flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')])),
  0,
]
/** A pointer to the question, which follows the header. */
const OF_QUESTION = [0xc0, 12]

interface Message {
  flags: number
  name: number[]
  type: number
  answers: readonly number[][]
  answerCount: number
}

function message({ flags = QUESTION, name = nameBytes('example.com'), type = 1, answers = [], answerCount }: Partial<Message>): Uint8Array {
  const counts = [1, answerCount ?? answers.length, 0, 0].flatMap(word)
  return Uint8Array.from([...word(0x1234), ...word(flags), ...counts, ...name, ...word(type), ...word(1), ...answers.flat()])
}

const record = (name: readonly number[], type: number, ttl: number, data: readonly number[]): number[] => [
  ...name,
  ...word(type),
  ...word(1),
  ...word(ttl >>> 16),
  ...word(ttl & 0xffff),
  ...word(data.length),
  ...data,
]

const A = [192, 0, 2, 7]

function answersOf(...answers: number[][]): readonly DnsAnswer[] {
  return readDnsMessage(message({ flags: RESPONSE, answers }))?.answers ?? assert.fail('no message')
}

describe('a DNS message', () => {
  it('with a query has the name and type, and no code and no answers', () => {
    assert.deepEqual(readDnsMessage(message({ type: 28 })), {
      isResponse: false,
      questionName: 'example.com',
      questionType: 28,
      responseCode: null,
      answers: [],
      answersTruncated: false,
    })
  })

  it('with a response has the code, and each record with the value of its type', () => {
    const answers = [
      record(OF_QUESTION, 5, 300, nameBytes('a.example.net')),
      record(nameBytes('a.example.net'), 1, 60, A),
      record(OF_QUESTION, 28, 0xffffffff, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      record(OF_QUESTION, 15, 5, [...word(10), ...nameBytes('mail.example')]),
      record(OF_QUESTION, 33, 5, [...word(1), ...word(2), ...word(443), ...nameBytes('srv.example')]),
      record(OF_QUESTION, 16, 5, [3, ...Buffer.from('a b'), 2, 0, 0xff]),
      record(OF_QUESTION, 12, 5, OF_QUESTION),
      record(OF_QUESTION, 6, 5, [0]),
    ]
    assert.deepEqual(
      answersOf(...answers).map(({ name, type, ttlSeconds, value }) => [name, type, ttlSeconds, value]),
      [
        ['example.com', 5, 300, 'a.example.net'],
        ['a.example.net', 1, 60, '192.0.2.7'],
        ['example.com', 28, 4_294_967_295, '2001:db8::1'],
        ['example.com', 15, 5, 'mail.example'],
        ['example.com', 33, 5, 'srv.example'],
        ['example.com', 16, 5, 'a b\\000\\255'],
        ['example.com', 12, 5, 'example.com'],
        ['example.com', 6, 5, null],
      ],
    )
    assert.equal(readDnsMessage(message({ flags: RESPONSE | 3 }))?.responseCode, 3)
  })

  it('escapes each byte that is not printable ASCII as a number, and dots within a label', () => {
    const name = [5, 0x61, 0x2e, 0x5c, 0x07, 0xff, 0]
    assert.equal(readDnsMessage(message({ name }))?.questionName, 'a\\.\\\\\\007\\255')
    assert.equal(readDnsMessage(message({ name: [0] }))?.questionName, '')
  })

  it('with truncated answers or more than the bound is marked as truncated', () => {
    const answer = record(OF_QUESTION, 1, 60, A)
    const cut = readDnsMessage(message({ flags: RESPONSE, answers: [answer, answer.slice(0, -1)] }))
    assert.deepEqual([cut?.answers.length, cut?.answersTruncated], [1, true])
    const all = readDnsMessage(message({ flags: RESPONSE, answers: Array<number[]>(MAX_ANSWERS).fill(answer) }))
    assert.deepEqual([all?.answers.length, all?.answersTruncated], [MAX_ANSWERS, false])
    const more = readDnsMessage(message({ flags: RESPONSE, answers: Array<number[]>(MAX_ANSWERS + 1).fill(answer) }))
    assert.deepEqual([more?.answers.length, more?.answersTruncated], [MAX_ANSWERS, true])
    assert.equal(readDnsMessage(message({ flags: RESPONSE | 0x0200 }))?.answersTruncated, true, 'the sender cut it')
  })

  it('has no value for data of the wrong length for its type', () => {
    assert.deepEqual(
      answersOf(record(OF_QUESTION, 1, 1, [1, 2, 3]), record(OF_QUESTION, 28, 1, A), record(OF_QUESTION, 16, 1, [9, 0])).map(
        ({ value }) => value,
      ),
      [null, null, null],
    )
  })

  const BROKEN: readonly (readonly [why: string, bytes: Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['a header that is cut', message({}).subarray(0, 11)],
    ['no question', Uint8Array.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a name that is cut', message({}).subarray(0, 16)],
    ['a question without its type', message({}).subarray(0, 27)],
    ['a pointer to itself', message({ name: [0xc0, 12] })],
    ['a pointer forwards', message({ name: [0xc0, 20] })],
    ['pointers in a circle', message({ name: [1, 0x61, 0xc0, 12] })],
    ['a label of a length that there is not', message({ name: [0x80, 0] })],
    [
      'a name of more than 255 bytes',
      message({
        name: [
          ...Array(4)
            .fill([63, ...Array<number>(63).fill(0x61)])
            .flat(),
          0,
        ] as number[],
      }),
    ],
    ['an operation that is no query', message({ flags: 0x2800 })],
  ]
  for (const [why, bytes] of BROKEN) {
    it(`with ${why} is rejected`, () => {
      assert.equal(readDnsMessage(bytes), null)
    })
  }

  function assertBounded(read: DnsMessage | null): void {
    if (read === null) return
    assert.ok(read.answers.length <= MAX_ANSWERS)
    for (const name of [read.questionName, ...read.answers.map((answer) => answer.name)]) {
      assert.ok(name.length <= 4 * 255)
      assert.match(name, /^[\x20-\x7e]*$/)
    }
  }

  it('of any bytes is parsed within bounds, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => assertBounded(readDnsMessage(bytes))),
      { numRuns: 2000 },
    )
  })

  it('with any bytes changed or cut is parsed within bounds, and never throws', () => {
    const good = message({
      flags: RESPONSE,
      answers: [
        record(OF_QUESTION, 5, 300, nameBytes('a.example.net')),
        record(OF_QUESTION, 1, 60, A),
        record(OF_QUESTION, 16, 5, [1, 65]),
      ],
    })
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 })
    fc.assert(
      fc.property(changes, fc.nat(good.length), (changed, length) => {
        const bytes = Uint8Array.from(good)
        for (const [at, byte] of changed) bytes[at] = byte
        assertBounded(readDnsMessage(bytes.subarray(0, length)))
      }),
      { numRuns: 5000 },
    )
  })
})
