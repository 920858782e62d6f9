// Commits under faults, over a cluster that answers what a test wants.
import assert from 'node:assert/strict'
import { Committer } from '../../../../../infra/kafka/group/committer.js'
import { GroupOffsets } from '../../../../../infra/kafka/group/group-offsets.js'
import type { MemberIdentity } from '../../../../../infra/kafka/group/member-requests.js'
import { type Outputs, outputsByPartition } from '../../../../../infra/kafka/group/output-batches.js'
import { UNSTABLE_OFFSET_COMMIT } from '../../../../../infra/kafka/group/coordinator.js'
import { transactionalIdsOf } from '../../../../../infra/kafka/group/transactional-producer.js'
import { kafkaErrorOf } from '../../../../../infra/kafka/kafka-errors.js'
import { WireWriter } from '../../../../../infra/kafka/wire.js'
import { within } from '../../../../../infra/waiting/clock.js'
import { partitionKey } from '../../../../../infra/kafka/partitions.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { deferred, Waiters } from '../../../../../infra/waiting/waiters.js'
import { ScriptedCluster, type ScriptedRequest } from '../../../../support/fakes/scripted-cluster.js'
import { waitFor, waitForCount } from '../../../../support/wait-for.js'

const TRANSACTION_FAILED = 19 // NOT_ENOUGH_REPLICAS
const ILLEGAL_GENERATION = 22
const TOPIC_AUTHORIZATION_FAILED = 29
const CLUSTER_AUTHORIZATION_FAILED = 31
const UNSUPPORTED_VERSION = 35
const INVALID_TRANSACTION_TIMEOUT = 50
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53
const UNKNOWN_SERVER_ERROR = -1

/** A membership whose identity a test sets. */
class TestMembership {
  identity: MemberIdentity | null = { generation: 1, memberId: 'm', instanceId: null }
  rejoins = 0
  refusals: number[] = []
  readonly #changes = new Waiters()

  next(): void {
    this.identity = { generation: (this.identity?.generation ?? 0) + 1, memberId: 'm', instanceId: null }
    this.#changes.wake()
  }
  rejoin(): void {
    this.rejoins++
    this.next()
  }
  refused(_: MemberIdentity, errorCode: number): void {
    this.refusals.push(errorCode)
  }
  async settled(after: MemberIdentity | null, signal: AbortSignal): Promise<MemberIdentity | null> {
    const wake = (): void => this.#changes.wake()
    signal.addEventListener('abort', wake)
    await this.#changes.until(() => signal.aborted || (this.identity !== null && this.identity !== after))
    signal.removeEventListener('abort', wake)
    return signal.aborted ? null : this.identity
  }
}

const outputs = (partition: number, value = 'x'): Outputs =>
  new Map([
    [
      partitionKey('alerts', partition),
      { topic: 'alerts', partition, records: [{ topic: 'alerts', key: Buffer.from('k'), value: Buffer.from(value), timestampMs: 1 }] },
    ],
  ])
const at = (partition: number, offset: number) => ({ topic: 'process', partition, offset })
const stays = (): boolean => false

