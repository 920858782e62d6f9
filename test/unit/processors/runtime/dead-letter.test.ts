import assert from 'node:assert/strict'
import { deadLetterBytes, deadLetterOf, failureOf } from '../../../../processors/runtime/dead-letter.js'
import { Codec } from '../../../../schemas/codec.js'
import type { DeadLetter } from '../../../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../../../schemas/record-errors.js'
import { ArrayBatch, type ArrayRecord } from '../../../support/records/array-batch.js'

const CODEC = new Codec()

function letterOf(
  record: ArrayRecord,
  error: unknown = new Error('bug'),
  maxRecordBytes = 100_000,
): { key: string; bytes: number; letter: DeadLetter } {
  const batch = new ArrayBatch('file', [record], 77)
  batch.next()
  const context = { functionName: 'detect', nowUs: 5_000_123, maxRecordBytes }
  const { topic, key, value } = deadLetterOf(batch, failureOf(error, 2), context, (letter) => CODEC.encode('deadletter', letter))
  assert.equal(topic, 'deadletter')
  return { key: Buffer.from(key).toString(), bytes: value.length, letter: CODEC.decode('deadletter', value) }
}

describe('dead letter', () => {
  it('holds the position of the record, its bytes, and why it failed', () => {
    const error = new RecordUnreadableError('the text is too long', { topic: 'file', offset: 12, field: 'process.args[2]' })
    const { key, letter } = letterOf({ key: Buffer.from('host-1'), value: Buffer.from('value'), timestampMs: 4_000 }, error)
    assert.equal(key, 'host-1')
    assert.deepEqual(
      { ...letter, key: Buffer.from(letter.key ?? []).toString(), value: Buffer.from(letter.value ?? []).toString() },
      {
        functionName: 'detect',
        topic: 'eunomia.file.v1',
        partition: 3,
        offset: 77,
        key: 'host-1',
        value: 'value',
        timestampUs: 4_000_000,
        errorCode: 'EUNOMIA_RECORD_UNREADABLE',
        errorMessage: error.message,
        field: 'process.args[2]',
        attempts: 2,
        failedAtUs: 5_000_123,
      },
    )
  })

  it('distinguishes a record without key or value from one with empty ones', () => {
    const without = letterOf({ key: null, value: null })
    assert.equal(without.letter.key, null)
    assert.equal(without.letter.value, null)
    assert.equal(without.key, '')
    const empty = letterOf({ key: new Uint8Array(0), value: new Uint8Array(0) })
    assert.equal(empty.letter.key?.length, 0)
    assert.equal(empty.letter.value?.length, 0)
  })

  it('reports a foreign error as a failure of the function', () => {
    assert.equal(letterOf({ value: null }, new TypeError('x is not a function')).letter.errorCode, 'EUNOMIA_FUNCTION_FAILED')
    assert.equal(letterOf({ value: null }, 'thrown text').letter.errorMessage, 'thrown text')
  })

  it('leaves out a value that would not fit in a record, and says so', () => {
    const { bytes, letter } = letterOf({ key: Buffer.from('k'), value: Buffer.alloc(95_000) })
    assert.equal(letter.value, null)
    assert.match(letter.errorMessage, /^bug \(the value, 95000 bytes, is too large/)
    assert.ok(bytes < 100_000)
    const fits = letterOf({ key: Buffer.from('k'), value: Buffer.alloc(90_000) })
    assert.equal(fits.letter.value?.length, 90_000)
    assert.ok(fits.bytes < 100_000)
  })

  it('cuts an endless key, in the letter and in its own key, and says so', () => {
    const { bytes, key, letter } = letterOf({ key: Buffer.alloc(15 << 20, 'k'), value: Buffer.from('value') })
    assert.equal(key, 'k'.repeat(4_096))
    assert.equal(letter.key?.length, 4_096)
    assert.equal(Buffer.from(letter.value ?? []).toString(), 'value')
    assert.match(letter.errorMessage, /^bug \(the key, 15728640 bytes, is cut/)
    assert.ok(bytes < 100_000)
  })

  it('is counted with the bytes that it has at most, however long the key is', () => {
    const batch = new ArrayBatch('file', [{ key: Buffer.alloc(15 << 20), value: null }], 77)
    batch.next()
    assert.ok(deadLetterBytes(batch, failureOf(new Error('bug'), 1)) < 10_000)
  })

  it('cuts an endless message', () => {
    const { letter } = letterOf({ value: null }, new Error('ä'.repeat(1_000_000)))
    assert.equal(letter.errorMessage, 'ä'.repeat(2_000))
  })
})
