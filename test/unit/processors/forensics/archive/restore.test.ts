import assert from 'node:assert/strict'
import { headersOf } from '../../../../../processors/forensics/archive/restore.js'

describe('headers of a record', () => {
  it('are names and values, in their order, also empty ones and one without a value', () => {
    // Two headers "a": "xy", "": none (length -1); lengths as zigzag varints.
    const bytes = Buffer.from([6, 2, 0x61, 4, 0x78, 0x79, 0, 1, 2, 0x61, 0])
    assert.deepEqual(headersOf(bytes), [
      ['a', Buffer.from('xy')],
      ['', Buffer.alloc(0)],
      ['a', Buffer.alloc(0)],
    ])
    assert.deepEqual(headersOf(null), [])
  })

  it('that are cut, or claim more than there is, are refused', () => {
    assert.throws(() => headersOf(Buffer.from([4, 2, 0x61, 4, 0x78])))
    assert.throws(() => headersOf(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])))
  })
})