describe('infra/kafka/group/committer', () => {
  let cluster: ScriptedCluster
  let membership: TestMembership
  let committer: Committer
  let retries: string[]
  let refusals: unknown[]

  beforeEach(() => {
    cluster = new ScriptedCluster()
    membership = new TestMembership()
    retries = []
    refusals = []
    committer = newCommitter()
  })
  afterEach(() => committer.close())

  const newCommitter = (): Committer => {
    const deps = { transport: cluster, clientId: 'c', group: 'g', log: SILENT_LOGGER }
    return new Committer({
      ...deps,
      transactionalIds: transactionalIdsOf('g', 'me'),
      membership,
      offsets: new GroupOffsets({ ...deps, from: 'earliest', outputTopics: ['alerts'] }),
      onRetry: (_, { partition, offset }, attempt) => retries.push(`${String(partition)}@${String(offset)} ${String(attempt)}`),
      onRefused: (error) => refusals.push(error),
    })
  }

  const committed = (): string[][] =>
    cluster.to('TxnOffsetCommit').map(({ offsets }) => offsets.map(({ partition, offset }) => `${String(partition)}@${String(offset)}`))
  const isOf =
    (api: string, id = 'g/me') =>
    ({ api: name, transactionalId }: ScriptedRequest) =>
      name === api && transactionalId === id

  it('starts a transaction with the first outputs, and takes all that came meanwhile into the next', async () => {
    const gate = deferred()
    let ends = 0
    cluster.answer = async ({ api }) => {
      if (api === 'EndTxn' && ++ends === 1) await gate.promise
      return 0
    }
    const first = committer.commit(at(0, 10), outputs(0), stays)
    await waitForCount('the first end', () => ends, 1)
    const others = [1, 2, 3].map((partition) => committer.commit(at(partition, 20), outputs(partition), stays))
    gate.resolve()
    assert.deepEqual(await Promise.all([first, ...others]), [true, true, true, true])
    assert.deepEqual(committed(), [['0@10'], ['1@20', '2@20', '3@20']])
    assert.equal(cluster.to('InitProducerId').length, 1)
  })

  it('carries the generation of the member, and what is finished without outputs', async () => {
    committer.finished(at(4, 44))
    assert.equal(await committer.commit(at(0, 10), outputs(0), stays), true)
    const [request] = cluster.to('TxnOffsetCommit')
    assert.equal(request?.generation, 1)
    assert.deepEqual(committed(), [['0@10', '4@44']])
    await committer.flush('process', 4)
    assert.deepEqual(cluster.to('OffsetCommit'), [])
  })

  it('names a partition once in a transaction, with its later offset', async () => {
    // Outputs of a partition arrive between the collection of plain offsets and that of outputs, whenever that is.
    for (let turns = 0; turns < 40; turns++) {
      await committer.close()
      committer = newCommitter()
      committer.finished(at(4, 44))
      const first = committer.commit(at(0, 10), outputs(0), stays)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      const second = committer.commit(at(4, 50), outputs(4), stays)
      assert.deepEqual(await Promise.all([first, second]), [true, true])
      assert.equal(cluster.offsets.get('process/4'), 50)
    }
    for (const offsets of committed()) assert.ok(!(offsets.includes('4@44') && offsets.includes('4@50')), offsets.join())
  })

  it('lets the others go on when an output partition fails, whose lane goes on under a second id', async () => {
    let isDown = true
    const failed: string[] = []
    cluster.answer = ({ api, transactionalId }) => {
      // The two writes of the first transaction: one fails.
      if (api === 'Produce' && isDown && failed.length < 1) return failed.push(transactionalId) && TRANSACTION_FAILED
      return api === 'Produce' && isDown && transactionalId === 'g/me/apart' ? TRANSACTION_FAILED : 0
    }
    const stuck = committer.commit(at(0, 10), outputs(0), stays)
    const good = committer.commit(at(1, 20), outputs(1), stays)
    assert.equal(await good, true)
    await waitFor('two attempts apart', () => cluster.requests.filter(isOf('Produce', 'g/me/apart')).length >= 2)
    // What is for the same partition does not try it with the others.
    const same = committer.commit(at(2, 30), outputs(0), stays)
    assert.equal(await committer.commit(at(1, 21), outputs(1), stays), true)
    isDown = false
    assert.deepEqual(await Promise.all([stuck, same]), [true, true])
    assert.ok(retries.length >= 2 && retries.every((retry) => retry.startsWith('0@10') || retry.startsWith('2@30')), retries.join())
    assert.deepEqual([...cluster.offsets].sort(), [
      ['process/0', 10],
      ['process/1', 21],
      ['process/2', 30],
    ])
  })

  it('tries all that go on apart together, on a connection of their own, and parts those that fail again', async () => {
    const gate = deferred()
    let isHeld = false
    cluster.answer = async ({ api, partition, transactionalId }) => {
      if (api !== 'Produce') return 0
      if (transactionalId === 'g/me') return TRANSACTION_FAILED
      if (!isHeld) {
        isHeld = true
        await gate.promise
      }
      return partition === 5 ? TRANSACTION_FAILED : 0
    }
    const first = committer.commit(at(0, 10), outputs(0), stays)
    await waitFor('its attempt apart', () => isHeld)
    // Known to be of a partition that fails, they go on apart at once.
    const [one, two] = [1, 2].map((partition) => committer.commit(at(partition, 10), outputs(0), stays))
    const stuck = committer.commit(at(3, 10), new Map([...outputs(0), ...outputs(5)]), stays)
    gate.resolve()
    assert.deepEqual(await Promise.all([first, one, two]), [true, true, true])
    const apart = cluster.requests
      .filter(isOf('TxnOffsetCommit', 'g/me/apart'))
      .map(({ offsets }) => offsets.map(({ partition }) => partition))
    assert.deepEqual(apart.slice(0, 3), [[0], [1, 2, 3], [1, 2]])
    const writes = cluster.to('Produce').map(({ on, transactionalId }) => `${on} ${transactionalId}`)
    assert.deepEqual(new Set(writes), new Set(['leader g/me', 'apart g/me/apart']))
    committer.drop('process', 3)
    assert.equal(await stuck, false)
  })

  it('commits outputs without their offset for deferred commits, and writes them again when nobody knows', async () => {
    cluster.offsets.set('process/0', 50)
    cluster.answer = (request) => (isOf('EndTxn')(request) && cluster.to('EndTxn').length === 1 ? 'lost' : 0)
    committer.finished({ ...at(0, 51), metadata: 'mine' })
    assert.equal(await committer.commit(at(0, 40), outputs(0), stays, true), true)
    await committer.flush('process', 0)
    assert.equal(cluster.to('Produce').length, 2)
    assert.deepEqual([cluster.offsets.get('process/0'), cluster.metadata.get('process/0')], [51, 'mine'])
    assert.ok([...cluster.to('TxnOffsetCommit', 'OffsetCommit')].every(({ offsets }) => offsets.every(({ offset }) => offset === 51)))
  })

  it('does not write outputs again when only the answer to their commit was lost', async () => {
    cluster.answer = (request) => (isOf('EndTxn')(request) && cluster.to('EndTxn').length === 1 ? 'lost' : 0)
    assert.equal(await committer.commit(at(0, 10), outputs(0), stays), true)
    assert.equal(cluster.to('Produce').length, 1)
    // The id was taken over before the offsets were read.
    const order = cluster.requests.map(({ api }) => api)
    assert.ok(order.lastIndexOf('InitProducerId') < order.indexOf('OffsetFetch'), order.join())
  })

  it('writes outputs again when their commit was lost', async () => {
    cluster.offsets.set('process/0', 5)
    cluster.answer = (request) => (isOf('EndTxn')(request) && cluster.to('EndTxn').length === 1 ? 'cut' : 0)
    assert.equal(await committer.commit(at(0, 10), outputs(0), stays), true)
    assert.equal(cluster.to('Produce').length, 2)
    assert.equal(cluster.offsets.get('process/0'), 10)
  })

  it('ends what a broker left of its own transaction, after which it and the others are committed', async () => {
    let isLeft = true
    let hasRepaired = false
    cluster.answer = (request) => {
      if (isOf('EndTxn')(request) && request.isCommit && isLeft) {
        isLeft = false
        return 'cut'
      }
      hasRepaired ||= isOf('EndTxn')(request) && !request.isCommit
      return 0
    }
    // The offset stays pending until the transaction is ended as not committed.
    const pending = (): Buffer => {
      const writer = new WireWriter(true)
      writer.end().int32(0)
      const offsets = isLeft ? [] : [0, 1]
      writer.array(['process'], (topic) =>
        writer
          .text(topic)
          .array(offsets, (partition) =>
            writer
              .int32(partition)
              .int64(5)
              .int32(-1)
              .text(null)
              .int16(hasRepaired ? 0 : UNSTABLE_OFFSET_COMMIT)
              .end(),
          )
          .end(),
      )
      return writer.int16(0).end().take()
    }
    cluster.payloads.set('OffsetFetch', pending)
    const left = committer.commit(at(0, 10), outputs(0), stays)
    await waitFor('a retry', () => retries.length > 0)
    const other = committer.commit(at(1, 20), outputs(1), stays)
    assert.deepEqual(await Promise.all([left, other]), [true, true])
    const ends = cluster.to('EndTxn').map(({ isCommit }) => isCommit)
    // Nothing was committed between: it would have ended what hangs as committed.
    assert.deepEqual(ends.slice(0, 3), [true, false, true])
    assert.equal(cluster.offsets.get('process/0'), 10)
  })

  it('can be closed while an output partition fails and no transaction begins', async () => {
    cluster.answer = ({ api, transactionalId }) => {
      if (api === 'Produce') return TRANSACTION_FAILED
      return api === 'InitProducerId' && transactionalId === 'g/me' && cluster.to('Produce').length > 0 ? UNKNOWN_SERVER_ERROR : 0
    }
    committer.finished(at(4, 44))
    const work = committer.commit(at(0, 10), outputs(0), stays)
    await waitFor('attempts to take the id over', () => cluster.requests.filter(isOf('InitProducerId')).length >= 4)
    assert.equal(await within(2_000, committer.close()), true)
    assert.equal(await work, false)
  })

  it('lets the others go on when the coordinator refuses an output topic', async () => {
    cluster.payloads.set('AddPartitionsToTxn', (_, frame) => {
      const text = frame.toString('latin1')
      const isDenied = text.includes('denied')
      const answers = [...(isDenied ? [['denied', TOPIC_AUTHORIZATION_FAILED] as const] : []), ['alerts', isDenied ? 55 : 0] as const]
      const writer = new WireWriter()
      return writer
        .int32(0)
        .array(answers, ([topic, code]) => writer.text(topic).array([code], () => writer.int32(0).int16(code)))
        .take()
    })
    const denied: Outputs = new Map([[partitionKey('denied', 0), { topic: 'denied', partition: 0, records: [] }]])
    const stuck = committer.commit(at(0, 10), denied, stays)
    assert.equal(await committer.commit(at(1, 20), outputs(1), stays), true)
    assert.equal(await committer.commit(at(1, 21), outputs(1), stays), true)
    await waitFor('an attempt apart', () => cluster.requests.some(isOf('AddPartitionsToTxn', 'g/me/apart')))
    assert.ok(retries.length > 0 && retries.every((retry) => retry.startsWith('0@10')), retries.join())
    committer.drop('process', 0)
    assert.equal(await stuck, false)
  })

  for (const [name, code] of [
    ['its user may never do', TRANSACTIONAL_ID_AUTHORIZATION_FAILED],
    ['its user may not do in the cluster', CLUSTER_AUTHORIZATION_FAILED],
    ['the broker allows to nobody: so long a transaction', INVALID_TRANSACTION_TIMEOUT],
    ['the broker does not know', UNSUPPORTED_VERSION],
  ] as const) {
    it(`reports what ${name}`, async () => {
      cluster.answer = ({ api }) => (api === 'InitProducerId' ? code : 0)
      const work = committer.commit(at(0, 10), outputs(0), stays)
      const taken = committer.takeOver()
      await waitFor('the reports', () => refusals.length > 1)
      for (const refusal of refusals) assert.equal(kafkaErrorOf(refusal, 'x').code, 'EUNOMIA_KAFKA_REFUSED')
      committer.drop('process', 0)
      assert.equal(await work, false)
      await committer.close()
      await taken
    })
  }

  it('builds a refused commit again for the next generation, without what is lost by then', async () => {
    cluster.answer = ({ api, generation }) => (api === 'OffsetCommit' && generation === 1 ? ILLEGAL_GENERATION : 0)
    committer.finished(at(0, 10))
    committer.finished(at(1, 20))
    await waitFor('the refusal', () => membership.refusals.length === 1)
    committer.drop('process', 0)
    committer.finished(at(1, 21))
    membership.next()
    await committer.flush('process', 1)
    const [, second, ...more] = cluster.to('OffsetCommit')
    assert.deepEqual(second?.offsets, [at(1, 21)])
    assert.equal(second?.generation, 2)
    assert.deepEqual(more, [])
  })

  it('joins again after a commit without an answer, so that it is refused if it arrives late', async () => {
    cluster.answer = ({ api, generation }) => (api === 'OffsetCommit' && generation === 1 ? 'cut' : 0)
    committer.finished(at(0, 10))
    await committer.flush('process', 0)
    assert.equal(membership.rejoins, 1)
    assert.deepEqual(
      cluster.to('OffsetCommit').map(({ generation }) => generation),
      [1, 2],
    )
  })

  it('gives up what a lane that is given away could not commit', async () => {
    cluster.answer = ({ api }) => (api === 'Produce' ? TRANSACTION_FAILED : 0)
    let isLeaving = false
    const work = committer.commit(at(0, 10), outputs(0), () => isLeaving)
    await waitFor('an attempt', () => retries.length > 0)
    isLeaving = true
    committer.leave('process', 0)
    assert.equal(await work, false)
    assert.equal(cluster.offsets.has('process/0'), false)
  })

  it('places outputs as Kafka does, in their order', () => {
    const record = (key: string, value: string) => ({
      topic: 'alerts' as const,
      key: Buffer.from(key),
      value: Buffer.from(value),
      timestampMs: 0,
    })
    const placed = outputsByPartition([record('a', '1'), record('b', '2'), record('a', '3')], () => ({ topic: 'alerts', partitions: 6 }))
    const values = [...placed.values()].map(({ records }) => records.map(({ value }) => Buffer.from(value).toString()))
    assert.ok(values.some((own) => own.join() === '1,3'))
  })
})
