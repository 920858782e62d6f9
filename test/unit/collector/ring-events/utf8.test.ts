// Validation of UTF-8, compared with the platform's strict decoder.
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { invalidUtf8Bytes, utf8Sequence } from '../../../../collector/ring-events/utf8.js'

describe('UTF-8 validation', () => {
  for (const [what, bytes, expected] of [
    ['a surrogate half is not', [0xed, 0xa0, 0x80], 0],
    ['an overlong slash is not', [0xc0, 0xaf], 0],
    ['an overlong slash of three bytes is not', [0xe0, 0x80, 0xaf], 0],
    ['an overlong form of four bytes is not', [0xf0, 0x80, 0x80, 0xaf], 0],
    ['above U+10FFFF is not', [0xf4, 0x90, 0x80, 0x80], 0],
    ['U+10FFFF is', [0xf4, 0x8f, 0xbf, 0xbf], 4],
    ['U+FFFD is', [0xef, 0xbf, 0xbd], 3],
    ['a cut sequence is not', [0xe2, 0x82], 0],
    ['a lone continuation is not', [0x80], 0],
  ] as const) {
    it(`${what}: ${bytes.map((byte) => byte.toString(16)).join(' ')}`, () => {
      assert.equal(utf8Sequence(Uint8Array.from(bytes), 0, bytes.length), expected)
    })
  }

  it('does not read past the end of a text', () => {
    assert.equal(utf8Sequence(Uint8Array.from([0xe2, 0x82, 0xac]), 0, 2), 0)
  })

  it('agrees with the platform on random bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 6 }).map((text) => new Uint8Array(Buffer.from(text))),
    )
    fc.assert(
      fc.property(bytes, (text) => assert.equal(invalidUtf8Bytes(text, 0, text.length) === 0, isUtf8(text))),
      { numRuns: 2000 },
    )
  })
})
