// Answers are written in frames that a reader takes, whatever they say and however many there are.
import assert from 'node:assert/strict'
import { answerFrames, AnswerReader, type Answer } from '../../../../collector/recording/answer.js'

const name = (uid: number, bytes: number): Answer => ({ at: 0, uid, name: 'x'.repeat(bytes) })
const read = (frames: readonly Uint8Array[]): Answer[] => frames.flatMap((frame) => new AnswerReader().read(frame))

describe('answers as frames', () => {
  it('are one frame where they fit', () => {
    const answers = [name(1, 5), name(2, 5)]
    const { frames, leftOut } = answerFrames(answers, 1000)
    assert.deepEqual([frames.length, leftOut, read(frames)], [1, 0, answers])
    assert.deepEqual(answerFrames([], 1000), { frames: [], leftOut: 0 })
  })

  it('stay within the bound, and hold each answer once and in order', () => {
    const answers = Array.from({ length: 50 }, (_, uid) => name(uid, (uid * 7) % 40))
    for (let most = 80; most < 400; most += 13) {
      const { frames, leftOut } = answerFrames(answers, most)
      assert.ok(frames.length > 1 && frames.every(({ length }) => length <= most))
      assert.deepEqual([leftOut, read(frames)], [0, answers])
    }
  })

  it('leave out, and count, an answer that is longer than a frame', () => {
    const fits = name(1, 10)
    const bound = Buffer.byteLength(JSON.stringify([fits]))
    const { frames, leftOut } = answerFrames([fits, name(2, 11), fits], bound)
    assert.deepEqual([leftOut, read(frames)], [1, [fits, fits]])
  })
})
