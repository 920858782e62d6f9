// An ordinary network event: a client in a container connects to a web server by TCP. For tests and benches, each call creates a new one.
import type { DnsMessage, NetworkEvent } from '../../../schemas/generated/types.js'
import { sampleOrigin, sampleProcess } from './sample-records.js'

/** A successful connect. */
export function sampleNetworkEvent(change: Partial<NetworkEvent> = {}): NetworkEvent {
  return {
    type: 'connect',
    syscall: 'connect',
    result: 0,
    family: 2,
    protocol: 6,
    socketType: 1,
    isServer: false,
    remoteAddress: '203.0.113.7',
    remotePort: 443,
    localAddress: '172.17.0.2',
    localPort: 40_312,
    remoteName: null,
    localName: null,
    unixPath: null,
    isConnected: true,
    isNameChanged: null,
    fd: 5,
    process: sampleProcess({ name: 'curl', exePath: '/usr/bin/curl', args: ['curl', 'https://shop.example/'], argsBytes: 27 }),
    dns: null,
    payload: null,
    size: null,
    flags: null,
    backlog: null,
    bytesSent: null,
    bytesReceived: null,
    packetsSent: null,
    packetsReceived: null,
    durationUs: null,
    roundTripUs: null,
    socketId: '8193',
    threadId: 4242,
    passedDescriptors: null,
    route: 'native',
    remoteSource: 'kernel',
    passedSource: 'UNKNOWN',
    origin: sampleOrigin(),
    raw: null,
    ...change,
  }
}

/** The answer to a question for an address. */
export function sampleDnsMessage(change: Partial<DnsMessage> = {}): DnsMessage {
  return {
    isResponse: true,
    questionName: 'shop.example',
    questionType: 1,
    responseCode: 0,
    answers: [
      { name: 'shop.example', type: 5, ttlSeconds: 300, value: 'edge.shop.example' },
      { name: 'edge.shop.example', type: 1, ttlSeconds: 60, value: '203.0.113.7' },
    ],
    answersTruncated: false,
    ...change,
  }
}
