// The codec: whatever fits a record's type comes back as it was, and whatever does not fit is an error that names its place.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { TOPIC_KEYS, type TopicKey } from '../../../infra/topic-log/topics.js'
import { AvroWriter } from '../../../schemas/avro-writer.js'
import { Codec } from '../../../schemas/codec.js'
import { RecordUnreadableError, SchemaUnknownError } from '../../../schemas/record-errors.js'
import { schemaJson } from '../../../schemas/tree/schema-json.js'
import type { RecordSchema } from '../../../schemas/tree/schema-model.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { HEADER_BYTES, readSchemaId } from '../../../schemas/wire-format.js'
import { arbitraryValue } from '../../support/records/arbitrary-record.js'
import { referenceBytes } from '../../support/records/reference-avro.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../support/records/sample-records.js'

type AnyRecord = TopicRecords[TopicKey]

function fault(decode: () => unknown): RecordUnreadableError {
  try {
    decode()
  } catch (error) {
    if (error instanceof RecordUnreadableError) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'the bytes were read' })
}

describe('codec', () => {
  const codec = new Codec()

  for (const topic of TOPIC_KEYS) {
    it(`writes any ${topic} record as the specification says, and reads it back`, () => {
      const schema = codec.schema(topic)
      fc.assert(
        fc.property(arbitraryValue(schema), (record) => {
          const value = codec.encode(topic, record as AnyRecord)
          assert.equal(readSchemaId(value, 0, value.length, topic), codec.schemaId(topic))
          assert.deepEqual([...value.subarray(HEADER_BYTES)], referenceBytes(schema, record))
          assert.deepEqual(codec.decode(topic, value), record)
        }),
        { numRuns: 40 },
      )
    })
  }

  it('appends to what the writer holds, with any capacity', () => {
    const event = sampleFileEvent()
    const alone = codec.encode('file', event)
    const writer = new AvroWriter(1)
    writer.raw(Uint8Array.of(1, 2, 3), 0, 3)
    codec.write('file', event, writer)
    codec.write('file', event, writer)
    assert.deepEqual([...writer.bytes.subarray(0, writer.position)], [1, 2, 3, ...alone, ...alone])
  })

  it('names the field of a record that does not fit its type, and leaves the writer as it was', () => {
    const writer = new AvroWriter()
    writer.int(1)
    const wrong = { ...sampleFileEvent(), process: { ...sampleProcess(), pid: 'one' } } as unknown as TopicRecords['file']
    assert.throws(() => codec.write('file', wrong, writer), /field process\.pid is string, not int/)
    assert.equal(writer.position, 1)
    const { result: _, ...without } = sampleFileEvent()
    assert.throws(() => codec.encode('file', without as TopicRecords['file']), /field result is missing/)
  })

  it('reads from the middle of a buffer, and what it gave stays when the buffer changes', () => {
    const event = sampleProcessEvent({ raw: { path: Uint8Array.of(255, 0) } })
    const value = codec.encode('process', event)
    const around = new Uint8Array(value.length + 20).fill(7)
    around.set(value, 10)
    const read = codec.decode('process', around, 10, 10 + value.length)
    around.fill(9)
    assert.deepEqual(read, event)
  })

  it('reads text that is no UTF-8 with U+FFFD', () => {
    const value = codec.encode('file', sampleFileEvent({ path: '/tmp/XXXX' }))
    const at = Buffer.from(value).indexOf('XXXX')
    value.set([0xff, 0xc3, 0x28, 0x80], at)
    assert.equal(codec.decode('file', value).path, '/tmp/\ufffd\ufffd(\ufffd')
  })

  it('keeps every key of a map, also __proto__, and lets none reach a prototype', () => {
    const labels = JSON.parse('{"__proto__": "polluted", "constructor": "kept"}') as Record<string, string>
    const facts = { name: 'n', image: 'i', imageRepository: null, imageTag: null, imageId: null, imageDigest: null }
    const origin = sampleFileEvent().origin
    const value = codec.encode('container', {
      type: 'facts',
      containerId: 'c',
      runtime: 'docker',
      facts: { ...facts, labels, isPrivileged: false, mounts: [], createdAtUs: 0, pod: null },
      cgroupId: null,
      cgroupPath: null,
      initPid: null,
      exitCode: null,
      isOomKilled: null,
      reason: null,
      origin,
    })
    const read = codec.decode('container', value).facts
    assert.deepEqual(Object.entries(read?.labels ?? {}), [
      ['__proto__', 'polluted'],
      ['constructor', 'kept'],
    ])
    assert.equal(Object.getPrototypeOf({}), Object.prototype)
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  })
})

