// The division of partitions among members, over the rounds that a group needs until nothing moves.
import assert from 'node:assert/strict'
import { assignPartitions, type GroupMember } from '../../../../../infra/kafka/group/assignor.js'

const EVENTS = ['file', 'kernel', 'network', 'process']
const COUNTS = new Map(EVENTS.map((topic) => [topic, 6]))
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${String(index)}`)

/** A group without brokers: its members join with what they hold until nobody gives anything away. */
class Group {
  members: GroupMember[] = []
  generation = 0
  moved = 0

  readonly counts: ReadonlyMap<string, number>
  readonly topics: readonly string[]

  constructor(counts: ReadonlyMap<string, number> = COUNTS, topics: readonly string[] = EVENTS) {
    this.counts = counts
    this.topics = topics
  }

  /** Lets these be the members, and the group be put together until it rests. */
  settle(memberIds: readonly string[]): void {
    this.members = memberIds.map(
      (memberId) =>
        this.members.find((member) => member.memberId === memberId) ?? { memberId, topics: this.topics, owned: new Map(), generation: -1 },
    )
    for (let round = 0; ; round++) {
      assert.ok(round < 4, 'the group comes to rest')
      const assignment = assignPartitions(this.members, this.counts)
      this.generation++
      let isGiven = false
      this.members = this.members.map((member) => {
        const assigned = assignment.get(member.memberId) ?? new Map<string, number[]>()
        for (const [topic, partitions] of member.owned)
          for (const partition of partitions) if (assigned.get(topic)?.includes(partition) !== true) isGiven = true
        return { ...member, owned: assigned, generation: this.generation }
      })
      this.assertHeldOnce()
      if (!isGiven) return
    }
  }

  assertHeldOnce(): void {
    const held = this.members.flatMap(({ owned }) =>
      [...owned].flatMap(([topic, partitions]) => partitions.map((n) => `${topic}/${String(n)}`)),
    )
    assert.equal(new Set(held).size, held.length)
  }

  numbersOf(memberId: string, topic: string): number[] {
    return [...(this.members.find((member) => member.memberId === memberId)?.owned.get(topic) ?? [])].sort((a, b) => a - b)
  }
}

describe('infra/kafka/group/assignor', () => {
  for (let count = 1; count <= 9; count++) {
    it(`gives each of ${String(count)} members the same numbers of all topics, in equal shares`, () => {
      const group = new Group()
      group.settle(ids(count))
      const shares = ids(count).map((id) => group.numbersOf(id, 'process'))
      for (const id of ids(count)) for (const topic of EVENTS) assert.deepEqual(group.numbersOf(id, topic), group.numbersOf(id, 'process'))
      assert.deepEqual(shares.flat().sort(), [0, 1, 2, 3, 4, 5])
      const sizes = shares.map((share) => share.length)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, String(sizes))
    })
  }

  it('keeps the topics of a number together while members come and go one after the other', () => {
    const group = new Group()
    for (const members of [
      ['a'],
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['b', 'c', 'd', 'e'],
      ['e'],
      ['e', 'f', 'g', 'h', 'i', 'j', 'k'],
    ]) {
      group.settle(members)
      for (const id of members) for (const topic of EVENTS) assert.deepEqual(group.numbersOf(id, topic), group.numbersOf(id, 'process'))
      assert.deepEqual(members.flatMap((id) => group.numbersOf(id, 'file')).sort(), [0, 1, 2, 3, 4, 5])
    }
  })

  it('moves only what the shares require', () => {
    const group = new Group()
    group.settle(['a', 'b', 'c'])
    const before = new Map(['a', 'b', 'c'].map((id) => [id, group.numbersOf(id, 'file')]))
    group.settle(['a', 'b', 'c', 'd'])
    const kept = ['a', 'b', 'c'].flatMap((id) => group.numbersOf(id, 'file').filter((number) => before.get(id)?.includes(number)))
    assert.equal(kept.length, 5)
    group.settle(['a', 'b', 'd'])
    assert.equal(['a', 'b', 'd'].flatMap((id) => group.numbersOf(id, 'file')).length, 6)
  })

  it('gives nobody what its owner has not given away', () => {
    const owner: GroupMember = { memberId: 'owner', topics: ['file'], owned: new Map([['file', [0, 1, 2, 3, 4, 5]]]), generation: 4 }
    const fresh: GroupMember = { memberId: 'fresh', topics: ['file'], owned: new Map(), generation: -1 }
    const assignment = assignPartitions([owner, fresh], COUNTS)
    assert.equal(assignment.get('owner')?.get('file')?.length, 3)
    assert.equal(assignment.get('fresh')?.get('file'), undefined)
  })

  it('believes the later of two members that hold the same partition', () => {
    const owned = new Map([['file', [0, 1, 2]]])
    const late: GroupMember = { memberId: 'a', topics: ['file'], owned, generation: 3 }
    const now: GroupMember = { memberId: 'b', topics: ['file'], owned, generation: 5 }
    const assignment = assignPartitions([late, now], COUNTS)
    assert.deepEqual(assignment.get('b')?.get('file'), [0, 1, 2])
    assert.deepEqual(assignment.get('a')?.get('file'), [3, 4, 5])
  })

  it('divides topics with other numbers of partitions so that the load is even', () => {
    const counts = new Map([...COUNTS, ['pending', 1], ['alerts', 2]])
    const group = new Group(counts, [...EVENTS, 'pending', 'alerts'])
    group.settle(ids(4))
    const loads = ids(4).map((id) => group.members.find(({ memberId }) => memberId === id)?.owned ?? new Map<string, number[]>())
    const sizes = loads.map((owned) => [...owned.values()].flat().length)
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      27,
    )
    assert.ok(Math.max(...sizes) <= 8, String(sizes))
  })

  it('gives a topic only to those that read it, and nothing of a topic that is not there', () => {
    const member = (memberId: string, topics: string[]): GroupMember => ({ memberId, topics, owned: new Map(), generation: -1 })
    const assignment = assignPartitions([member('a', ['file']), member('b', ['file', 'process', 'gone'])], COUNTS)
    assert.equal(assignment.get('a')?.get('process'), undefined)
    assert.deepEqual(assignment.get('b')?.get('process'), [0, 1, 2, 3, 4, 5])
    assert.equal(assignment.get('b')?.get('gone'), undefined)
  })
})
