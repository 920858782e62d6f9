// Alerts: the same for ever for the same event, rule and facts; different for all others.
import assert from 'node:assert/strict'
import { alertOf, kernelSummaryOf, networkSummaryOf } from '../../../../../processors/rule-engine/output/alert.js'
import type { CompiledRule } from '../../../../../processors/rule-engine/rule-set/compiled-rule.js'
import type { RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { sampleKernelEvent } from '../../../../support/records/sample-kernel-event.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../../../support/records/sample-network-event.js'

const ID = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

function rule(output: string, name = 'r'): CompiledRule {
  const text = `- rule: ${name}\n  desc: d\n  condition: evt.type=openat\n  output: ${JSON.stringify(output)}\n  priority: WARNING\n  tags: [a, b]\n`
  const { ruleSet, errors } = loadRules([{ name: 'f.yaml', text }])
  assert.deepEqual(errors, [])
  return ruleSet.rules[0] ?? assert.fail()
}

const ruleEvent: RuleEvent = {
  event: { topic: 'file', record: sampleFileEvent() },
  container: { state: 'known', containerId: ID, facts: sampleContainerFacts() },
}

describe('an alert', () => {
  it('names the event, the rule, the container, and fills the template', () => {
    const alert = alertOf(
      ruleEvent,
      rule('%proc.name read %fd.name in %container.name (%user.loginname|%5proc.name|%2proc.name|%proc.aname[2])'),
      'f'.repeat(16),
    )
    assert.equal(alert.output, 'cat read /etc/shadow in web (<NA>|cat  |ca|containerd-shim)')
    assert.deepEqual(alert.outputFields, {
      'proc.name': 'cat',
      'fd.name': '/etc/shadow',
      'container.name': 'web',
      'user.loginname': null,
      'proc.aname[2]': 'containerd-shim',
    })
    assert.equal(alert.rule, 'r')
    assert.equal(alert.priority, 'warning')
    assert.equal(alert.language, 'falco')
    assert.deepEqual(alert.tags, ['a', 'b'])
    assert.equal(alert.eventTopic, 'eunomia.file.v1')
    assert.equal(alert.eventType, 'openat')
    assert.equal(alert.path, '/etc/shadow')
    assert.equal(alert.containerId, ID)
    assert.equal(alert.container?.name, 'web')
    assert.equal(alert.facts, 'complete')
    assert.match(alert.alertId, /^[0-9a-f]{32}$/)
    assert.match(alert.ruleVersion, /^[0-9a-f]{16}$/)
  })

  it('is the same when it is created again', () => assert.deepEqual(alertOf(ruleEvent, rule('x'), 's'), alertOf(ruleEvent, rule('x'), 's')))

  it('has another id for another event, rule or version, and the same whatever the facts', () => {
    const id = (event: RuleEvent, one: CompiledRule): string => alertOf(event, one, 's').alertId
    const withOrigin = (change: Parameters<typeof sampleOrigin>[0]): RuleEvent => ({
      ...ruleEvent,
      event: { topic: 'file', record: sampleFileEvent({ origin: sampleOrigin(change) }) },
    })
    const ids = [
      id(ruleEvent, rule('x')),
      id(withOrigin({ seq: 1 }), rule('x')),
      id(withOrigin({ cpu: 0 }), rule('x')),
      id(withOrigin({ epoch: 1 }), rule('x')),
      id(withOrigin({ bootId: 'other' }), rule('x')),
      id(withOrigin({ hostId: 'other' }), rule('x')),
      id(ruleEvent, rule('y')),
      id(ruleEvent, rule('x', 'q')),
    ]
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(id({ ...ruleEvent, container: { state: 'absent', containerId: ID, isClaimed: false } }, rule('x')), ids[0])
  })

  it('of a Sigma rule names its id, author and references, and shows the fields that the rule read', () => {
    const text = `title: Shadow opened
id: 11111111-2222-3333-4444-555555555555
author: A. N. Author
references: [https://example.org/report]
tags: [attack.t1003]
level: critical
logsource: {category: file_event}
detection: {s: {TargetFilename|contains: shadow}, condition: s}
`
    const [sigma] = loadRules([{ name: 's.yml', text }]).ruleSet.rules
    assert.ok(sigma !== undefined)
    const { rule: name, ruleId, language, priority, author, references, tags, output } = alertOf(ruleEvent, sigma, 's')
    assert.deepEqual([name, ruleId, language, priority], ['Shadow opened', '11111111-2222-3333-4444-555555555555', 'sigma', 'critical'])
    assert.deepEqual([author, references, tags], ['A. N. Author', ['https://example.org/report'], ['attack.t1003']])
    assert.equal(output, 'Shadow opened: TargetFilename=/etc/shadow')
  })

  it('states that facts were absent, or not known', () => {
    const alert = alertOf(
      { ...ruleEvent, container: { state: 'absent', containerId: ID, isClaimed: false } },
      rule('%container.image in %container.id'),
      's',
    )
    assert.equal(alert.facts, 'absent')
    assert.equal(alert.container, null)
    assert.equal(alert.output, '<NA> in 4f1c0c5de2a9')
  })

  it('of the host names no container', () => {
    const alert = alertOf({ ...ruleEvent, container: { state: 'host' } }, rule('%container.id %container.info.'), 's')
    assert.equal(alert.containerId, null)
    assert.equal(alert.output, 'host .')
  })

  it('has numbers and booleans unchanged, and integers that JSON would round as text', () => {
    const { outputFields } = alertOf(ruleEvent, rule('%fd.num %evt.is_open_read %evt.rawtime %toupper(proc.name)'), 's')
    assert.deepEqual(outputFields, {
      'fd.num': 3,
      'evt.is_open_read': true,
      'evt.rawtime': '1760086400123456000',
      'toupper(proc.name)': 'CAT',
    })
  })
})

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

  it('has the queried name of a DNS message, not the server', () => {
    const record = sampleNetworkEvent({ type: 'dns', dns: sampleDnsMessage(), remotePort: 53, remoteName: 'resolver.example' })
    assert.equal(networkSummaryOf({ topic: 'network', record })?.domain, 'shop.example')
  })

  it('has the socket that a dup duplicated', () => {
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

  it('has the target of a kernel event, and none for a network event', () => {
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
