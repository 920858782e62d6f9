// Sizes of the command line: bytes of what people write, and a mistake for everything else.
import assert from 'node:assert/strict'
import { InvalidArgumentError } from 'commander'
import { parseSize } from '../../../../cli/settings/byte-size.js'

describe('sizes', () => {
  for (const [text, bytes] of [
    ['65536', 65_536],
    ['64KiB', 65_536],
    ['100MiB', 104_857_600],
    ['2GiB', 2_147_483_648],
  ] as const) {
    it(`${text} are ${String(bytes)} bytes`, () => assert.equal(parseSize(text), bytes))
  }

  for (const text of ['', '0', '-1', '1.5GiB', '10MB', 'ten', '999999999999TiB', '64 KiB']) {
    it(`"${text}" is none`, () => assert.throws(() => parseSize(text), InvalidArgumentError))
  }
})
