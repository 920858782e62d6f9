// A member of a group whose coordinator a test plays.
import assert from 'node:assert/strict'
import { encodeAssignment, type Partitions } from '../../../../../infra/kafka/group/subscription.js'
import { Membership } from '../../../../../infra/kafka/group/membership.js'
import { WireWriter } from '../../../../../infra/kafka/wire.js'
import { kafkaErrorOf } from '../../../../../infra/kafka/kafka-errors.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { type GroupJoin, playGroup } from '../../../../support/fakes/scripted-group.js'
import { ScriptedCluster } from '../../../../support/fakes/scripted-cluster.js'
import { waitFor, waitForCount } from '../../../../support/wait-for.js'

const UNKNOWN_MEMBER_ID = 25
const REBALANCE_IN_PROGRESS = 27
const GROUP_AUTHORIZATION_FAILED = 30
const FENCED_INSTANCE_ID = 82

/** A coordinator with one member, its leader. */
class Scene {
  readonly cluster = new ScriptedCluster()
  readonly joins: GroupJoin[] = []
  readonly assigned: Partitions[] = []
  readonly failures: unknown[] = []
  readonly late: number[] = []
  held: Partitions = new Map()
  lost = 0
  /** Codes for the next heartbeats. */
  readonly beats: (number | 'cut' | 'silent')[] = []
  readonly membership: Membership
  readonly end = new AbortController()
  readonly done: Promise<void>

  constructor(sessionTimeoutMs = 10_000, instanceId: string | null = null) {
    const { cluster } = this
    playGroup(cluster, (join) => this.joins.push(join))
    cluster.answer = ({ api }) => (api === 'Heartbeat' ? (this.beats.shift() ?? 0) : 0)
    this.membership = new Membership({
      transport: cluster,
      settings: { clientId: 'c', group: 'g', instanceId, sessionTimeoutMs, rebalanceTimeoutMs: 60_000 },
      topics: ['t'],
      listener: {
        held: () => this.held,
        assigned: (partitions) => {
          this.assigned.push(partitions)
          this.held = partitions
        },
        lost: () => {
          this.lost++
          this.held = new Map()
        },
        late: (ms) => this.late.push(ms),
        failed: (error) => this.failures.push(error),
        succeeded: () => undefined,
      },
      errorOf: (cause) => kafkaErrorOf(cause, 'the group'),
      lookMs: 200,
      log: SILENT_LOGGER,
    })
    this.done = this.membership.run(this.end.signal)
    this.done.catch(() => undefined)
  }
}

