// An alert for any kind of record has all data of an OCSF detection finding: mapped, it is valid by OCSF's own schema.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { alertOf } from '../../../../processors/rule-engine/output/alert.js'
import type { ContainerKnowledge, RuleRecord } from '../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../processors/rule-engine/load/load-rules.js'
import type { Alert, CorrelationMatch } from '../../../../schemas/generated/types.js'
import { ocsfFindingOf } from '../../../../schemas/ocsf/detection-finding.js'
import { SchemaCheck } from '../../../support/json-schema/schema-check.js'
import { arbitraryAlert, hostileAlerts } from '../../../support/records/hostile-alert.js'
import { sampleKernelEvent } from '../../../support/records/sample-kernel-event.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../../support/records/sample-network-event.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../support/records/sample-records.js'
import { testAlert } from '../../../support/records/test-alert.js'
import { skipWithoutCorpora } from '../../../support/runner/skip-because.js'
import { sharedPath } from '../../../support/shared-folder.js'

const RULE = `
- rule: anything
  desc: every event
  condition: evt.num >= 0 or proc.pid >= 0
  output: "%proc.cmdline in %container.name"
  priority: CRITICAL
  tags: [T1059.004, mitre_execution]
`

const CONNECTION = {
  localAddress: '172.17.0.2',
  localPort: 40_312,
  remoteAddress: '203.0.113.7',
  remotePort: 443,
  family: 2,
  protocol: 6,
}

describe('an alert as an OCSF detection finding', function () {
  let check: SchemaCheck

  before(function () {
    const path = sharedPath('corpora', 'ocsf', 'detection_finding.schema.json')
    if (path === null) return skipWithoutCorpora(this)
    check = new SchemaCheck(JSON.parse(readFileSync(path, 'utf8')) as object, { isClosed: true })
  })

  /** The finding of an event, after the schema found nothing wrong with it. */
  function findingOf(event: RuleRecord, container?: ContainerKnowledge): Finding {
    return valid(alertOf({ event, container: container ?? knownContainer(event) }, theRule(), 'a'.repeat(16)))
  }

  function valid(alert: Alert): Finding {
    const finding: unknown = JSON.parse(JSON.stringify(ocsfFindingOf(alert)))
    assert.deepEqual(check.problems(finding), [])
    return finding as Finding
  }

  it('is checked by a schema that finds what is missing, wrong or misspelt', () => {
    const finding = ocsfFindingOf(testAlert())
    assert.equal(check.problems({ ...finding, severity_id: 7 }).length, 1)
    assert.equal(check.problems({ ...finding, finding_info: {} }).length, 1)
    assert.equal(check.problems({ ...finding, evidences: [{ proces: {} }] }).length > 0, true)
  })

  it('of a process event names process, parent, user, container, rule and technique', () => {
    const { actor, finding_info, severity_id, device } = findingOf({ topic: 'process', record: sampleProcessEvent() })
    assert.deepEqual([severity_id, device.hostname], [5, 'node-17'])
    assert.deepEqual([actor.process.name, actor.process.cmd_line, actor.user.name], ['cat', 'cat /etc/shadow', 'root'])
    assert.deepEqual([actor.process.parent_process?.name, actor.process.container?.name], ['sh', 'web'])
    assert.deepEqual(finding_info.attacks, [
      {
        technique: {
          uid: 'T1059',
          name: 'Command and Scripting Interpreter',
          src_url: 'https://attack.mitre.org/techniques/T1059/',
        },
        sub_technique: { uid: 'T1059.004', name: 'Unix Shell', src_url: 'https://attack.mitre.org/techniques/T1059/004/' },
        tactics: [{ uid: 'TA0002', name: 'Execution', src_url: 'https://attack.mitre.org/tactics/TA0002/' }],
        version: '19',
      },
    ])
  })

  it('of a file event names the file', () => {
    const { evidences } = findingOf({ topic: 'file', record: sampleFileEvent() })
    assert.deepEqual([evidences[0]?.file?.path, evidences[0]?.file?.name], ['/etc/shadow', 'shadow'])
  })

  it('of a network event names both ends, with who connected as the source', () => {
    const outbound = findingOf({ topic: 'network', record: sampleNetworkEvent({ remoteName: 'shop.example' }) }).evidences[0]
    assert.deepEqual(outbound?.src_endpoint, { ip: '172.17.0.2', port: 40_312 })
    assert.deepEqual(outbound.dst_endpoint, { ip: '203.0.113.7', port: 443, domain: 'shop.example' })
    assert.deepEqual(outbound.connection_info, { direction_id: 2, protocol_num: 6, protocol_name: 'tcp', protocol_ver_id: 4 })
    const inbound = findingOf({ topic: 'network', record: sampleNetworkEvent({ type: 'accept', syscall: 'accept4', isServer: true }) })
    assert.deepEqual(inbound.evidences[0]?.src_endpoint, { ip: '203.0.113.7', port: 443 })
  })

  it('of a DNS question has the queried name', () => {
    const dns = sampleDnsMessage({ isResponse: false, answers: [], responseCode: null })
    const { evidences } = findingOf({ topic: 'network', record: sampleNetworkEvent({ type: 'dns', dns }) })
    assert.deepEqual(evidences[0]?.query, { hostname: 'shop.example' })
  })

  it('of a kernel event names what it acted on, and of a dup the connection', () => {
    const traced = findingOf({ topic: 'kernel', record: sampleKernelEvent() })
    assert.deepEqual(traced.evidences[1]?.process, { pid: 4250, name: 'nginx' })
    const dup = findingOf({ topic: 'kernel', record: sampleKernelEvent({ type: 'dup', syscall: 'dup2', ...CONNECTION }) })
    assert.equal(dup.evidences[0]?.src_endpoint?.ip, '172.17.0.2')
  })

  it('of the host, and of a container whose facts did not come, is valid too', () => {
    const onHost = {
      topic: 'file',
      record: sampleFileEvent({ process: sampleProcess({ containerId: null, containerClaim: null }) }),
    } as const
    findingOf(onHost, { state: 'host' })
    findingOf({ topic: 'file', record: sampleFileEvent() }, { state: 'absent', containerId: 'c'.repeat(64), isClaimed: false })
  })

  it('of a correlation names its rules, its window and its events', () => {
    const correlation: CorrelationMatch = {
      type: 'event_count',
      ruleIds: ['failed login'],
      groupBy: { User: 'root' },
      windowStartUs: 1_700_000_000_000_000,
      windowEndUs: 1_700_000_060_000_000,
      count: 10,
      eventIds: ['h/b/1/eunomia.file.v1/0/1'],
      eventCount: 10,
    }
    const { finding_info } = valid(testAlert({ correlation }))
    assert.equal(finding_info.related_events_count, 10)
    assert.deepEqual(finding_info.related_events, [{ uid: 'h/b/1/eunomia.file.v1/0/1' }])
    assert.equal(finding_info.first_seen_time, 1_700_000_000_000)
  })

  it('names what people search for as observables, and keeps in unmapped what has no field', () => {
    const { observables, unmapped, evidences } = findingOf({ topic: 'network', record: sampleNetworkEvent({ remoteName: 'shop.example' }) })
    const typed = observables.map(({ type, value }) => `${type}: ${value}`)
    for (const one of ['Hostname: node-17', 'IP Address: 203.0.113.7', 'Port: 443', 'Hostname: shop.example']) {
      assert.ok(typed.includes(one), one)
    }
    assert.equal(evidences[0]?.process?.ancestry.length, 3)
    assert.equal(unmapped['facts'], 'complete')
    assert.ok('capEffective' in unmapped.process && !('pid' in unmapped.process))
  })

  it('is valid whatever an alert holds', () => {
    fc.assert(
      fc.property(arbitraryAlert(), (alert) => {
        assert.deepEqual(check.problems(ocsfFindingOf(alert)), [])
      }),
    )
    for (const alert of hostileAlerts()) assert.equal(valid(alert).finding_info.title, alert.rule)
  })
})

