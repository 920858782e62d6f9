import assert from 'node:assert/strict'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { murmur2, partitionOf } from '../../../../infra/kafka/partitions.js'

describe('infra/kafka/murmur2', () => {
  // From Kafka's own test: clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
  const VECTORS: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ]
  for (const [text, hash] of VECTORS) {
    it(`hashes "${text}" like Kafka's Java client`, () => {
      assert.equal(murmur2(Buffer.from(text)), hash)
    })
  }

  it('chooses the partition of the Java-compatible partitioner, for any key and number of partitions', () => {
    const partitioner = kafkajs.Partitioners.DefaultPartitioner()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 1, max: 200 }), (key, partitions) => {
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
          partitionId,
          leader: 1,
          partitionErrorCode: 0,
          replicas: [1],
          isr: [1],
        }))
        const theirs = partitioner({ topic: 't', partitionMetadata, message: { key: Buffer.from(key), value: null } })
        assert.equal(partitionOf(key, partitions), theirs)
      }),
    )
  })
})
