// Fields of connections, read from network events and from copies of a socket's descriptor. Which end is which is Falco's: c is who connected,
// s the server, l this side, r the other.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { parseAddress } from '../../../../../../processors/rule-engine/text/addresses.js'
import type { NetworkEvent } from '../../../../../../schemas/generated/types.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../../../../support/records/sample-network-event.js'
import { sampleKernelEvent } from '../../../../../support/records/sample-kernel-event.js'
import { fieldRows, fieldValue } from '../../../../../support/records/field-values.js'

const AF_UNIX = 1
const AF_INET6 = 10
const AF_NETLINK = 16
const AF_PACKET = 17
const UDP = { protocol: 17, socketType: 2 }
const EINPROGRESS = 115

const network = (change: Partial<NetworkEvent> = {}): RuleRecord => ({ topic: 'network', record: sampleNetworkEvent(change) })
const address = (text: string): string => parseAddress(text) ?? assert.fail(text)

describe('fields of a connect', () => {
  const event = network({ remoteName: 'shop.example', localName: 'web-0' })
  fieldRows(event, [
    ['evt.type', 'connect'],
    ['syscall.type', 'connect'],
    ['evt.category', 'net'],
    ['evt.res', 'SUCCESS'],
    ['evt.rawres', 0],
    ['evt.is_io', false],
    ['evt.is_open_write', false],
    ['fd.num', 5],
    ['fd.type', 'ipv4'],
    ['fd.typechar', '4'],
    ['fd.sockfamily', 'ip'],
    ['fd.l4proto', 'tcp'],
    ['fd.name', '172.17.0.2:40312->203.0.113.7:443'],
    ['fd.directory', undefined],
    ['fd.filename', undefined],
    ['fd.nameraw', undefined],
    ['fd.cip', address('172.17.0.2')],
    ['fd.sip', address('203.0.113.7')],
    ['fd.lip', address('172.17.0.2')],
    ['fd.rip', address('203.0.113.7')],
    ['fd.ip', [address('172.17.0.2'), address('203.0.113.7')]],
    ['fd.net', [address('172.17.0.2'), address('203.0.113.7')]],
    ['fd.snet', address('203.0.113.7')],
    ['fd.rnet', address('203.0.113.7')],
    ['fd.cport', 40_312],
    ['fd.sport', 443],
    ['fd.lport', 40_312],
    ['fd.rport', 443],
    ['fd.port', [40_312, 443]],
    ['fd.sproto', 'https'],
    ['fd.cproto', '40312'],
    ['fd.is_server', false],
    ['fd.connected', true],
    ['fd.name_changed', true],
    ['fd.sip.name', 'shop.example'],
    ['fd.rip.name', 'shop.example'],
    ['fd.cip.name', 'web-0'],
    ['evt.arg.tuple', '172.17.0.2:40312->203.0.113.7:443'],
    ['evt.arg.fd', '<4t>172.17.0.2:40312->203.0.113.7:443'],
    ['evt.arg.addr', '203.0.113.7:443'],
    ['evt.arg.res', '0'],
    ['evt.args', 'res=0 tuple=172.17.0.2:40312->203.0.113.7:443 fd=5(<4t>172.17.0.2:40312->203.0.113.7:443) addr=203.0.113.7:443'],
    ['proc.name', 'curl'],
  ])

  it('that goes on without its caller has EINPROGRESS, and is not connected yet', () => {
    const pending = network({ result: -EINPROGRESS, isConnected: false })
    assert.equal(fieldValue('evt.res', pending), 'EINPROGRESS')
    assert.equal(fieldValue('evt.rawres', pending), -EINPROGRESS)
    assert.equal(fieldValue('evt.failed', pending), true)
    assert.equal(fieldValue('fd.connected', pending), false)
    assert.equal(fieldValue('fd.name', pending), '172.17.0.2:40312->203.0.113.7:443')
    assert.equal(fieldValue('evt.arg.res', pending), 'EINPROGRESS')
  })

  it('that the kernel ends is no event for rules: the connect was one', () => {
    assert.equal(fieldValue('evt.type', network({ syscall: 'UNKNOWN' })), undefined)
  })
})

describe('fields of an accept', () => {
  const event = network({
    type: 'accept',
    syscall: 'accept4',
    result: 9,
    fd: 9,
    isServer: true,
    localPort: 22,
    remotePort: 51_000,
    flags: 0x80000,
  })
  fieldRows(event, [
    ['evt.type', 'accept4'],
    ['fd.num', 9],
    ['fd.name', '203.0.113.7:51000->172.17.0.2:22'],
    ['fd.cip', address('203.0.113.7')],
    ['fd.sip', address('172.17.0.2')],
    ['fd.lip', address('172.17.0.2')],
    ['fd.cport', 51_000],
    ['fd.sport', 22],
    ['fd.lport', 22],
    ['fd.sproto', 'ssh'],
    ['fd.is_server', true],
    ['evt.arg.flags', '524288'],
  ])

  it('without a word on the roles still is of a server', () => {
    assert.equal(fieldValue('fd.sport', network({ type: 'accept', syscall: 'accept', isServer: null, localPort: 22 })), 22)
  })
})

