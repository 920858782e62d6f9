import assert from 'node:assert/strict'
import { Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { answerJsonLines, readLines } from '../../../../infra/process/json-lines.js'

async function linesOf(chunks: readonly Uint8Array[], maxBytes?: number): Promise<(string | null)[]> {
  const lines: (string | null)[] = []
  for await (const line of readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), maxBytes)) lines.push(line)
  return lines
}

describe('readLines', () => {
  it('returns the same lines for any division of the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme' }).filter((line) => !/[\r\n]/.test(line)),
          { minLength: 1 },
        ),
        fc.integer({ min: 1, max: 9 }),
        async (lines, size) => {
          const bytes = Buffer.from(`${lines.join('\n')}\n`)
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          )
          assert.deepEqual(await linesOf(chunks), lines)
        },
      ),
    )
  })

  it('returns a last line without a line feed, and removes a carriage return', async () => {
    assert.deepEqual(await linesOf([Buffer.from('a\r\nb')]), ['a', 'b'])
  })

  it('returns null for a line above the bound, and the next lines whole', async () => {
    assert.deepEqual(await linesOf([Buffer.from('12345'), Buffer.from('6789\nab\n123456\n12345\n')], 5), [null, 'ab', null, '12345'])
  })
})

/** The answer to one line; by default the parsed request. */
async function answerTo(line: string, answer: (request: object) => object = (request) => request): Promise<unknown> {
  let text = ''
  const output = new Writable({
    write: (chunk: unknown, _encoding, done) => {
      text += String(chunk)
      done()
    },
  })
  await answerJsonLines(Readable.from([Buffer.from(`${line}\n`)]), output, answer)
  return JSON.parse(text)
}

describe('answerJsonLines', () => {
  it('converts an integer that JSON would round to a string with all digits', async () => {
    assert.deepEqual(await answerTo('{"a":1700000000123456789,"b":[-18446744073709551615],"c":9007199254740991}'), {
      a: '1700000000123456789',
      b: ['-18446744073709551615'],
      c: 9007199254740991,
    })
  })

  it('does not change strings and fractions, whatever digits they have', async () => {
    const line = '{"a":"x 1700000000123456789","\\"1700000000123456789":1.7000000001234567891,"e":"\\\\","f":17000000001234567890e-5}'
    assert.deepEqual(await answerTo(line), JSON.parse(line))
  })

  it('skips a byte order mark', async () => {
    assert.deepEqual(await answerTo('\ufeff{"id":1}'), { id: 1 })
  })

  it('answers a failed request with the error and the id', async () => {
    const refuse = (): never => {
      throw new TypeError('no')
    }
    assert.deepEqual(await answerTo('{"id":7}', refuse), { id: 7, ok: false, error: 'no' })
    assert.deepEqual(await answerTo('[]', refuse), { id: null, error: 'not a JSON object' })
  })
})