describe('infra/kafka/group/membership', () => {
  let scene: Scene
  beforeEach(() => (scene = new Scene()))
  afterEach(() => scene.end.abort())

  it('joins with the id that it gets, divides as leader, and has an identity then', async () => {
    assert.equal(scene.membership.identity, null)
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    assert.deepEqual(scene.assigned[0], new Map([['t', [0, 1, 2, 3, 4, 5]]]))
    assert.deepEqual(scene.membership.identity, { generation: 1, memberId: 'm1', instanceId: null })
  })

  it('joins again with what it holds when the group is put together anew', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    const before = scene.membership.identity
    scene.beats.push(REBALANCE_IN_PROGRESS)
    const after = await scene.membership.settled(before, scene.end.signal)
    assert.deepEqual(after, { generation: 2, memberId: 'm1', instanceId: null })
    assert.deepEqual(scene.joins, [
      { memberId: 'm1', owned: new Map() },
      { memberId: 'm1', owned: new Map([['t', [0, 1, 2, 3, 4, 5]]]) },
    ])
    assert.equal(scene.lost, 0)
  })

  it('holds nothing any more when the group has forgotten it, and joins as a new member', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    scene.beats.push(UNKNOWN_MEMBER_ID)
    await waitForCount('the second assignment', () => scene.assigned.length, 2)
    assert.equal(scene.lost, 1)
    assert.deepEqual(scene.joins[1], { memberId: 'm2', owned: new Map() })
    assert.equal(scene.membership.identity?.memberId, 'm2')
  })

  it('reports at each heartbeat how late the event loop is', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    const reported = scene.late.length
    const until = performance.now() + 1_500
    while (performance.now() < until);
    await waitFor('the next heartbeat', () => scene.late.length > reported)
    assert.ok(Math.max(...scene.late) >= 400, scene.late.join())
  })

  it('stays a member when a heartbeat gets no answer', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    scene.beats.push('cut', 'cut')
    await waitFor('the heartbeats after them', () => scene.cluster.to('Heartbeat').length >= 3)
    assert.equal(scene.failures.length, 2)
    assert.deepEqual([scene.joins.length, scene.lost], [1, 0])
  })

  it('sends the next heartbeats within the session when the connection is silent', async () => {
    const quick = new Scene(300)
    try {
      await waitForCount('the assignment', () => quick.assigned.length, 1)
      quick.beats.push('silent')
      await waitFor('the heartbeats after it', () => quick.cluster.to('Heartbeat').length >= 2)
      assert.deepEqual([quick.failures.length, quick.joins.length, quick.lost], [1, 1, 0])
    } finally {
      quick.end.abort()
    }
  })

  it('loses what it holds only by a refusal of the identity that it has', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    const before = scene.membership.identity
    assert.ok(before !== null)
    scene.membership.rejoin()
    await scene.membership.settled(before, scene.end.signal)
    scene.membership.refused(before, UNKNOWN_MEMBER_ID)
    assert.equal(scene.lost, 0)
    const now = scene.membership.identity
    assert.ok(now !== null)
    scene.membership.refused(now, UNKNOWN_MEMBER_ID)
    assert.equal(scene.lost, 1)
  })

  describe('of an instance', () => {
    let instance: Scene
    beforeEach(() => (instance = new Scene(10_000, 'a')))
    afterEach(() => instance.end.abort())

    it('names itself in its identity, and stays in the group when it leaves', async () => {
      await waitForCount('the assignment', () => instance.assigned.length, 1)
      assert.deepEqual(instance.membership.identity, { generation: 1, memberId: 'm1', instanceId: 'a' })
      await instance.membership.leave()
      assert.equal(instance.cluster.to('LeaveGroup').length, 0)
    })

    it('ends for good when another process has joined as the same instance', async () => {
      await waitForCount('the assignment', () => instance.assigned.length, 1)
      instance.beats.push(FENCED_INSTANCE_ID)
      await assert.rejects(instance.done, { code: 'EUNOMIA_KAFKA_INSTANCE', message: /the instance a.*kafka\.instanceId/ })
      assert.deepEqual([instance.lost, instance.joins.length, instance.membership.identity], [1, 1, null])
    })

    it('joins once more when what it gets back is of other topics than it reads now', async () => {
      const partitions = new Map([
        ['t', [0]],
        ['gone', [0]],
      ])
      const before = encodeAssignment({ partitions, isGiving: false })
      const returned = new Scene(10_000, 'b')
      try {
        returned.cluster.payloads.set('SyncGroup', () => new WireWriter().int32(0).int16(0).bytes(before).take())
        await waitForCount('the joins', () => returned.joins.length, 2)
        await waitForCount('the second assignment', () => returned.assigned.length, 2)
        assert.deepEqual(returned.assigned[0], new Map([['t', [0]]]))
        assert.equal(returned.membership.identity?.generation, 2)
      } finally {
        returned.end.abort()
      }
    })

    it('joins once more when it ended before it had given away what its leader asked for', async () => {
      await waitForCount('the assignment', () => instance.assigned.length, 1)
      // The leader finds less for it than it holds.
      instance.cluster.partitions = 4
      let given: Buffer = Buffer.alloc(0)
      const sync = instance.cluster.payloads.get('SyncGroup')
      instance.cluster.payloads.set('SyncGroup', (errorCode, frame) => (given = sync?.(errorCode, frame) ?? given))
      instance.membership.rejoin()
      await waitForCount('the smaller assignment', () => instance.assigned.length, 2)
      instance.end.abort()
      const returned = new Scene(10_000, 'a')
      try {
        // The broker gives it back what it had, without a new generation.
        const own = returned.cluster.payloads.get('SyncGroup')
        let syncs = 0
        returned.cluster.payloads.set('SyncGroup', (errorCode, frame) => (++syncs === 1 ? given : (own?.(errorCode, frame) ?? given)))
        await waitForCount('the joins', () => returned.joins.length, 2)
        await waitForCount('the second assignment', () => returned.assigned.length, 2)
        assert.deepEqual(returned.joins[1]?.owned, new Map([['t', [0, 1, 2, 3]]]))
        assert.deepEqual(returned.assigned[1], new Map([['t', [0, 1, 2, 3, 4, 5]]]))
      } finally {
        returned.end.abort()
      }
    })
  })

  it('joins again when a topic has got partitions, also as a member that does not lead', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    scene.cluster.partitions = 7
    await waitForCount('the second assignment', () => scene.assigned.length, 2)
    assert.deepEqual(scene.assigned[1]?.get('t')?.length, 7)
    const join = scene.cluster.payloads.get('JoinGroup')
    const isLedBy = (payload: Buffer): Buffer =>
      Buffer.from(payload.toString('latin1').replace('\u0002m1\u0000\u0002m1', '\u0002m0\u0000\u0002m1'), 'latin1')
    scene.cluster.payloads.set('JoinGroup', (errorCode, frame) => isLedBy(join?.(errorCode, frame) ?? Buffer.alloc(0)))
    scene.cluster.partitions = 8
    await waitForCount('the third assignment', () => scene.assigned.length, 3)
    scene.cluster.partitions = 9
    await waitForCount('the fourth assignment', () => scene.assigned.length, 4)
  })

  it('reads at its join how many partitions there are, and does not join again for those that its leader divided', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    // Another member found the new partitions; this one's metadata are of before.
    let looks = 0
    scene.cluster.refresh = () => {
      scene.cluster.partitions = 7
      looks++
      return Promise.resolve()
    }
    scene.membership.rejoin()
    await waitForCount('the second assignment', () => scene.assigned.length, 2)
    const before = looks
    await waitFor('two more looks', () => looks >= before + 2)
    assert.equal(scene.joins.length, 2)
  })

  it('ends with the reason when it has no rights', async () => {
    await waitForCount('the assignment', () => scene.assigned.length, 1)
    scene.cluster.answer = ({ api }) => (api === 'JoinGroup' ? GROUP_AUTHORIZATION_FAILED : 0)
    scene.membership.rejoin()
    await assert.rejects(scene.done, { code: 'EUNOMIA_KAFKA_REFUSED' })
  })
})
