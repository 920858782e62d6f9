// Records through JSON and back, and what is said of JSON that is no such record.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Codec } from '../../../schemas/codec.js'
import { bytesAsBase64, RecordJsonError, recordFromJson } from '../../../schemas/record-json.js'
import { testAlert } from '../../support/records/test-alert.js'
import { sampleFileEvent, sampleProcessEvent } from '../../support/records/sample-records.js'

const codec = new Codec()

function throughJson(record: object): unknown {
  return JSON.parse(JSON.stringify(record, bytesAsBase64))
}

describe('recordFromJson', () => {
  it('gives back the record that was printed, its bytes included', () => {
    const record = sampleFileEvent({ raw: { path: Buffer.from([0xff, 0x2f]) } })
    const again = recordFromJson(codec.schema('file'), throughJson(record))
    assert.deepEqual(Buffer.from(codec.encode('file', again as typeof record)), Buffer.from(codec.encode('file', record)))
  })

  it('gives back an alert with values of every type in its fields', () => {
    const outputFields = { name: 'x', count: 7, share: 0.5, isOpen: true, absent: null }
    const alert = testAlert({ outputFields })
    const again = recordFromJson(codec.schema('alerts'), throughJson(alert)) as typeof alert
    assert.deepEqual(again.outputFields, outputFields)
    assert.deepEqual(Buffer.from(codec.encode('alerts', again)), Buffer.from(codec.encode('alerts', alert)))
    const wrong = { ...alert, outputFields: { name: [1] } }
    assert.throws(
      () => recordFromJson(codec.schema('alerts'), throughJson(wrong)),
      /outputFields.name: expected one of string, long, double, boolean/,
    )
  })

  it('gives a field that is not there its default, and leaves out what the schema does not have', () => {
    const printed = throughJson(sampleProcessEvent()) as Record<string, unknown>
    delete printed['filename']
    printed['topic'] = 'process'
    const record = recordFromJson(codec.schema('process'), printed) as Record<string, unknown>
    assert.equal(record['filename'], null)
    assert.ok(!('topic' in record))
  })

  const faults: readonly (readonly [about: string, change: (record: Record<string, unknown>) => unknown, message: RegExp])[] = [
    ['a field without a default that is not there', ({ process: _, ...rest }) => rest, /^process: expected a value$/],
    ['a text for a number', (record) => ({ ...record, result: '0' }), /^result: expected a whole number of 32 bits$/],
    ['a number that no long holds exactly', (record) => ({ ...record, flags: 2 ** 60 }), /^flags: expected a whole number below 2\^53$/],
    [
      'a list that is none',
      (record) => ({ ...record, process: { ...(record['process'] as object), args: 'a' } }),
      /^process.args: expected a list$/,
    ],
    [
      'an item of a list',
      (record) => ({ ...record, process: { ...(record['process'] as object), args: ['a', 1] } }),
      /^process.args.1: expected a text$/,
    ],
    ['bytes that are no base64', (record) => ({ ...record, raw: { path: '***' } }), /^raw.path: expected bytes in base64$/],
    ['no object at all', () => [], /^expected an object$/],
  ]
  for (const [about, change, message] of faults) {
    it(`names the place of ${about}`, () => {
      const printed = change(throughJson(sampleFileEvent()) as Record<string, unknown>)
      assert.throws(() => recordFromJson(codec.schema('file'), printed), { message })
    })
  }

  it('throws nothing else, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          recordFromJson(codec.schema('file'), value)
        } catch (error) {
          assert.ok(error instanceof RecordJsonError)
        }
      }),
    )
  })
})
