// Golden bytes: each version of each record stays readable, byte for byte.
import assert from 'node:assert/strict'
import { Codec } from '../../../schemas/codec.js'
import { CURRENT_VERSION } from '../../../schemas/ids.js'
import { storedSchemas } from '../../../schemas/schema-set.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { HEADER_BYTES } from '../../../schemas/wire-format.js'
import { golden } from '../../support/records/golden-records.js'
import { referenceBytes } from '../../support/records/reference-avro.js'

describe('golden bytes', () => {
  const codec = new Codec()

  for (const { topic, version, id, schema } of storedSchemas()) {
    const { record, body } = golden(topic, version)
    const value = Uint8Array.from([0, id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255, ...body])

    it(`of version ${String(version)} of ${topic} are what the specification says`, () => {
      assert.equal(Buffer.from(referenceBytes(schema, record)).toString('hex'), Buffer.from(body).toString('hex'))
    })

    it(`of version ${String(version)} of ${topic} are read by the codec`, () => {
      const read = codec.decode(topic, value)
      if (version === CURRENT_VERSION[topic]) assert.deepEqual(read, record)
    })

    if (version !== CURRENT_VERSION[topic]) continue
    it(`of version ${String(version)} of ${topic} are what the codec writes`, () => {
      assert.equal(
        Buffer.from(codec.encode(topic, record as TopicRecords[typeof topic])).toString('hex'),
        Buffer.from(value).toString('hex'),
      )
    })
  }

  it('are, for a dead letter, what a person writes by hand', () => {
    const text = (value: string): number[] => [value.length * 2, ...Buffer.from(value)]
    const bytes = [
      ...[0x00, 0x3b, 0x9a, 0xca, 0x07], // magic byte, schema id 1,000,000,007
      ...text('f'), // functionName
      ...text('t'), // topic
      0x06, // partition 3
      ...[0x80, 0x01], // offset 64
      ...[0x02, 0x04, 0xff, 0x00], // key: branch 1, two bytes
      0x00, // value: branch 0, null
      0x02, // timestampUs 1
      ...text('c'), // errorCode
      ...text('m'), // errorMessage
      ...[0x02, ...text('x')], // field: branch 1
      0x01, // attempts -1
      0x00, // failedAtUs 0
    ]
    const record = {
      functionName: 'f',
      topic: 't',
      partition: 3,
      offset: 64,
      key: Uint8Array.of(255, 0),
      value: null,
      timestampUs: 1,
      errorCode: 'c',
      errorMessage: 'm',
      field: 'x',
      attempts: -1,
      failedAtUs: 0,
    }
    assert.deepEqual([...codec.encode('deadletter', record)], bytes)
    assert.deepEqual(codec.decode('deadletter', Uint8Array.from(bytes)), record)
    assert.equal(HEADER_BYTES, 5)
  })
})
