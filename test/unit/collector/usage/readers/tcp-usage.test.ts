import assert from 'node:assert/strict'
import { TCP_TRACKER, tcpReader } from '../../../../../collector/usage/readers/tcp-usage.js'
import type { UsageBody } from '../../../../../collector/usage/usage-aggregate.js'
import { tcpEntry, type TcpPlace } from '../../../../support/usage/table-bytes.js'
import { usageRound } from '../../../../support/usage/usage-round.js'

const [AF_INET, AF_INET6] = [2, 10]
const [UNKNOWN, CLIENT, SERVER] = [0, 1, 2]
const remote = (hex: string): Buffer => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(16)]).subarray(0, 16)
const toWeb = (side = CLIENT): TcpPlace => ({ remote: remote('0a000007'), port: 443, family: AF_INET, side })

const read = (connections: Buffer, change: Parameters<typeof usageRound>[1] = {}): readonly UsageBody[] =>
  tcpReader().read(usageRound({ connections }, change)).records

describe('usage of TCP', () => {
  it('is one record per process, remote address and port, with means, shortest and longest', () => {
    const counts = [7000n, 90n, 1n, 4n, 2n, 3n, 5n, 8n, 804n, 60n, 300n, 1001n, 700n]
    const [record] = read(tcpEntry({ pid: 4 }, toWeb(), counts))
    assert.deepEqual([record?.type, record?.process?.pid, record?.process?.name, record?.calls], ['tcp', 4, 'worker', 6])
    assert.deepEqual(record?.tcp, {
      ...{ remoteAddress: '10.0.0.7', port: 443, isServer: false },
      ...{ opened: 4, failed: 2, closed: 3, open: 5, bytesSent: 7000, bytesReceived: 90, segmentsRetransmitted: 1 },
      ...{ roundTripUs: 101, minRoundTripUs: 60, maxRoundTripUs: 300, connectUs: 250, maxConnectUs: 700 },
    })
  })

  it('has no times where none were measured: a server connects to nobody', () => {
    const place = { remote: remote('20010db8000000000000000000000007'), port: 80, family: AF_INET6, side: SERVER }
    const tcp = read(tcpEntry({ pid: 4 }, place, [0n, 0n, 0n, 3n]))[0]?.tcp
    assert.deepEqual([tcp?.remoteAddress, tcp?.port, tcp?.isServer, tcp?.opened], ['2001:db8::7', 80, true, 3])
    assert.deepEqual([tcp?.roundTripUs, tcp?.minRoundTripUs, tcp?.maxRoundTripUs, tcp?.connectUs, tcp?.maxConnectUs], Array(5).fill(null))
  })

  it('does not know the side of a connection that is older than the tracker', () => {
    assert.equal(read(tcpEntry({ pid: 4 }, toWeb(UNKNOWN), [1n]))[0]?.tcp?.isServer, null)
  })

  it('reports the largest one by one, the others as a sum, and counts that found no room: together they are all', () => {
    const entry = (port: number, counts: readonly bigint[], side = CLIENT): Buffer => tcpEntry({ pid: 4 }, { ...toWeb(side), port }, counts)
    const connections = Buffer.concat([
      entry(1, [10n, 0n, 0n, 1n, 0n, 1n, 0n, 1n, 30n, 30n, 30n, 20n, 20n]),
      entry(2, [0n, 900n]),
      entry(3, [10n, 5n, 2n, 4n, 1n, 1n, 3n, 2n, 50n, 10n, 40n], SERVER),
    ])
    const [largest, rest, overflow, ...others] = read(connections, { top: 1, overflow: [1, 2, 3, 4, 50, 60, 7, 8] })
    assert.deepEqual([largest?.scope, largest?.tcp?.port], ['process', 2])
    assert.deepEqual([rest?.scope, rest?.aggregates, rest?.calls], ['rest', 2, 6])
    assert.deepEqual(rest?.tcp, {
      ...{ remoteAddress: null, port: null, isServer: null },
      ...{ opened: 5, failed: 1, closed: 2, open: 3, bytesSent: 20, bytesReceived: 5, segmentsRetransmitted: 2 },
      ...{ roundTripUs: 27, minRoundTripUs: 10, maxRoundTripUs: 40, connectUs: 20, maxConnectUs: 20 },
    })
    assert.deepEqual([overflow?.scope, overflow?.calls], ['overflow', 3])
    assert.deepEqual(overflow?.tcp, {
      ...{ remoteAddress: null, port: null, isServer: null },
      ...{ opened: 1, failed: 2, closed: 3, open: 4, bytesSent: 50, bytesReceived: 60, segmentsRetransmitted: 7 },
      ...{ roundTripUs: null, minRoundTripUs: null, maxRoundTripUs: null, connectUs: null, maxConnectUs: null },
    })
    assert.deepEqual(others, [])
  })

  it('names what each number of its overflow counts', () => {
    assert.equal(TCP_TRACKER.overflowNames.length, 8)
    assert.deepEqual(TCP_TRACKER.entries(64), { connections: 64 })
  })
})
