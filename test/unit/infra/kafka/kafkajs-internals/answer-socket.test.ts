import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import fc from 'fast-check'
import { AnswerReader, answerSockets } from '../../../../../infra/kafka/kafkajs-internals/answer-socket.js'
import { FramePool } from '../../../../../infra/kafka/kafkajs-internals/frame-pool.js'
import { waitFor } from '../../../../support/wait-for.js'

function answerOf(bytes: number, fill: number): Buffer {
  const answer = Buffer.alloc(4 + bytes, fill)
  answer.writeInt32BE(bytes, 0)
  return answer
}

describe('infra/kafka/kafkajs-internals/answer-socket', () => {
  it('cuts what arrives into answers, however it is divided', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 65_500, max: 65_560 }), fc.integer({ min: 0, max: 300_000 }))
    const step = fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 100_000 }))
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 8 }), fc.array(step, { minLength: 1, maxLength: 5 }), (sizes, steps) => {
        const answers = sizes.map((bytes, index) => answerOf(bytes, index + 1))
        const seen: Buffer[] = []
        const reader = new AnswerReader(new FramePool(0), (answer) => seen.push(answer))
        const stream = Buffer.concat(answers)
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const space = reader.space
          assert.ok(space.length > 0)
          const bytes = stream.copy(space, 0, at, at + Math.min(steps[turn % steps.length] ?? 1, space.length))
          reader.filled(bytes)
          at += bytes
        }
        assert.equal(Buffer.concat(seen).compare(stream), 0)
        assert.deepEqual(
          seen.map(({ length }) => length),
          answers.map(({ length }) => length),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('reads large answers into memory that was given back', () => {
    const pool = new FramePool(10_000_000)
    const seen: Buffer[] = []
    const reader = new AnswerReader(pool, (answer) => seen.push(answer))
    for (const fill of [1, 2, 3]) {
      const answer = answerOf(1_000_000, fill)
      for (let at = 0; at < answer.length;) {
        const bytes = answer.copy(reader.space, 0, at)
        reader.filled(bytes)
        at += bytes
      }
      const last = seen.at(-1) ?? assert.fail()
      assert.ok(last.equals(answer))
      pool.give(last)
    }
    assert.equal(new Set(seen.map(({ buffer }) => buffer)).size, 1)
  })

  it('refuses a size that no answer has, and allocates nothing for it', () => {
    for (const size of [-1, -2_147_483_648, 2_147_483_647, 600_000_000]) {
      const reader = new AnswerReader(new FramePool(0), () => assert.fail('no answer'))
      reader.space.writeInt32BE(size, 0)
      assert.throws(() => reader.filled(4), RangeError)
    }
  })

  it('gives each answer as one event, and ends a connection that is not Kafka', async () => {
    const answers = [answerOf(10, 1), answerOf(1_000_000, 2), answerOf(0, 3)]
    const server = net.createServer((peer) => {
      peer.on('error', () => undefined)
      for (const answer of answers) peer.write(answer)
      peer.write(Buffer.alloc(4, 0xff))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const seen: Buffer[] = []
    const socket = answerSockets(new FramePool(0))({ host: '127.0.0.1', port, onConnect: () => undefined } as Parameters<
      ReturnType<typeof answerSockets>
    >[0])
    let error: unknown
    socket.on('data', (answer: Buffer) => seen.push(answer))
    socket.on('error', (failure) => (error = failure))
    await waitFor('the end of the connection', () => socket.destroyed && error)
    server.close()
    assert.deepEqual(
      seen.map(({ length }) => length),
      answers.map(({ length }) => length),
    )
    assert.ok(answers.every((answer, index) => seen[index]?.equals(answer)))
    assert.match(String(error), /an answer of -1 bytes/)
  })
})
