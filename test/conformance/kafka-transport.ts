// What every KafkaTransport must do; run for the cluster that tests script (unit tier) and for kafkajs' connections (integration tier).
import assert from 'node:assert/strict'
import { OFFSET_FETCH, offsetFetchRequest, parseOffsetFetch } from '../../infra/kafka/group/offset-requests.js'
import type { KafkaTransport, TransportConnection } from '../../infra/kafka/transport.js'
import { waitFor } from '../support/wait-for.js'

/** A connected transport to a cluster that has this topic. */
export interface TransportSource {
  open(): Promise<{ readonly transport: KafkaTransport; readonly topic: string }>
}

/** The tests. */
export function describeKafkaTransport(source: TransportSource): void {
  describe('as a transport', () => {
    let transport: KafkaTransport
    let topic: string
    beforeEach(async () => {
      ;({ transport, topic } = await source.open())
    })
    afterEach(async () => {
      await transport.disconnect()
    })

    /** One connection of each purpose; a coordinator may still be looked for. */
    async function connections(): Promise<Record<'leader' | 'apart' | 'fetch' | 'group' | 'member' | 'transaction', TransportConnection>> {
      const [nodeId = -1] = transport.nodeIds()
      const found = async (connect: () => Promise<TransportConnection>): Promise<TransportConnection> =>
        await waitFor('a connection', async () => await connect().catch(() => undefined))
      return {
        leader: await found(() => transport.leaderConnection(topic, 0)),
        apart: await found(() => transport.leaderConnection(topic, 0, true)),
        fetch: await found(() => transport.fetchConnection(nodeId)),
        group: await found(() => transport.coordinatorConnection('group', 'g')),
        member: await found(() => transport.coordinatorConnection('member', 'g')),
        transaction: await found(() => transport.coordinatorConnection('transaction', 't')),
      }
    }
    const ask = async (connection: TransportConnection): Promise<number> =>
      parseOffsetFetch(await transport.sendFrame(connection, OFFSET_FETCH, offsetFetchRequest('c', 'nobody', new Map([[topic, [0]]]))))
        .errorCode

    it('knows partitions, leaders and brokers', () => {
      assert.ok(transport.partitionCount(topic) > 0)
      assert.ok(transport.nodeIds().includes(transport.leaderOf(topic, 0)))
    })

    it('answers on connections of their own for fetches and members, which do not wait for each other', async () => {
      const { apart, fetch, group, leader, member } = await connections()
      assert.equal(new Set([apart, fetch, group, leader, member]).size, 5)
      for (const connection of [leader, apart, group, member, fetch]) assert.equal(typeof (await ask(connection)), 'number')
      assert.equal((await connections()).fetch, fetch)
    })

    it('loses only the connection that is dropped, and gives another one next', async () => {
      for (const purpose of ['fetch', 'member', 'group', 'leader'] as const) {
        const before = await connections()
        const dropped = before[purpose]
        const isUnanswered = assert.rejects(
          ask(dropped).then(() => ask(dropped)),
          Error,
        )
        transport.drop(dropped)
        await isUnanswered
        assert.equal(dropped.isConnected(), false)
        for (const other of ['fetch', 'member', 'group'] as const)
          if (other !== purpose && before[other] !== dropped) assert.ok(before[other].isConnected(), `${purpose} ends ${other}`)
        await transport.refresh()
        const after = (await connections())[purpose]
        assert.notEqual(after, dropped)
        assert.equal(typeof (await ask(after)), 'number')
      }
    })

    it('finds a coordinator again after it was forgotten', async () => {
      await connections()
      transport.forgetCoordinator('group', 'g')
      const again = await transport.coordinatorConnection('group', 'g')
      assert.equal(typeof (await ask(again)), 'number')
    })
  })
}