describe('fields of a socket that listens', () => {
  const event = network({
    type: 'listen',
    syscall: 'listen',
    isServer: true,
    localAddress: '0.0.0.0',
    localPort: 8080,
    remoteAddress: null,
    remotePort: null,
    isConnected: false,
    backlog: 128,
  })
  fieldRows(event, [
    ['fd.typechar', '4'],
    ['fd.name', '0.0.0.0:8080'],
    ['fd.sip', address('0.0.0.0')],
    ['fd.sport', 8080],
    ['fd.cip', undefined],
    ['fd.cport', undefined],
    ['fd.rip', undefined],
    ['fd.ip', [address('0.0.0.0')]],
    ['fd.connected', false],
    ['evt.arg.backlog', '128'],
  ])
})

describe('fields of a datagram', () => {
  const event = network({
    ...UDP,
    type: 'send',
    syscall: 'sendto',
    result: 29,
    size: 29,
    isServer: null,
    isConnected: null,
    localAddress: null,
    localPort: 4711,
    remoteAddress: '8.8.8.8',
    remotePort: 53,
    payload: Buffer.from('GET /\u0001', 'latin1'),
  })
  fieldRows(event, [
    ['evt.type', 'sendto'],
    ['fd.l4proto', 'udp'],
    ['fd.connected', false],
    ['fd.name_changed', true],
    ['fd.name', '0.0.0.0:4711->8.8.8.8:53'],
    ['fd.sport', 53],
    ['fd.cport', 4711],
    ['fd.sproto', 'domain'],
    ['evt.buffer', 'GET /\u0001'],
    ['evt.buflen', 29],
    ['evt.buflen.out', 29],
    ['evt.buflen.in', undefined],
    ['evt.buflen.net', 29],
    ['evt.buflen.net.out', 29],
    ['evt.buflen.net.in', undefined],
    ['fd.is_upper_layer', false],
    ['fd.is_lower_layer', false],
    ['evt.is_io', true],
    ['evt.is_io_write', true],
    ['evt.is_io_read', false],
    ['evt.io_dir', 'write'],
    ['evt.arg.data', 'GET /.'],
    ['evt.rawarg.size', 29],
  ])

  it('that was received is of the server that it came to', () => {
    const received = network({ ...UDP, type: 'receive', syscall: 'recvfrom', isServer: null, localPort: 53, remotePort: 4711 })
    assert.equal(fieldValue('fd.sport', received), 53)
    assert.equal(fieldValue('evt.io_dir', received), 'read')
  })

  it('has a length by its way, and over IP one more; none when the call failed', () => {
    const LENGTHS = ['in', 'out', 'net', 'net.in', 'net.out'].map((name) => `evt.buflen.${name}`)
    const lengths = (change: Partial<NetworkEvent>): unknown[] =>
      LENGTHS.map((name) => fieldValue(name, network({ ...UDP, type: 'receive', syscall: 'recvfrom', result: 7, ...change })))
    assert.deepEqual(lengths({}), [7, undefined, 7, 7, undefined])
    assert.deepEqual(lengths({ result: 0 }), [0, undefined, 0, 0, undefined])
    assert.deepEqual(lengths({ result: -11 }), [undefined, undefined, undefined, undefined, undefined])
    const unix = { family: AF_UNIX, unixPath: '/dev/log', remoteAddress: null, localAddress: null, remotePort: null, localPort: null }
    assert.deepEqual(lengths({ ...unix, type: 'send', syscall: 'sendto' }), [undefined, 7, undefined, undefined, undefined])
  })
})