describe('projection', () => {
  const codec = new Codec()

  it('gives the same as a whole decode for the fields that it names', () => {
    const project = codec.projection('file', ['type', 'path', 'process.pid', 'process.containerId', 'origin'])
    fc.assert(
      fc.property(arbitraryValue(codec.schema('file')), (record) => {
        const value = codec.encode('file', record as TopicRecords['file'])
        const whole = codec.decode('file', value)
        assert.deepEqual(project(value, 0, value.length), {
          type: whole.type,
          path: whole.path,
          process: { pid: whole.process.pid, containerId: whole.process.containerId },
          origin: whole.origin,
        })
      }),
      { numRuns: 50 },
    )
  })

  it('reads fields of a record that may be null', () => {
    const project = codec.projection('alerts', ['container.name', 'rule'])
    const value = Uint8Array.from([
      ...[0, 0x3b, 0x9a, 0xca, 0x05],
      ...referenceBytes(codec.schema('alerts'), {
        ...Object.fromEntries(
          ['alertId', 'rule', 'ruleId', 'ruleVersion', 'ruleSetHash', 'output', 'eventTopic', 'eventType'].map((name) => [name, name]),
        ),
        priority: 'error',
        language: 'sigma',
        tags: [],
        author: null,
        references: [],
        outputFields: {},
        facts: 'absent',
        origin: sampleFileEvent().origin,
        process: sampleProcess(),
        path: null,
        containerId: null,
        container: null,
        network: null,
        kernel: null,
        correlation: null,
      }),
    ])
    assert.deepEqual(project(value, 0, value.length), { container: null, rule: 'rule' })
  })

  it('does not read past its last field', () => {
    const project = codec.projection('file', ['type', 'syscall'])
    const value = codec.encode('file', sampleFileEvent())
    assert.deepEqual(project(value, 0, HEADER_BYTES + 2), { type: 'open', syscall: 'openat' })
  })

  it('refuses a field that there is not', () => {
    assert.throws(() => codec.projection('file', ['nothing' as 'type']), RangeError)
    assert.throws(() => codec.projection('file', ['process.nothing' as 'process.pid']), RangeError)
  })
})

