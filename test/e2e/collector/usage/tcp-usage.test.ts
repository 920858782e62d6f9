// TCP counted in the running kernel: exact for connections that come and go, and by the interval for those that stay. Needs root.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { TCP_TRACKER } from '../../../../collector/usage/readers/tcp-usage.js'
import type { UsageBody } from '../../../../collector/usage/usage-aggregate.js'
import type { UsageReader } from '../../../../collector/usage/usage-reader.js'
import type { UsageTables } from '../../../../native/addon.js'
import { openUsageTables } from '../../../../native/usage-tables.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { usageRound } from '../../../support/usage/usage-round.js'
import { makeCgroup, type CgroupFolder } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

const [CONNECTIONS, RESETS, REFUSED] = [101, 7, 53]
/** What test/workloads/tcp-traffic.c sends and answers. */
const [SENT, ANSWER] = [1237, 41]

describe('usage of TCP in the kernel', () => {
  const workloads = new Workloads()
  let tables: UsageTables | undefined
  let reader: UsageReader
  let cgroup: CgroupFolder | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  beforeEach(() => {
    cgroup = makeCgroup()
    reader = TCP_TRACKER.reader()
  })
  afterEach(() => {
    tables?.close()
    cgroup?.remove()
  })
  after(() => workloads.close())

  const start = (maxEntries: number): void => {
    tables = openUsageTables('tcp', { entries: TCP_TRACKER.entries(maxEntries), ignoredPid: 0 })
    tables.attach()
  }
  const read = async (): Promise<readonly UsageBody[]> => {
    const reading = await (tables ?? assert.fail()).turn()
    return reader.read({ ...usageRound({}), reading, top: 100_000 }).records
  }
  const traffic = (...counts: readonly number[]): number => {
    const { lines } = workloads.run('tcp-traffic', [cgroup?.procs ?? '', ...counts.map(String)])
    return Number(/^port (\d+)$/.exec(lines[0] ?? '')?.[1])
  }
  const ours = (records: readonly UsageBody[]): readonly UsageBody[] => records.filter(({ cgroupId }) => cgroupId === String(cgroup?.id))

  it('is exact for each side, however the connections end, and for those that were refused', async () => {
    start(16_384)
    const port = traffic(CONNECTIONS, RESETS, REFUSED)
    const records = ours(await read())
    const sides = records.flatMap(({ tcp }) => (tcp?.port === port ? [tcp] : []))
    assert.deepEqual(
      sides
        .map(({ remoteAddress, isServer, opened, failed, closed, open, bytesSent, bytesReceived }) => [
          ...[remoteAddress, isServer, opened, failed, closed, open, bytesSent, bytesReceived],
        ])
        .sort(([, one], [, other]) => Number(one) - Number(other)),
      [
        ['127.0.0.1', false, CONNECTIONS, 0, CONNECTIONS, 0, CONNECTIONS * SENT, CONNECTIONS * ANSWER],
        ['127.0.0.1', true, CONNECTIONS, 0, CONNECTIONS, 0, CONNECTIONS * ANSWER, CONNECTIONS * SENT],
      ],
    )
    const client = sides.find(({ isServer }) => isServer === false) ?? assert.fail()
    const server = sides.find(({ isServer }) => isServer === true) ?? assert.fail()
    for (const { roundTripUs, minRoundTripUs, maxRoundTripUs } of sides) {
      assert.ok(minRoundTripUs !== null && roundTripUs !== null && maxRoundTripUs !== null)
      assert.ok(0 < minRoundTripUs && minRoundTripUs <= roundTripUs && roundTripUs <= maxRoundTripUs)
    }
    assert.ok(client.connectUs !== null && client.maxConnectUs !== null && client.connectUs <= client.maxConnectUs)
    assert.deepEqual([server.connectUs, server.maxConnectUs], [null, null])
    const refused = records.filter(({ tcp }) => tcp?.port === 1)
    assert.deepEqual(new Set(refused.map(({ tcp }) => [tcp?.failed, tcp?.opened, tcp?.closed].join())), new Set(['1,0,0']))
    assert.equal(refused.length, REFUSED)
    assert.ok(records.every(({ process }) => process?.name === 'tcp-traffic'))
    assert.deepEqual(ours(await read()), [], 'nothing is reported twice')
  })

  it('counts entries that find no room in the table', async () => {
    start(64)
    traffic(0, 0, 307)
    const records = await read()
    const reported = records.filter(({ scope }) => scope === 'process')
    assert.ok(reported.length <= 64, 'no more entries than the bound')
    const failed = ours(reported).reduce((sum, { tcp }) => sum + (tcp?.failed ?? 0), 0)
    const overflow = records.find(({ scope }) => scope === 'overflow')?.tcp?.failed ?? 0
    assert.ok(overflow > 0)
    assert.ok(failed + overflow >= 307, 'each connect is reported or counted')
  })

  describe('of a connection that stays', () => {
    let server: Server
    let client: Socket
    const port = (): number => (server.address() as AddressInfo).port
    /** Of one whose beginning nobody saw, the port is the lower of its two. */
    const mine = async (isServer: boolean | null): Promise<UsageBody['tcp']> => {
      const expectedPort = isServer === null ? Math.min(port(), client.localPort ?? assert.fail()) : port()
      const isMine = ({ process: owner, tcp }: UsageBody): boolean =>
        owner?.pid === process.pid && tcp?.port === expectedPort && tcp.isServer === isServer
      return (await read()).find(isMine)?.tcp ?? null
    }
    const open = async (): Promise<void> => {
      client = connect(port(), '127.0.0.1')
      await once(client, 'connect')
      await echo(1)
    }
    const echo = async (bytes: number): Promise<void> => {
      client.write(Buffer.alloc(bytes))
      for (let left = bytes; left > 0;) left -= ((await once(client, 'data')) as [Buffer])[0].length
    }
    beforeEach(async () => {
      server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
      await once(server, 'listening')
    })
    afterEach(() => {
      client.destroy()
      server.close()
    })

    it('reports its traffic of each interval', async () => {
      start(16_384)
      await open()
      await echo(1000)
      const first = await mine(false)
      assert.deepEqual([first?.opened, first?.closed, first?.open], [1, 0, 1])
      assert.deepEqual([first?.bytesSent, first?.bytesReceived], [1001, 1001])
      assert.ok((first?.roundTripUs ?? 0) > 0)
      await echo(7)
      const second = await mine(false)
      assert.deepEqual([second?.opened, second?.closed, second?.open], [0, 0, 1])
      assert.deepEqual([second?.bytesSent, second?.bytesReceived], [7, 7])
      assert.equal(second?.connectUs, null)
    })

    it('reports the traffic of an older connection from the start of the tracker on', async () => {
      await open()
      await echo(1000)
      start(16_384)
      await echo(13)
      const both = await mine(null)
      assert.deepEqual([both?.opened, both?.closed, both?.open], [0, 0, 2], 'client and server, which can not be distinguished')
      assert.equal(both?.bytesReceived, 2 * 13)
    })

    it('has a last reading after the end of the tracker', async () => {
      start(16_384)
      await open()
      tables?.detach()
      assert.equal((await mine(false))?.bytesReceived, 1)
      await echo(100)
      tables?.attach()
      await echo(5)
      assert.equal((await mine(false))?.bytesReceived, 5, 'what came while it was off is in no interval')
    })
  })
})
