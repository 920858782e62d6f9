// Sockets from the ring to the topic: local and remote ends, refused calls, DNS and names from its answers.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { NetworkEvent } from '../../../../schemas/generated/types.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import { socketRecord, taskRecord, type HeaderFields, type SocketFields } from '../../../support/records/ring-records.js'

const BIND = 21
const CONNECT = 23
const SEND = 25
const CLOSE = 27
const DNS = 28
const NO_SYSCALL = 0xffffffff
const REFUSED = -111
const CALL = { connect: 42, sendto: 44, recvfrom: 45, bind: 49 } as const

const v4 = (...bytes: number[]): Uint8Array => Uint8Array.from([...bytes, ...new Array<number>(12).fill(0)])
const sockaddrIn = (port: number, ...bytes: number[]): Uint8Array =>
  Uint8Array.from([2, 0, port >> 8, port & 0xff, ...bytes, 0, 0, 0, 0, 0, 0, 0, 0])
const sockaddrIn6 = (port: number, bytes: readonly number[]): Uint8Array =>
  Uint8Array.from([10, 0, port >> 8, port & 0xff, 0, 0, 0, 0, ...bytes, 0, 0, 0, 0])
const sockaddrUn = (path: string): Uint8Array => Uint8Array.from([1, 0, ...Buffer.from(path, 'latin1')])

async function eventsOf(...records: (readonly [number, Partial<HeaderFields>, Partial<SocketFields>])[]): Promise<NetworkEvent[]> {
  const bench = await RecordBench.open()
  await bench.seed(taskRecord({}, {}, {}))
  records.forEach(([kind, header, socket], index) => bench.security(socketRecord(kind, { seq: BigInt(index + 1), ...header }, socket)))
  return bench.networkEvents
}

async function eventOf(kind: number, header: Partial<HeaderFields>, socket: Partial<SocketFields>): Promise<NetworkEvent> {
  const [event, ...more] = await eventsOf([kind, header, socket])
  assert.equal(more.length, 0)
  return event ?? assert.fail('no event was published')
}

function fieldsOf(event: NetworkEvent | undefined, wanted: Partial<NetworkEvent>): void {
  assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, event?.[name as keyof NetworkEvent]])), wanted)
}

