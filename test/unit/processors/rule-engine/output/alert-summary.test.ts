// What an alert says of a network or kernel event.
import assert from 'node:assert/strict'
import { kernelSummaryOf, networkSummaryOf } from '../../../../../processors/rule-engine/output/alert-summary.js'
import { sampleKernelEvent } from '../../../../support/records/sample-kernel-event.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../../../support/records/sample-network-event.js'
import { sampleFileEvent, sampleProcessEvent } from '../../../../support/records/sample-records.js'

describe('the summary of an event in its alert', () => {
  it('is none for process and file events', () => {
    for (const event of [
      { topic: 'process', record: sampleProcessEvent() },
      { topic: 'file', record: sampleFileEvent() },
    ] as const) {
      assert.equal(networkSummaryOf(event), null)
      assert.equal(kernelSummaryOf(event), null)
    }
  })

  it('names of a DNS message the name that was asked for, not the server', () => {
    const record = sampleNetworkEvent({ type: 'dns', dns: sampleDnsMessage(), remotePort: 53, remoteName: 'resolver.example' })
    assert.equal(networkSummaryOf({ topic: 'network', record })?.domain, 'shop.example')
  })

  it('tells of a dup which socket was copied', () => {
    const record = sampleKernelEvent({
      type: 'dup',
      family: 2,
      protocol: 6,
      isServer: false,
      remoteAddress: '203.0.113.7',
      remotePort: 4444,
    })
    const network = networkSummaryOf({ topic: 'kernel', record })
    assert.deepEqual([network?.remoteAddress, network?.remotePort, network?.isServer, network?.domain], ['203.0.113.7', 4444, false, null])
    assert.equal(networkSummaryOf({ topic: 'kernel', record: sampleKernelEvent({ type: 'mount' }) }), null)
  })

  it('tells of a kernel event what it acted on, and of a network event nothing of the kind', () => {
    const record = sampleKernelEvent({ type: 'mount', source: '/dev/sda1', fsType: 'ext4', flags: 4096, targetPid: null, targetName: null })
    assert.deepEqual(kernelSummaryOf({ topic: 'kernel', record }), {
      targetPid: null,
      targetName: null,
      request: 16,
      flags: 4096,
      source: '/dev/sda1',
      fsType: 'ext4',
      name: null,
      signal: null,
    })
    assert.equal(kernelSummaryOf({ topic: 'network', record: sampleNetworkEvent() }), null)
  })
})
