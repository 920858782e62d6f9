import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compress } from '@mongodb-js/zstd/bindings.js'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { compressSync } from 'snappy'
import { registerCodecs, unpackedBytesOf } from '../../../../infra/kafka/compression.js'
import { MAX_UNPACKED_BYTES } from '../../../../infra/kafka/unpacked-size.js'
import { packageRoot } from '../../../../infra/process/package-root.js'

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

describe('infra/kafka/compression', () => {
  before(registerCodecs)
  const { CompressionTypes } = kafkajs
  const codecOf = (type: number): Codec => (kafkajs.CompressionCodecs as Record<number, () => Codec>)[type]?.() as Codec

  for (const [name, type] of [
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
    ['gzip', CompressionTypes.GZIP],
  ] as const) {
    it(`decompresses what ${name} compressed`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), async (bytes) => {
          const buffer = Buffer.from(bytes)
          assert.deepEqual(await codecOf(type).decompress(await codecOf(type).compress({ buffer })), buffer)
        }),
        { numRuns: 30 },
      )
    })

    it(`refuses a small ${name} batch that unpacks to more than the bound, and unpacks one below it`, async () => {
      const isOver = /unpacks to more than 67108864 bytes|larger than 67108864 bytes/
      const bomb = await codecOf(type).compress({ buffer: Buffer.alloc(MAX_UNPACKED_BYTES + 1) })
      assert.ok(bomb.length < MAX_UNPACKED_BYTES / 20)
      await assert.rejects(codecOf(type).decompress(bomb), isOver)
      const large = Buffer.alloc(MAX_UNPACKED_BYTES / 4, 'some text')
      assert.ok((await codecOf(type).decompress(await codecOf(type).compress({ buffer: large }))).equals(large))
    })

    it(`rejects bytes that are not ${name}`, async () => {
      await assert.rejects(codecOf(type).decompress(Buffer.from('surely not compressed')))
    })
  }

  it('has a zstd with effective levels: the best one compresses more than the fastest', async () => {
    const text = readFileSync(join(packageRoot(), 'package-lock.json'))
    assert.ok((await compress(text, 19)).length < (await compress(text, 1)).length)
  })

  it('reads the framed snappy blocks of Java producers', async () => {
    const blocks = ['first block', 'second block'].map((text) => Buffer.from(compressSync(text)))
    const framed = blocks.flatMap((block) => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(block.length)
      return [size, block]
    })
    // Magic "\x82SNAPPY\0", version 1, compatible version 1.
    const header = Buffer.from('82534e415050590000000001' + '00000001', 'hex')
    const text = await codecOf(CompressionTypes.Snappy).decompress(Buffer.concat([header, ...framed]))
    assert.equal(text.toString(), 'first blocksecond block')
    const empty = Buffer.from([0, 0, 0, 1, 0])
    assert.throws(() => unpackedBytesOf(2, Buffer.concat([header, ...framed, empty])), /an empty snappy block/)
  })
})
