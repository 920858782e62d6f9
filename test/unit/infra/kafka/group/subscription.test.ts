// Subscriptions and assignments byte by byte, from the tables of Kafka's consumer protocol.
import assert from 'node:assert/strict'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../../infra/kafka/group/subscription.js'

const OWNED = new Map([['ab', [0, 5]]])

describe('infra/kafka/group/subscription', () => {
  it('writes version 2: topics, no user data, what is held, the generation', () => {
    const expected =
      '0002' + // version
      '00000001' +
      '0002' +
      '6162' + // one topic, "ab"
      'ffffffff' + // no user data
      '00000001' +
      '0002' +
      '6162' +
      '00000002' +
      '00000000' +
      '00000005' + // held: "ab" 0 and 5
      '00000007' // generation
    assert.equal(encodeSubscription({ topics: ['ab'], owned: OWNED, generation: 7 }).toString('hex'), expected)
  })

  it('reads every version', () => {
    const topics = '00000001' + '0002' + '6162' + 'ffffffff'
    const owned = '00000001' + '0002' + '6162' + '00000002' + '00000000' + '00000005'
    const read = (hex: string) => decodeSubscription(Buffer.from(hex, 'hex'))
    assert.deepEqual(read('0000' + topics), { topics: ['ab'], owned: new Map(), generation: -1 })
    assert.deepEqual(read('0001' + topics + owned), { topics: ['ab'], owned: OWNED, generation: -1 })
    assert.deepEqual(read('0003' + topics + owned + '00000007' + 'ffff'), { topics: ['ab'], owned: OWNED, generation: 7 })
  })

  it('refuses a subscription that is cut', () => {
    const whole = encodeSubscription({ topics: ['ab'], owned: OWNED, generation: 7 })
    for (let length = 0; length < whole.length; length++) assert.throws(() => decodeSubscription(whole.subarray(0, length)), RangeError)
  })

  it('reads the assignments that it writes, and none from no bytes', () => {
    for (const isGiving of [false, true]) {
      const assignment = { partitions: OWNED, isGiving }
      assert.deepEqual(decodeAssignment(encodeAssignment(assignment)), assignment)
    }
    assert.deepEqual(decodeAssignment(Buffer.alloc(0)), { partitions: new Map(), isGiving: false })
  })
})