describe('fields of other sockets', () => {
  it('of IPv6 are written without brackets, and never equal one of IPv4', () => {
    const event = network({ family: AF_INET6, localAddress: '2001:db8::1', remoteAddress: '2001:db8::7' })
    assert.equal(fieldValue('fd.typechar', event), '6')
    assert.equal(fieldValue('fd.name', event), '2001:db8::1:40312->2001:db8::7:443')
    assert.equal(fieldValue('fd.sip', event), address('2001:db8::7'))
  })
  it('of IPv6 that carry IPv4 are of IPv4', () => {
    const event = network({ family: AF_INET6 })
    assert.equal(fieldValue('fd.typechar', event), '4')
    assert.equal(fieldValue('fd.type', event), 'ipv4')
  })
  it('of a unix socket are its path', () => {
    const event = network({
      family: AF_UNIX,
      unixPath: '/run/docker.sock',
      remoteAddress: null,
      localAddress: null,
      remotePort: null,
      localPort: null,
    })
    assert.equal(fieldValue('fd.type', event), 'unix')
    assert.equal(fieldValue('fd.typechar', event), 'u')
    assert.equal(fieldValue('fd.sockfamily', event), 'unix')
    assert.equal(fieldValue('fd.name', event), '/run/docker.sock')
    assert.equal(fieldValue('fd.sip', event), undefined)
    assert.equal(fieldValue('fd.l4proto', event), undefined)
  })
  it('that were only created have a domain and no name', () => {
    const made = (family: number): RuleRecord =>
      network({
        type: 'socket',
        syscall: 'socket',
        result: 5,
        family,
        socketType: 3,
        remoteAddress: null,
        localAddress: null,
        isServer: null,
      })
    assert.equal(fieldValue('evt.arg.domain', made(AF_PACKET)), 'AF_PACKET')
    assert.equal(fieldValue('evt.rawarg.domain', made(AF_PACKET)), 17)
    assert.equal(fieldValue('fd.typechar', made(AF_PACKET)), 'o')
    assert.equal(fieldValue('fd.type', made(AF_PACKET)), undefined)
    assert.equal(fieldValue('fd.typechar', made(AF_NETLINK)), 'n')
    assert.equal(fieldValue('evt.arg.domain', made(AF_UNIX)), 'AF_LOCAL|AF_UNIX')
    assert.equal(fieldValue('evt.arg.domain', made(AF_NETLINK)), 'AF_ROUTE|AF_NETLINK')
    assert.equal(fieldValue('evt.arg.domain', made(999)), '999')
    assert.equal(fieldValue('fd.name', made(AF_PACKET)), '')
  })
  it('that could not be created have the number -1', () => {
    const failed = network({ type: 'socket', syscall: 'socket', result: -1, fd: null })
    assert.equal(fieldValue('fd.num', failed), -1)
    assert.equal(fieldValue('evt.arg.fd', failed), 'EPERM')
  })
  it('hold no address that is none', () => {
    const event = network({ remoteAddress: '1.2.3.4\n<script>' })
    assert.equal(fieldValue('fd.sip', event), undefined)
    assert.equal(fieldValue('fd.name', event), '172.17.0.2:40312->?:443')
  })
})

describe('fields of a copy of a socket onto a standard stream', () => {
  const event: RuleRecord = {
    topic: 'kernel',
    record: sampleKernelEvent({
      type: 'dup',
      syscall: 'dup2',
      result: 1,
      fd: 7,
      newFd: 1,
      descriptorType: 'ipv4',
      family: 2,
      protocol: 6,
      isServer: false,
      localAddress: '172.17.0.2',
      localPort: 40_312,
      remoteAddress: '203.0.113.7',
      remotePort: 4444,
      request: null,
      targetPid: null,
      targetName: null,
    }),
  }
  fieldRows(event, [
    ['evt.type', 'dup2'],
    ['evt.rawres', 1],
    ['evt.category', 'net'],
    ['fd.num', 1],
    ['fd.type', 'ipv4'],
    ['fd.name', '172.17.0.2:40312->203.0.113.7:4444'],
    ['fd.sip', address('203.0.113.7')],
    ['fd.rport', 4444],
    ['fd.l4proto', 'tcp'],
    ['fd.types[1]', ['ipv4']],
    ['proc.stdout.type', 'ipv4'],
    ['evt.arg.oldfd', '7'],
    ['evt.arg.newfd', '<4t>172.17.0.2:40312->203.0.113.7:4444'],
  ])
})

describe('fields of a DNS message', () => {
  const event = network({ ...UDP, type: 'dns', syscall: 'recvfrom', dns: sampleDnsMessage(), fd: null })
  fieldRows(event, [
    ['evt.type', 'dns'],
    ['syscall.type', undefined],
    ['evt.res', undefined],
    ['fd.num', undefined],
    ['fd.name', undefined],
    ['dns.name', 'shop.example'],
    ['dns.type', 'A'],
    ['dns.is_response', true],
    ['dns.rcode', 'NOERROR'],
    ['dns.answers', ['edge.shop.example', '203.0.113.7']],
    ['evt.arg.name', 'shop.example'],
  ])
})

describe('fields of a line to the system log', () => {
  const event = network({
    type: 'send',
    syscall: 'sendto',
    family: AF_UNIX,
    unixPath: '/dev/log',
    remoteAddress: null,
    localAddress: null,
    payload: Buffer.from('<86>sshd[1]: session opened'),
  })
  fieldRows(event, [
    ['evt.is_syslog', true],
    ['syslog.facility', 10],
    ['syslog.facility.str', 'authpriv'],
    ['syslog.severity', 6],
    ['syslog.severity.str', 'info'],
    ['syslog.message', 'sshd[1]: session opened'],
  ])
})