interface Endpoint {
  readonly ip?: string
  readonly port?: number
  readonly domain?: string
}

/** What the tests read of a finding. */
interface Finding {
  readonly severity_id: number
  readonly device: { readonly hostname: string }
  readonly actor: {
    readonly user: { readonly name?: string }
    readonly process: {
      readonly name: string
      readonly cmd_line: string
      readonly parent_process?: { readonly name: string }
      readonly container?: { readonly name?: string }
    }
  }
  readonly observables: readonly { readonly type: string; readonly value: string }[]
  readonly unmapped: Readonly<Record<string, unknown>> & { readonly process: object }
  readonly finding_info: {
    readonly title: string
    readonly attacks: unknown
    readonly related_events?: unknown
    readonly related_events_count?: number
    readonly first_seen_time?: number
  }
  readonly evidences: readonly {
    readonly file?: { readonly path: string; readonly name: string }
    readonly process?: { readonly ancestry: readonly unknown[] }
    readonly src_endpoint?: Endpoint
    readonly dst_endpoint?: Endpoint
    readonly connection_info?: unknown
    readonly query?: unknown
  }[]
}

function theRule(): Parameters<typeof alertOf>[1] {
  const { ruleSet, errors } = loadRules([{ name: 'test.yaml', text: RULE }])
  assert.deepEqual(errors, [])
  const [rule] = ruleSet.rules
  assert.ok(rule !== undefined)
  return rule
}

function knownContainer({ record }: RuleRecord): ContainerKnowledge {
  const { containerId } = record.process
  return containerId === null ? { state: 'host' } : { state: 'known', containerId, facts: sampleContainerFacts() }
}