describe('hostile bytes', () => {
  const codec = new Codec()
  const value = codec.encode('file', sampleFileEvent())

  it('are unreadable wherever they are cut', () => {
    for (let length = 0; length < value.length; length++) fault(() => codec.decode('file', value, 0, length))
  })

  it('are unreadable with anything after the record', () => {
    const longer = Uint8Array.from([...value, 0])
    const error = fault(() => codec.decode('file', longer))
    assert.match(error.message, /1 bytes follow the record/)
    assert.equal(error.offset, value.length)
  })

  it('are reported with topic, field and byte, without their content', () => {
    // The first field is an enum of ten symbols.
    const wrong = Uint8Array.from(value)
    wrong[HEADER_BYTES] = 100
    const error = fault(() => codec.decode('file', wrong))
    assert.equal(error.code, 'EUNOMIA_RECORD_UNREADABLE')
    assert.equal(error.isRetryable, false)
    assert.deepEqual(error.details, { topic: 'file', field: 'type', offset: HEADER_BYTES + 1 })
    assert.match(error.message, /record of file can't be read in field type at byte 6: there is no symbol 50/)
  })

  it('without the wire format are reported as such', () => {
    assert.match(fault(() => codec.decode('file', Uint8Array.of(1, 0, 0, 0, 1))).message, /magic byte is 1, not 0/)
    assert.match(fault(() => codec.decode('file', Uint8Array.of(0, 0, 0))).message, /3 bytes are too few/)
    assert.match(fault(() => codec.decode('file', new Uint8Array(0))).message, /0 bytes are too few/)
  })

  it('never throw anything but what is documented, whatever is changed in them', () => {
    const project = codec.projection('file', ['process.ancestors', 'origin.seq'])
    const change = fc.tuple(fc.nat({ max: value.length - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Uint8Array.from(value)
        for (const [at, byte] of changes) changed[at] = byte
        for (const decode of [() => codec.decode('file', changed), () => project(changed, 0, changed.length)]) {
          try {
            decode()
          } catch (error) {
            assert.ok(error instanceof RecordUnreadableError || error instanceof SchemaUnknownError, String(error))
          }
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('of any kind after a valid header are read or refused', () => {
    const header = value.subarray(0, HEADER_BYTES)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
        try {
          codec.decode('file', Uint8Array.from([...header, ...body]))
        } catch (error) {
          assert.ok(error instanceof RecordUnreadableError, String(error))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('that belong to another topic are refused by the record that they name', () => {
    const other = codec.encode('process', sampleProcessEvent())
    assert.match(
      fault(() => codec.decode('file', other)).message,
      /written with schema 1000000001, a eunomia\.ProcessEvent that is not readable here/,
    )
  })
})

describe('foreign schemas', () => {
  const own = new Codec().schema('file')
  /** A later version: one field more, and a symbol that we do not know. */
  const later: RecordSchema = {
    ...own,
    fields: own.fields.flatMap((field) =>
      field.name === 'type' && field.type.kind === 'enum'
        ? [{ ...field, type: { ...field.type, symbols: [...field.type.symbols, 'shred'] } }]
        : field.name === 'flags'
          ? [
              { ...field, name: 'novelty', type: { kind: 'primitive' as const, name: 'string' as const, logicalType: null }, default: '' },
              field,
            ]
          : [field],
    ),
  }
  const framed = (id: number, schema: RecordSchema, record: unknown): Uint8Array =>
    Uint8Array.from([0, id >>> 24, (id >>> 16) & 255, (id >>> 8) & 255, id & 255, ...referenceBytes(schema, record)])

  it('are learned from the source once, and read with the defaults of ours', async () => {
    const asked: number[] = []
    const codec = new Codec({
      source: {
        fetchSchema: async (id) => {
          asked.push(id)
          return Promise.resolve(schemaJson(later))
        },
      },
    })
    const value = framed(17, later, { ...sampleFileEvent(), type: 'shred', novelty: 'x' })
    assert.throws(
      () => codec.decode('file', value),
      (error) => error instanceof SchemaUnknownError && error.schemaId === 17,
    )
    await Promise.all([codec.learn(17), codec.learn(17)])
    assert.deepEqual(codec.decode('file', value), { ...sampleFileEvent(), type: 'UNKNOWN' })
    assert.deepEqual(codec.view('file', value), { ...sampleFileEvent(), type: 'UNKNOWN' })
    await codec.learn(17)
    assert.deepEqual(asked, [17])
  })

  it('stay unknown without a source, or when the source has no schema of a record', async () => {
    await assert.rejects(new Codec().learn(17), SchemaUnknownError)
    for (const json of ['string', { type: 'record', name: 'R' }, 17, null]) {
      const codec = new Codec({ source: { fetchSchema: async () => Promise.resolve(json) } })
      await assert.rejects(codec.learn(17), SchemaUnknownError)
    }
  })

  it('are asked for again after a source that could not answer', async () => {
    let asked = 0
    const codec = new Codec({
      source: {
        fetchSchema: async () => {
          if (++asked === 1) throw new Error('away')
          return Promise.resolve(schemaJson(own))
        },
      },
    })
    await assert.rejects(codec.learn(9), /away/)
    await codec.learn(9)
    assert.deepEqual(codec.decode('file', framed(9, own, sampleFileEvent())), sampleFileEvent())
  })

  it('go when there are too many, and are learned again', async () => {
    const codec = new Codec({ source: { fetchSchema: async () => Promise.resolve(schemaJson(own)) } })
    for (let id = 1; id <= 257; id++) await codec.learn(id)
    assert.equal(codec.evictedSchemas, 1)
    assert.throws(() => codec.decode('file', framed(1, own, sampleFileEvent())), SchemaUnknownError)
    await codec.learn(1)
    assert.deepEqual(codec.decode('file', framed(1, own, sampleFileEvent())), sampleFileEvent())
  })

  it('with an id of a registry are written by a codec that was given it', () => {
    const ids = {
      process: 1,
      file: 2,
      network: 8,
      kernel: 9,
      container: 3,
      host: 4,
      usage: 10,
      alerts: 5,
      pending: 6,
      deadletter: 7,
      audit: 11,
      state: 12,
      archive: 13,
      hunts: 14,
    }
    const codec = new Codec({ ids })
    const value = codec.encode('file', sampleFileEvent())
    assert.deepEqual([...value.subarray(0, HEADER_BYTES)], [0, 0, 0, 0, 2])
    assert.deepEqual(codec.decode('file', value), sampleFileEvent())
    assert.deepEqual(codec.decode('file', new Codec().encode('file', sampleFileEvent())), sampleFileEvent())
  })
})
