// Connections, DNS messages and objects of kernel events in a few words.
import assert from 'node:assert/strict'
import { connectionText } from '../../../schemas/alert-parts.js'
import { dnsText, kernelObjectText } from '../../../schemas/object-text.js'
import type { KernelSummary, NetworkSummary } from '../../../schemas/generated/types.js'
import { sampleDnsMessage } from '../../support/records/sample-network-event.js'

const TCP: NetworkSummary = {
  localAddress: '10.0.0.2',
  localPort: 40_312,
  remoteAddress: '203.0.113.7',
  remotePort: 443,
  unixPath: null,
  family: 2,
  protocol: 6,
  isServer: false,
  domain: 'shop.example',
}
const NOTHING: KernelSummary = {
  targetPid: null,
  targetName: null,
  request: null,
  flags: null,
  source: null,
  fsType: null,
  name: null,
  signal: null,
}

describe('text for people', () => {
  it('of a connection has the client first, the name of the remote side, and the transport', () => {
    assert.equal(connectionText(TCP), '10.0.0.2:40312 -> 203.0.113.7:443 (shop.example) tcp')
    assert.equal(connectionText({ ...TCP, isServer: true, domain: null }), '203.0.113.7:443 -> 10.0.0.2:40312 tcp')
    assert.equal(
      connectionText({ ...TCP, localAddress: '::1', remoteAddress: '2001:db8::7', domain: null, protocol: 17 }),
      '[::1]:40312 -> [2001:db8::7]:443 udp',
    )
  })

  it('of a connection with one end, of a unix socket and of nothing known', () => {
    assert.equal(connectionText({ ...TCP, remoteAddress: null, remotePort: null, domain: null }), '10.0.0.2:40312 tcp')
    assert.equal(connectionText({ ...TCP, unixPath: '/run/docker.sock' }), '/run/docker.sock')
    assert.equal(connectionText({ ...TCP, localAddress: null, remoteAddress: null, domain: null }), '')
  })

  it('of a DNS message has the question, and the answers or the error', () => {
    assert.equal(dnsText(sampleDnsMessage()), 'shop.example A: edge.shop.example, 203.0.113.7')
    assert.equal(dnsText(sampleDnsMessage({ isResponse: false, answers: [], questionType: 28 })), 'shop.example AAAA?')
    assert.equal(dnsText(sampleDnsMessage({ responseCode: 3, answers: [], questionType: 999 })), 'shop.example type 999: error 3')
  })

  it('of a kernel event names what it acted on', () => {
    assert.equal(kernelObjectText({ ...NOTHING, source: '/dev/sda1', fsType: 'ext4' }, '/mnt'), '/dev/sda1 on /mnt (ext4)')
    assert.equal(kernelObjectText({ ...NOTHING, targetPid: 7, targetName: 'nginx', signal: 9 }, null), 'nginx (pid 7), signal 9')
    assert.equal(kernelObjectText({ ...NOTHING, name: 'rootkit' }, '/tmp/rootkit.ko'), '/tmp/rootkit.ko, rootkit')
    assert.equal(kernelObjectText({ ...NOTHING, targetPid: 7 }, null), '? (pid 7)')
    assert.equal(kernelObjectText(NOTHING, null), '')
  })
})
