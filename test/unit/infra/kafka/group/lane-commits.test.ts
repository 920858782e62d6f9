import assert from 'node:assert/strict'
import { type FinishedPart, LaneCommits } from '../../../../../infra/kafka/group/lane-commits.js'
import type { Outputs } from '../../../../../infra/kafka/group/output-batches.js'
import { deferred } from '../../../../../infra/waiting/waiters.js'
import { waitForCount } from '../../../../support/wait-for.js'

const outputsOf = (...texts: string[]): Outputs => {
  const records = texts.map((text) => ({ topic: 'alerts' as const, key: Buffer.from('k'), value: Buffer.from(text), timestampMs: 0 }))
  return texts.length === 0 ? new Map() : new Map([['alerts/0', { topic: 'alerts', partition: 0, records }]])
}
const part = (offset: number, texts: readonly string[] = [], outputBytes = texts.length): FinishedPart => {
  return { offset, outputs: outputsOf(...texts), outputBytes, first: { offset: offset - 1, timestampMs: null } }
}

describe('infra/kafka/group/lane-commits', () => {
  let done: string[]
  let gates: ReturnType<typeof deferred<boolean>>[]
  let commits: LaneCommits
  beforeEach(() => {
    done = []
    gates = []
    commits = new LaneCommits({
      commit: async (offset, outputs) => {
        const texts = [...outputs.values()].flatMap(({ records }) => records.map(({ value }) => Buffer.from(value).toString()))
        done.push(`${String(offset)} ${texts.join()}`)
        const gate = deferred<boolean>()
        gates.push(gate)
        return await gate.promise
      },
      finished: (offset) => done.push(String(offset)),
    })
  })

  it('commits what has no outputs at once, unless a transaction is under way', async () => {
    commits.add(part(3))
    assert.deepEqual([done, commits.first], [['3'], undefined])
    commits.add(part(5, ['a']))
    commits.add(part(7))
    assert.deepEqual([done, commits.first?.offset], [['3', '5 a'], 4])
    gates[0]?.resolve(true)
    await commits.done()
    assert.deepEqual(done, ['3', '5 a', '7'])
  })

  it('takes all that was finished meanwhile into the next transaction, in order', async () => {
    for (const [offset, texts] of [
      [2, ['a']],
      [4, ['b', 'c']],
      [5, []],
      [6, ['d']],
    ] as const)
      commits.add(part(offset, texts))
    assert.deepEqual(done, ['2 a'])
    gates[0]?.resolve(true)
    await waitForCount('the second one', () => gates.length, 2)
    assert.deepEqual([done, commits.first?.offset], [['2 a', '6 b,c,d'], 3])
    gates[1]?.resolve(true)
    await commits.done()
    assert.equal(commits.first, undefined)
  })

  it('has no room for more than a few parts or bytes behind a transaction', async () => {
    commits.add(part(1, ['a'], 2_000_000))
    await commits.room()
    commits.add(part(2, ['b'], 2_000_000))
    let hasRoom = false
    const room = commits.room().then(() => (hasRoom = true))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(hasRoom, false)
    gates[0]?.resolve(true)
    await room
    for (let offset = 3; offset < 19; offset++) commits.add(part(offset))
    const more = commits.room().then(() => (hasRoom = false))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(hasRoom, true)
    gates[1]?.resolve(true)
    await more
    await commits.done()
    assert.deepEqual(done, ['1 a', '2 b', '18'])
  })

  it('gathers for longer while the lane is behind, until that ends, there is no room, or the lane ends', async () => {
    commits.reads(true)
    commits.add(part(1, ['a']))
    commits.add(part(2, ['b']))
    assert.deepEqual(done, ['1 a'])
    gates[0]?.resolve(true)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([done, commits.first?.offset], [['1 a'], 1])
    commits.reads(false)
    await waitForCount('the second one', () => gates.length, 2)
    commits.reads(true)
    for (let offset = 3; offset < 19; offset++) commits.add(part(offset, offset === 3 ? ['c'] : []))
    gates[1]?.resolve(true)
    await waitForCount('the third one', () => gates.length, 3)
    commits.add(part(19, ['d']))
    gates[2]?.resolve(true)
    const end = commits.done()
    await waitForCount('the fourth one', () => gates.length, 4)
    gates[3]?.resolve(true)
    await end
    assert.deepEqual(done, ['1 a', '2 b', '18 c', '19 d'])
  })

  it('commits what it gathered after a moment, however long the lane is behind', async () => {
    commits.reads(true)
    for (const offset of [1, 2]) {
      commits.add(part(offset, ['x']))
      await waitForCount('a transaction', () => gates.length, offset)
      gates[offset - 1]?.resolve(true)
    }
    await commits.done()
    assert.deepEqual(done, ['1 x', '2 x'])
  })

  it('commits nothing after a commit that was given up', async () => {
    commits.add(part(1, ['a']))
    commits.add(part(2, ['b']))
    gates[0]?.resolve(false)
    await commits.done()
    commits.add(part(3, ['c']))
    await commits.room()
    assert.deepEqual([done, commits.first], [['1 a'], undefined])
  })
})
