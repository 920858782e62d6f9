// Views: field by field what a decode gives, for any record, and refusals for the same bytes.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TOPIC_KEYS, type TopicKey } from '../../../../infra/topic-log/topics.js'
import { Codec } from '../../../../schemas/codec.js'
import { RecordUnreadableError } from '../../../../schemas/record-errors.js'
import type { TopicRecords } from '../../../../schemas/topics.js'
import type { AvroSchema, RecordSchema } from '../../../../schemas/tree/schema-model.js'
import { HEADER_BYTES } from '../../../../schemas/wire-format.js'
import { arbitraryValue } from '../../../support/records/arbitrary-record.js'
import { sampleFileEvent } from '../../../support/records/sample-records.js'

/** Every field of a view, as a plain object. */
function readAll(schema: RecordSchema, view: unknown): Record<string, unknown> {
  const read = (type: AvroSchema, value: unknown): unknown => (type.kind === 'record' ? readAll(type, value) : value)
  const fields = view as Readonly<Record<string, unknown>>
  return Object.fromEntries(schema.fields.map(({ name, type }) => [name, read(type, fields[name])]))
}

/** What reading gave, or the error with its place. */
function outcome(read: () => unknown): unknown {
  try {
    return { read: read() }
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error
    return { refused: error.message }
  }
}

describe('a view of a record', () => {
  const codec = new Codec()
  const all = (topic: TopicKey, bytes: Uint8Array): unknown => readAll(codec.schema(topic), codec.view(topic, bytes))

  for (const topic of TOPIC_KEYS) {
    it(`of ${topic} holds what a decode gives`, () => {
      fc.assert(
        fc.property(arbitraryValue(codec.schema(topic)), (record) => {
          const bytes = codec.encode(topic, record as TopicRecords[TopicKey])
          assert.deepEqual(all(topic, bytes), codec.decode(topic, bytes))
        }),
        { numRuns: 40 },
      )
    })

    it(`of ${topic} takes and refuses the same damaged bytes, and reads them alike`, () => {
      const damaged = fc.tuple(
        arbitraryValue(codec.schema(topic)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.nat(4),
      )
      fc.assert(
        fc.property(damaged, ([record, changes, cut]) => {
          const sound = codec.encode(topic, record as TopicRecords[TopicKey])
          const bytes = sound.slice(0, Math.max(HEADER_BYTES, sound.length - cut))
          const body = bytes.subarray(HEADER_BYTES)
          if (body.length > 0) for (const [at, byte] of changes) body[at % body.length] = byte
          assert.deepEqual(
            outcome(() => all(topic, bytes)),
            outcome(() => codec.decode(topic, bytes)),
          )
        }),
        { numRuns: 150 },
      )
    })
  }

  it('reads numbers and branches that are written longer than they need be', () => {
    const bytes = codec.encode('file', sampleFileEvent({ newPath: null, path: 'a' }))
    const at = Buffer.from(bytes).indexOf(Buffer.from([2, 2, 0x61, 0]))
    assert.ok(at > 0)
    // Branch 1 and length 1 in two bytes each, then branch 0 in two bytes.
    const padded = Buffer.concat([bytes.subarray(0, at), Buffer.from([0x82, 0, 0x82, 0, 0x61, 0x80, 0]), bytes.subarray(at + 4)])
    const view = codec.view('file', padded)
    assert.deepEqual([view.path, view.newPath], ['a', null])
    assert.deepEqual(all('file', padded), codec.decode('file', padded))
  })

  it('works in the middle of a buffer, next to others, and with many at once', () => {
    const events = Array.from({ length: 2000 }, (_, index) => sampleFileEvent({ path: `/tmp/${String(index)}`, result: -1 - index }))
    const values = events.map((event) => codec.encode('file', event))
    const bytes = Buffer.concat(values)
    let start = 0
    const views = values.map(({ length }) => codec.view('file', bytes, start, (start += length)))
    for (const [index, view] of views.entries()) assert.deepEqual(readAll(codec.schema('file'), view), events[index])
  })
})
