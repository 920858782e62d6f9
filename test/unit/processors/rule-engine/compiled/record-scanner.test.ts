// Scans of Avro bytes: what is found, and that nothing is read beyond a record, whatever its bytes claim.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RecordScanner } from '../../../../../processors/rule-engine/compiled/record-scanner.js'
import { RECORD_SLOTS, listSlot, numberSlot, textSlot } from '../../../../../processors/rule-engine/fields/bytes/record-slots.js'
import { NULL_TEXT, UNKNOWN_TEXT, type ScannedRecord } from '../../../../../processors/rule-engine/fields/bytes/scanned-record.js'
import { Codec } from '../../../../../schemas/codec.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { foreignWriters, type Writer } from '../../../../support/rules/foreign-writers.js'

const HEADER = 5
const codec = new Codec()

function textOf({ bytes, texts }: ScannedRecord, slot: number): string | null | undefined {
  const start = texts[2 * slot] ?? UNKNOWN_TEXT
  if (start < 0) return start === NULL_TEXT ? null : undefined
  return Buffer.from(bytes.subarray(start, texts[2 * slot + 1])).toString()
}

function listOf({ bytes, lists }: ScannedRecord, slot: number): string[] | null {
  const list = lists[slot]
  if (list === undefined || list.count < 0) return null
  return Array.from({ length: list.count }, (_, at) => Buffer.from(bytes.subarray(list.spans[2 * at], list.spans[2 * at + 1])).toString())
}

const LONG = 'x'.repeat(9_000)
const RECORD = sampleFileEvent({
  path: `/etc/${'a'.repeat(70)}`,
  newPath: null,
  result: -2,
  process: sampleProcess({ name: 'cat', args: ['cat', '', LONG], loginUid: null, pid: 4_000_000, env: null }),
})

describe('a scan', () => {
  let writers: readonly Writer[] = []

  before(async () => {
    writers = await foreignWriters()
  })

  it('finds texts, numbers and lists, with every schema of a writer that has them', () => {
    for (const writer of writers) {
      const bytes = writer.encode({ topic: 'file', record: RECORD })
      const found = writer.scanners.of('file').scan(bytes, 0, bytes.length)
      assert.ok(found !== null, writer.name)
      // It has a default, so that an older writer may not have it.
      assert.equal(textOf(found, textSlot('path')), writer.name === 'older' ? null : RECORD.path)
      assert.equal(textOf(found, textSlot('process.name')), 'cat')
      assert.deepEqual(listOf(found, listSlot('process.args')), ['cat', '', LONG])
      assert.equal(found.numbers[numberSlot('result')], -2)
      assert.equal(found.numbers[numberSlot('process.pid')], 4_000_000)
      assert.equal(found.symbols.types[found.numbers[numberSlot('type')] ?? -1], RECORD.type)
      assert.equal(found.symbols.syscalls[found.numbers[numberSlot('syscall')] ?? -1], RECORD.syscall)
    }
  })

  it('reads null, also for a field that the writer does not have', () => {
    for (const writer of writers) {
      const bytes = writer.encode({ topic: 'file', record: RECORD })
      const found = writer.scanners.of('file').scan(bytes, 0, bytes.length)
      assert.ok(found !== null)
      assert.equal(textOf(found, textSlot('newPath')), null, writer.name)
      assert.ok(Number.isNaN(found.numbers[numberSlot('process.loginUid')]), writer.name)
    }
  })

  it('does not know a field of another topic', () => {
    const bytes = codec.encode('file', RECORD)
    const found = writers[0]?.scanners.of('file').scan(bytes, 0, bytes.length)
    assert.ok(found !== null && found !== undefined)
    assert.equal(textOf(found, textSlot('remoteAddress')), undefined)
  })

  it('refuses a record that ends too early or too late, at every byte', () => {
    const bytes = codec.encode('file', { ...RECORD, process: sampleProcess({ name: 'cat', args: ['cat', 'x'] }) })
    const schema = codec.schema('file')
    const scanner = new RecordScanner('file', schema, schema, RECORD_SLOTS)
    assert.equal(scanner.scan(bytes, HEADER, bytes.length), true)
    for (let end = HEADER; end < bytes.length; end++) assert.equal(scanner.scan(bytes, HEADER, end), false, `ends at ${String(end)}`)
    assert.equal(scanner.scan(Buffer.concat([bytes, Buffer.alloc(1)]), HEADER, bytes.length + 1), false)
    assert.equal(scanner.scan(bytes, HEADER, bytes.length + 1), false)
  })

  it('refuses what it does not read itself, and ends for any bytes', () => {
    const [ours] = writers
    assert.ok(ours !== undefined)
    assert.equal(ours.scanners.of('file').scan(codec.encode('process', sampleProcessEvent()), 0, 10), null)
    const header = Buffer.from(codec.encode('file', RECORD).subarray(0, HEADER))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
        const bytes = Buffer.concat([header, body])
        if (ours.scanners.of('file').scan(bytes, 0, bytes.length) !== null) ours.codec.decode('file', bytes)
      }),
    )
  })

  it('refuses a schema under which the decoder may refuse a value', () => {
    const schema = codec.schema('file')
    const other = { ...schema, fields: schema.fields.map((field) => (field.name === 'path' ? { ...field, type: field.type } : field)) }
    const bytes = codec.encode('file', RECORD)
    assert.equal(new RecordScanner('file', other, schema, RECORD_SLOTS).scan(bytes, HEADER, bytes.length), true)
    assert.equal(
      new RecordScanner('file', { ...other, name: 'eunomia.Other' }, schema, RECORD_SLOTS).scan(bytes, HEADER, bytes.length),
      false,
    )
    const withoutType = { ...schema, fields: schema.fields.filter(({ name }) => name !== 'type') }
    assert.equal(new RecordScanner('file', withoutType, schema, RECORD_SLOTS).scan(bytes, HEADER, bytes.length), false)
  })
})
