// Categories of log sources over records: which events each one means, and what its fields hold.
import assert from 'node:assert/strict'
import { createPlainEvaluator } from '../../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import type { FileEvent, NetworkEvent, Process, ProcessEvent } from '../../../../../../schemas/generated/types.js'
import { sampleDnsMessage, sampleNetworkEvent } from '../../../../../support/records/sample-network-event.js'
import { sampleFileEvent, sampleOrigin, sampleProcess, sampleProcessEvent } from '../../../../../support/records/sample-records.js'

/** Whether a rule of the log source with this search fires for the event. */
function fires(source: string, search: string, event: RuleRecord): boolean {
  const text = `title: t\nlogsource: {${source}}\ndetection: {s: {${search}}, condition: s}\n`
  const { ruleSet, errors } = loadRules([{ name: 'r.yml', text }], { language: 'sigma' })
  assert.deepEqual(errors, [])
  assert.deepEqual(
    ruleSet.rules.flatMap(({ unavailable }) => unavailable),
    [],
  )
  return createPlainEvaluator(ruleSet).evaluate({ event, container: { state: 'host' } }).matched.length > 0
}
const exec = (process: Partial<Process> = {}, change: Partial<ProcessEvent> = {}): RuleRecord => ({
  topic: 'process',
  record: sampleProcessEvent({ process: sampleProcess(process), ...change }),
})
const file = (change: Partial<FileEvent>): RuleRecord => ({ topic: 'file', record: sampleFileEvent(change) })
const network = (change: Partial<NetworkEvent>): RuleRecord => ({ topic: 'network', record: sampleNetworkEvent(change) })
const dns = (isResponse: boolean): RuleRecord =>
  network({
    type: 'dns',
    syscall: 'recvmsg',
    dns: sampleDnsMessage(isResponse ? {} : { isResponse, responseCode: null, answers: [] }),
  })

const MOVED = file({ type: 'rename', syscall: 'renameat2', path: '/tmp/a', newPath: '/etc/b', isRead: false, result: 0 })
const WRITTEN = { path: '/etc/b', isRead: false, isWrite: true, flags: 1 } as const
const UNLINKED = file({ type: 'unlink', syscall: 'unlinkat', path: '/etc/b', result: 0 })
const TO_SERVER = { localAddress: '10.0.0.1', localPort: 40_000, remoteAddress: '203.0.113.7', remotePort: 443 } as const
const ACCEPTED = { ...TO_SERVER, type: 'accept', syscall: 'accept4', isServer: true, result: 7 } as const
const DATAGRAM = { ...TO_SERVER, type: 'send', syscall: 'sendto', protocol: 17, socketType: 2, result: 20 } as const

type Case = readonly [source: string, search: string, event: RuleRecord, expected: boolean, why: string]