describe('network events', () => {
  it("of a connection have both ends of the socket, not the call's address, which another thread may have changed", async () => {
    const event = await eventOf(
      CONNECT,
      { syscall: CALL.connect },
      {
        ...{ remote: v4(192, 0, 2, 1), remotePort: 443, local: v4(10, 0, 0, 7), localPort: 40000, state: 1, cookie: 77n, fd: 5 },
        ...{ eventFlags: 2 | 8, durationNs: 1_500_000n, address: sockaddrIn(80, 203, 0, 113, 9) },
      },
    )
    fieldsOf(event, {
      ...{ type: 'connect', syscall: 'connect', remoteAddress: '192.0.2.1', remotePort: 443, localAddress: '10.0.0.7', localPort: 40000 },
      ...{ isConnected: true, isNameChanged: true, isServer: false, socketId: '77', fd: 5, durationUs: 1500, bytesSent: null, size: null },
    })
  })

  it('of a refused connect have the requested address', async () => {
    fieldsOf(await eventOf(CONNECT, { syscall: CALL.connect, result: REFUSED }, { address: sockaddrIn(81, 203, 0, 113, 9) }), {
      ...{ result: REFUSED, remoteAddress: '203.0.113.9', remotePort: 81, isConnected: false, isNameChanged: false, localAddress: null },
    })
    const cut = sockaddrIn(81, 203, 0, 113, 9).subarray(0, 7)
    fieldsOf(await eventOf(CONNECT, { syscall: CALL.connect, result: -22 }, { address: cut }), { remoteAddress: null, remotePort: null })
  })

  it('of a refused bind have the requested address as the local one', async () => {
    fieldsOf(await eventOf(BIND, { syscall: CALL.bind, result: -98 }, { address: sockaddrIn(22, 0, 0, 0, 0) }), {
      ...{ localAddress: '0.0.0.0', localPort: 22, remoteAddress: null },
    })
  })

  const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 4]
  const LONG = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
  for (const [bytes, text] of [
    [MAPPED, '198.51.100.4'],
    [LONG, '2001:db8::1:0:0:1'],
  ] as const) {
    it(`format the IPv6 address ${text} as in RFC 5952`, async () => {
      const event = await eventOf(
        SEND,
        { syscall: CALL.sendto, result: 3 },
        { family: 10, type: 2, protocol: 17, address: sockaddrIn6(5353, bytes) },
      )
      fieldsOf(event, { remoteAddress: text, remotePort: 5353 })
    })
  }

  it('of unix sockets have the name, with @ for the abstract ones, and the exact bytes if it is not valid text', async () => {
    const unix = { family: 1, protocol: 0 }
    const [own, abstract, given, wrong] = await eventsOf(
      [BIND, { syscall: CALL.bind }, { ...unix, unixName: '/run/a.sock\0' }],
      [BIND, { syscall: CALL.bind }, { ...unix, unixName: '\0a\0b' }],
      [SEND, { syscall: CALL.sendto }, { ...unix, unixName: '/run/own', address: sockaddrUn('/run/peer\0') }],
      [CONNECT, { syscall: CALL.connect, result: -2 }, { ...unix, address: sockaddrUn('/\xff') }],
    )
    assert.deepEqual(
      [own, abstract, given, wrong].map((event) => event?.unixPath),
      ['/run/a.sock', '@a@b', '/run/peer', '/\ufffd'],
    )
    assert.deepEqual([...(wrong?.raw?.['unixPath'] ?? [])], [0x2f, 0xff])
    assert.deepEqual([own?.localAddress, own?.remoteAddress], [null, null])
  })

  it('of a close have counts and times, and neither thread nor call', async () => {
    const event = await eventOf(
      CLOSE,
      { syscall: NO_SYSCALL, tid: 0 },
      {
        ...{ eventFlags: 1 | 4 | 8 | 16, bytesSent: 5_000_000_000n, bytesReceived: 2n, packetsSent: 3n, packetsReceived: 4n, state: 1 },
        ...{ durationNs: 7_000_000_000n, roundTripUs: 250 },
      },
    )
    fieldsOf(event, {
      ...{ syscall: 'UNKNOWN', isServer: true, bytesSent: 5_000_000_000, bytesReceived: 2, packetsSent: 3, packetsReceived: 4 },
      ...{ durationUs: 7_000_000, roundTripUs: 250, threadId: null, fd: null, isConnected: false },
    })
  })

  const question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 2, 0x69, 0x6f, 0, 0, 1, 0, 1]
  const answer = [...question, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9].map((byte, at) =>
    at === 2 ? 0x81 : at === 7 ? 1 : byte,
  )
  const udp = { type: 2, protocol: 17, remote: v4(192, 0, 2, 53), remotePort: 53 }

  it('of DNS have the message, and name an address in later events of the container', async () => {
    const [asked, answered, later, other] = await eventsOf(
      [DNS, { syscall: CALL.sendto }, { ...udp, fd: 3, payload: Uint8Array.from(question) }],
      [DNS, { syscall: CALL.recvfrom }, { ...udp, payload: Uint8Array.from(answer) }],
      [CONNECT, { syscall: CALL.connect }, { remote: v4(203, 0, 113, 9), remotePort: 443 }],
      [CONNECT, { syscall: CALL.connect }, { remote: v4(203, 0, 113, 8), remotePort: 443 }],
    )
    fieldsOf(asked, {
      dns: { isResponse: false, questionName: 'a.io', questionType: 1, responseCode: null, answers: [], answersTruncated: false },
      ...{ type: 'dns', fd: null, payload: null, remotePort: 53 },
    })
    assert.deepEqual(answered?.dns?.answers, [{ name: 'a.io', type: 1, ttlSeconds: 60, value: '203.0.113.9' }])
    assert.deepEqual([later?.remoteName, other?.remoteName], ['a.io', null])
  })

  it('of port 53 that are not DNS have the payload instead of a message', async () => {
    const event = await eventOf(DNS, { syscall: CALL.sendto }, { ...udp, payload: Uint8Array.from([1, 2, 3]) })
    assert.equal(event.dns, null)
    assert.deepEqual([...(event.payload ?? [])], [1, 2, 3])
  })

  it('of any bytes are published or counted as malformed, and never stop the collector', async () => {
    const bench = await RecordBench.open()
    await bench.seed(taskRecord({}, {}, {}))
    let seq = 0n
    const mangled = fc.tuple(fc.integer({ min: 20, max: 28 }), fc.uint8Array({ minLength: 0, maxLength: 400 }))
    fc.assert(
      fc.property(mangled, ([kind, bytes]) => {
        const record = socketRecord(kind, { seq: ++seq }, {})
        const changed = Buffer.concat([record.subarray(0, 72), Buffer.from(bytes)])
        const before = bench.networkEvents.length + bench.pipeline.malformed
        bench.security(changed)
        assert.equal(bench.networkEvents.length + bench.pipeline.malformed, before + 1)
      }),
      { numRuns: 300 },
    )
  })
})
