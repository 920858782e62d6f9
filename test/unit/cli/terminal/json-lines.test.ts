import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { readLines } from '../../../../cli/terminal/json-lines.js'

async function linesOf(chunks: readonly Uint8Array[], maxBytes?: number): Promise<(string | null)[]> {
  const lines: (string | null)[] = []
  for await (const line of readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), maxBytes)) lines.push(line)
  return lines
}

describe('readLines', () => {
  it('gives the same lines however the bytes are cut', async () => {
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

  it('gives a last line without a line feed, and takes a carriage return off', async () => {
    assert.deepEqual(await linesOf([Buffer.from('a\r\nb')]), ['a', 'b'])
  })

  it('gives null for a line over the bound, and the next lines whole', async () => {
    assert.deepEqual(await linesOf([Buffer.from('12345'), Buffer.from('6789\nab\n123456\n12345\n')], 5), [null, 'ab', null, '12345'])
  })
})