const CASES: readonly Case[] = [
  ['process_creation', "CommandLine: 'a b'", exec({ args: ['a', 'b'] }), true, 'arguments from the first on'],
  ['process_creation', 'CurrentDirectory: /srv', exec({ cwd: '/srv' }), true, 'the working directory'],
  ['process_creation', 'ParentCommandLine|startswith: sh -c', exec(), true, 'arguments of the parent'],
  ['process_creation', 'ParentImage|endswith: /sh', exec(), true, 'the executable of the parent'],
  ['process_creation', 'LogonId: 1000', exec({ uid: 1000 }), true, 'a user id as a number'],
  ['process_creation', 'Computer: node-17', exec(), true, 'the host'],
  ['process_creation', 'Hashes|contains: SHA256=ABCD', exec({ exeSha256: `abcd${'0'.repeat(60)}` }), true, 'the hash of the executable'],
  ['process_creation', 'UtcTime|hour: 8', exec({}, { origin: sampleOrigin({ wallTimeUs: 1_760_083_200_000_000 }) }), true, '08:00 UTC'],
  ['process_creation', "'|all': [shadow, root]", exec(), true, 'keywords in two fields'],
  ['process_creation', "'|all': [shadow, nobody]", exec(), false, 'keywords of which one is in none'],
  ['process_creation', 'proc.name: cat', exec(), true, 'a field of the catalogue by its own name'],
  ['process_creation', 'Image: /bin/cat', exec({}, { result: -13 }), false, 'a start that was refused'],
  ['file_event', 'TargetFilename: /etc/b', file(WRITTEN), true, 'a file that was written'],
  ['file_event', 'TargetFilename: /etc/b', file({ ...WRITTEN, isWrite: false, isRead: true, flags: 0 }), false, 'a file that was read'],
  ['file_event', 'TargetFilename: /etc/b', file({ ...WRITTEN, result: -13 }), false, 'a write that was refused'],
  ['file_event', 'TargetFilename: /etc/b', MOVED, true, 'the name that a file was moved to'],
  ['file_event', 'TargetFilename: /tmp/a', MOVED, false, 'the name that a file was moved from'],
  ['file_event', 'TargetFilename: /etc/b', file({ type: 'symlink', syscall: 'symlink', path: '/etc/b', result: 0 }), true, 'a link'],
  ['file_event', 'TargetFilename: /etc/b', UNLINKED, false, 'a file that was removed'],
  ['file_rename', 'SourceFilename: /tmp/a, TargetFilename: /etc/b', MOVED, true, 'both names of a file that was moved'],
  ['file_rename', 'TargetFilename: /etc/b', file(WRITTEN), false, 'a file that was written'],
  ['file_delete', 'TargetFilename: /etc/b', UNLINKED, true, 'a file that was removed'],
  ['file_delete', 'Image: /bin/cat', MOVED, false, 'a file that was moved'],
  ['file_delete', 'TargetFilename: /d', file({ type: 'rmdir', syscall: 'unlinkat', path: '/d', result: 0 }), false, 'a folder'],
  ['file_access', 'FileName: /etc/shadow', file({}), true, 'a file that was read'],
  ['file_access', 'FileName: /etc/b', file(WRITTEN), false, 'a file that was only written'],
  ['network_connection', 'DestinationIp: 203.0.113.7, DestinationPort: 443', network(TO_SERVER), true, 'the server of a connection'],
  ['network_connection', 'SourceIp: 10.0.0.1, SourcePort: 40000', network(TO_SERVER), true, 'the client of a connection'],
  ['network_connection', "Initiated: 'true', Protocol: tcp", network(TO_SERVER), true, 'who began it'],
  ['network_connection', 'DestinationIp: 10.0.0.1, DestinationPort: 40000', network(ACCEPTED), true, 'the server of what was accepted'],
  ['network_connection', "Initiated: 'false', SourceIp: 203.0.113.7", network(ACCEPTED), true, 'the client of what was accepted'],
  ['network_connection', 'DestinationIp|cidr: 203.0.113.0/24', network(TO_SERVER), true, 'a network'],
  ['network_connection', 'DestinationHostname: pool.example', network({ ...TO_SERVER, remoteName: 'pool.example' }), true, 'a name'],
  ['network_connection', 'DestinationPort: 443', network({ ...TO_SERVER, result: -115 }), true, 'a connect that goes on'],
  ['network_connection', 'DestinationPort: 443', network({ ...TO_SERVER, result: -111 }), false, 'a connect that was refused'],
  ['network_connection', 'DestinationPort: 443, Protocol: udp', network(DATAGRAM), true, 'the first datagram of a flow'],
  [
    'network_connection',
    'DestinationPort: 443',
    network({ ...DATAGRAM, type: 'connect', syscall: 'connect', result: 0 }),
    false,
    'a connect of UDP',
  ],
  ['network_connection', 'Image|contains: a', network({ family: 1, unixPath: '/run/x', remoteAddress: null }), false, 'a unix socket'],
  [
    'network_connection',
    'Image|contains: a',
    network({ type: 'listen', syscall: 'listen', remoteAddress: null }),
    false,
    'a socket that listens',
  ],
  ['dns_query', 'QueryName: shop.example', dns(false), true, 'a question'],
  ['dns_query', 'QueryName: shop.example', dns(true), false, 'the answer, when only the question is looked at'],
  ['dns_query', "QueryName: shop.example, QueryStatus: '0'", dns(true), true, 'the answer, when its fields are looked at'],
  ['dns_query', "QueryName: shop.example, QueryStatus: '0'", dns(false), false, 'a question, when an answer is looked at'],
  ['dns_query', 'QueryResults|contains: 203.0.113.7;', dns(true), true, 'values of the answer'],
  ['dns', 'query: shop.example, record_type: A', dns(false), true, 'a question by the names of Zeek'],
  ['dns', 'answer: 203.0.113.7', dns(true), true, 'one of the values of an answer'],
]

describe('events of a category', () => {
  for (const [category, search, event, expected, why] of CASES) {
    it(`${category} with ${search} ${expected ? 'are' : 'are not'}: ${why}`, () => {
      assert.equal(fires(`product: linux, category: ${category}`, search, event), expected)
      assert.equal(fires(`category: ${category}`, search, event), expected)
    })
  }
})
