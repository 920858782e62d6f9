// Calls on sockets, done and refused, over loopback addresses: exact events. Needs root.
import assert from 'node:assert/strict'
import { KIND } from '../../../native/generated/layout.js'
import type { NetworkEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const LOOPBACK = '127.0.0.1'
const ECONNREFUSED = -111
const EINPROGRESS = -115
const EADDRINUSE = -98
const EBADF = -9
const EPROTONOSUPPORT = -93
const ENOENT = -2
/** What the workload sends: its own constants. */
const DATAGRAMS = 31
const SENDS = 7
const SENT = 1237

describe('calls on sockets', () => {
  const workloads = new Workloads()
  let events: readonly NetworkEvent[] = []
  let lines: readonly string[] = []
  const ports = new Map<string, number>()
  const leftOut = { send: 0, receive: 0 }

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const watched = await eventsOfWorkload(workloads, 'sockets')
    events = watched.network
    leftOut.send = watched.suppressed(KIND.send)
    leftOut.receive = watched.suppressed(KIND.receive)
    lines = watched.lines.filter((line) => !line.startsWith('port '))
    for (const line of watched.lines) {
      const [word = '', name = '', port = ''] = line.split(' ')
      if (word === 'port') ports.set(name, Number(port))
    }
  })
  after(() => workloads.close())

  const port = (name: string): number => ports.get(name) ?? assert.fail(name)
  const closes = (): NetworkEvent[] => events.filter(({ type }) => type === 'close').filter(({ syscall }) => syscall === 'UNKNOWN')

  function assertEvent(event: NetworkEvent | undefined, wanted: Partial<NetworkEvent>): void {
    assert.ok(event !== undefined, 'missing')
    assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, event[name as keyof NetworkEvent]])), wanted)
  }

  it('emit exactly one event each, with the call and its result', () => {
    assert.equal(lines.length, 33)
    assert.deepEqual(
      events.filter((event) => !closes().includes(event)).map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
  })

  it('that send and receive on a connection, or again in a flow, are left out and counted', () => {
    assert.ok(leftOut.send >= SENDS + DATAGRAMS - 1, String(leftOut.send))
    assert.ok(leftOut.receive >= SENDS + DATAGRAMS - 1, String(leftOut.receive))
  })

  const CASES: readonly (readonly [name: string, type: NetworkEvent['type'], index: number, expected: () => Partial<NetworkEvent>])[] = [
    [
      'a TCP socket',
      'socket',
      0,
      () => ({ family: 2, socketType: 1, protocol: 6, flags: 0o2000000, isConnected: false, remoteAddress: null, localPort: null }),
    ],
    ['a bound port', 'bind', 0, () => ({ localAddress: LOOPBACK, localPort: port('listener'), isNameChanged: true, isServer: null })],
    ['a port in use', 'bind', 1, () => ({ result: EADDRINUSE, localAddress: LOOPBACK, localPort: port('listener'), isNameChanged: false })],
    ['a listener', 'listen', 0, () => ({ backlog: 11, isServer: true, localPort: port('listener') })],
    [
      'a connection',
      'connect',
      0,
      () => ({
        ...{ result: 0, isServer: false, remoteAddress: LOOPBACK, remotePort: port('listener') },
        ...{ localAddress: LOOPBACK, localPort: port('client'), isConnected: true, isNameChanged: true },
      }),
    ],
    [
      'an accepted connection',
      'accept',
      0,
      () => ({ isServer: true, flags: 0o4000, remoteAddress: LOOPBACK, remotePort: port('client'), localPort: port('listener') }),
    ],
    ['a refused IPv4 connect', 'connect', 1, () => ({ result: ECONNREFUSED, family: 2, remoteAddress: LOOPBACK, remotePort: 1 })],
    ['a refused IPv6 connect', 'connect', 2, () => ({ result: ECONNREFUSED, family: 10, remoteAddress: '::1', remotePort: 1 })],
    [
      'a connect that goes on without its caller',
      'connect',
      3,
      () => ({ result: EINPROGRESS, isConnected: false, remoteAddress: LOOPBACK, durationUs: null }),
    ],
    [
      'the end of that connect',
      'connect',
      4,
      () => ({ syscall: 'UNKNOWN', result: ECONNREFUSED, remoteAddress: LOOPBACK, remotePort: 1, threadId: null, fd: null }),
    ],
    [
      'a connect without a socket',
      'connect',
      5,
      () => ({ result: EBADF, fd: 999, family: null, remoteAddress: LOOPBACK, remotePort: 1, isConnected: null }),
    ],
    [
      'a socket of a protocol that does not fit',
      'socket',
      5,
      () => ({ result: EPROTONOSUPPORT, family: 2, socketType: 1, protocol: 17, fd: null }),
    ],
    ['a listen without a socket', 'listen', 1, () => ({ result: EBADF, fd: 999, backlog: 3 })],
    ['an accept without a socket', 'accept', 1, () => ({ result: EBADF, fd: null, family: null })],
    [
      'the first datagram sent',
      'send',
      0,
      () => ({
        ...{ socketType: 2, protocol: 17, size: 8, result: 8, flags: 0, payload: null },
        ...{ isServer: false, remoteAddress: LOOPBACK, remotePort: port('receiver'), localPort: port('sender') },
      }),
    ],
    [
      'the first datagram received',
      'receive',
      0,
      () => ({ isServer: true, size: 64, result: 8, remoteAddress: LOOPBACK, remotePort: port('sender'), localPort: port('receiver') }),
    ],
    ['the first datagram of another flow', 'send', 1, () => ({ syscall: 'sendmsg', flags: 0x40, size: 8, remotePort: 9 })],
    ['a bound unix socket', 'bind', 3, () => ({ family: 1, unixPath: '@eunomia-sockets', localAddress: null, localPort: null })],
    ['a unix socket that is not there', 'connect', 6, () => ({ result: ENOENT, unixPath: '/no/such/socket', isConnected: false })],
    ['a connected unix socket', 'connect', 7, () => ({ result: 0, unixPath: '@eunomia-sockets', isConnected: true })],
    ['an accepted unix socket', 'accept', 2, () => ({ unixPath: '@eunomia-sockets', isServer: true })],
  ]
  for (const [name, type, index, expected] of CASES) {
    it(`report the arguments and the result of ${name}`, () => {
      assertEvent(events.filter((event) => event.type === type)[index], expected())
    })
  }

  it('of a connection end with its exact bytes on both sides, and its owner', () => {
    const [client, server] = [false, true].map((isServer) => closes().find((event) => event.protocol === 6 && event.isServer === isServer))
    assertEvent(client, {
      ...{ bytesSent: SENDS * SENT, bytesReceived: 41, remotePort: port('listener'), localPort: port('client') },
      ...{ isConnected: false, threadId: null, fd: null, syscall: 'UNKNOWN' },
    })
    assertEvent(server, { bytesSent: 41, bytesReceived: SENDS * SENT, remotePort: port('client'), localPort: port('listener') })
    for (const event of [client, server]) {
      assert.equal(event?.process.name, 'sockets')
      assert.ok((event.durationUs ?? 0) > 0 && (event.packetsSent ?? 0) > 0 && event.roundTripUs !== null)
    }
    const ofClient = events.filter(({ socketId }) => socketId !== null && socketId === client?.socketId)
    assert.deepEqual(
      ofClient.map(({ type }) => type),
      ['connect', 'close', 'close'],
      'the shutdown and the end have the cookie of the connect',
    )
  })

  it('of datagrams end with the bytes that went through the socket', () => {
    const udp = closes().filter(({ protocol }) => protocol === 17)
    assert.equal(udp.length, 2)
    const [sender, receiver] = [false, true].map((isServer) => udp.find((event) => event.isServer === isServer))
    assertEvent(sender, { bytesSent: 8 * (DATAGRAMS + 1), packetsSent: DATAGRAMS + 1, bytesReceived: 0, packetsReceived: 0 })
    assertEvent(receiver, { bytesSent: 0, packetsSent: 0, bytesReceived: 8 * DATAGRAMS, packetsReceived: DATAGRAMS })
  })
})
