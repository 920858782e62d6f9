// Fields of a process that not every record has: environment, leaders that are no ancestors, standard streams, namespaces.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import type { Process, ProcessEvent } from '../../../../../../schemas/generated/types.js'
import { sampleOrigin, sampleProcess, sampleProcessEvent } from '../../../../../support/records/sample-records.js'
import { fieldRows, fieldValue } from '../../../../../support/records/field-values.js'

const event = (change: Partial<ProcessEvent>): RuleRecord => ({ topic: 'process', record: sampleProcessEvent(change) })
const of = (change: Partial<Process>): RuleRecord => event({ process: sampleProcess(change) })
const LEADER = { pid: 900, startBootUs: 1, name: 'screen', exe: 'SCREEN', exePath: '/usr/bin/screen', exeFlags: 0, program: null }

describe('the environment of a process', () => {
  const withIt = of({ env: ['HTTP_PROXY=http://x', 'A=b=c'] })
  fieldRows(withIt, [
    ['proc.env', 'HTTP_PROXY=http://x A=b=c'],
    ['proc.env[A]', 'b=c'],
    ['proc.env[HTTP_PROXY]', 'http://x'],
    ['proc.env[HTTP]', ''],
    ['evt.arg.env', 'HTTP_PROXY=http://x A=b=c'],
  ])
  it('is absent where the collector takes none', () => {
    assert.equal(fieldValue('proc.env', of({ env: null })), undefined)
    assert.equal(fieldValue('proc.env[A]', of({ env: null })), undefined)
  })
})

describe('leaders of session and process group', () => {
  it('are found among the ancestors, else in the record', () => {
    assert.equal(fieldValue('proc.sname', of({ sessionId: 4100 })), 'containerd-shim')
    assert.equal(fieldValue('proc.sname', of({ sessionId: 900, sessionLeader: LEADER })), 'screen')
    assert.equal(fieldValue('proc.sid.exe', of({ sessionId: 900, sessionLeader: LEADER })), 'SCREEN')
    assert.equal(fieldValue('proc.sid.exepath', of({ sessionId: 900, sessionLeader: LEADER })), '/usr/bin/screen')
    assert.equal(fieldValue('proc.vpgid.name', of({ processGroupId: 900, processGroupLeader: LEADER })), 'screen')
    assert.equal(fieldValue('proc.sname', of({ sessionId: 901, sessionLeader: null })), undefined)
  })
  it('of the login are the oldest shell of the line', () => {
    assert.equal(fieldValue('proc.loginshellid', of({ name: 'cat' })), 4200)
    assert.equal(fieldValue('proc.loginshellid', of({ name: 'zsh', ancestors: [] })), 4242)
    assert.equal(fieldValue('proc.loginshellid', of({ name: 'cat', ancestors: [] })), undefined)
  })
})

describe('standard streams of a process', () => {
  const piped = of({
    stdin: { type: 'pipe', name: 'pipe:[77]' },
    stdout: { type: 'ipv4', name: '10.0.0.1:4711->203.0.113.7:4444' },
    stderr: null,
  })
  fieldRows(piped, [
    ['proc.stdin.type', 'pipe'],
    ['proc.stdin.name', 'pipe:[77]'],
    ['proc.stdout.type', 'ipv4'],
    ['proc.stdout.name', '10.0.0.1:4711->203.0.113.7:4444'],
    ['proc.stderr.type', undefined],
    ['fd.types[0]', ['pipe']],
    ['fd.types[2]', undefined],
    ['fd.types[9]', undefined],
  ])
})

describe('namespaces and the executable', () => {
  const namespaces = { mount: 1, pid: 2, network: 3, user: 4, uts: 5, ipc: 6, cgroup: 7, pidStartBootUs: 1_000_000 }
  const origin = sampleOrigin({ bootTimeUs: 10_000_000, wallTimeUs: 1_000_010_000_000 })
  const record = (exeCtimeUs: number): RuleRecord =>
    event({ origin, process: sampleProcess({ namespaces, exeCtimeUs, parentNamespacePid: 1 }) })
  it('show the start of the pid namespace, and how long after it the executable changed', () => {
    assert.equal(fieldValue('proc.pidns_init_start_ts', record(0)), 1_000_001_000_000_000)
    assert.equal(fieldValue('proc.exe_ino.ctime_duration_pidns_start', record(1_000_003_000_000)), 2_000_000_000)
    assert.equal(fieldValue('proc.exe_ino.ctime_duration_pidns_start', record(1_000_000_000_000)), undefined)
    assert.equal(fieldValue('proc.pvpid', record(0)), 1)
  })
  it('show who may write to the executable, and its layer', () => {
    const exe = of({ isExeWritable: true, isExeLowerLayer: true, exeSha256: 'ab'.repeat(32) })
    assert.equal(fieldValue('proc.is_exe_writable', exe), true)
    assert.equal(fieldValue('proc.is_exe_lower_layer', exe), true)
    assert.equal(fieldValue('evt.arg.flags', exe), 'EXE_WRITABLE|EXE_LOWER_LAYER')
    assert.equal(fieldValue('proc.exe_sha256', exe), 'ab'.repeat(32))
    assert.equal(fieldValue('proc.is_exe_writable', of({ isExeWritable: null })), undefined)
  })
})

describe('arguments of processes', () => {
  it('of a refused exec are those that were tried', () => {
    const refused = event({ result: -13, filename: '/root/x', attemptedArgs: ['x', '-a'] })
    assert.equal(fieldValue('evt.arg.exe', refused), 'x')
    assert.equal(fieldValue('evt.arg.args', refused), '-a')
    assert.equal(fieldValue('evt.arg.res', refused), 'EACCES')
    assert.equal(fieldValue('proc.args', refused), '/etc/shadow')
  })
  it('name processes by their command', () => {
    assert.equal(fieldValue('evt.arg.pid', of({})), 'cat')
    assert.equal(fieldValue('evt.rawarg.pid', of({})), 4242)
    assert.equal(fieldValue('evt.arg.ptid', of({})), 'sh')
  })
  it('name users and groups where they are known', () => {
    assert.equal(fieldValue('evt.arg.uid', of({ uid: 33, euid: 33, user: 'www-data' })), 'www-data')
    assert.equal(fieldValue('evt.arg.uid', of({ uid: 33, euid: 7, user: 'www-data' })), '7')
    assert.equal(fieldValue('evt.arg.gid', of({ gid: 33, egid: 0, group: 'www-data' })), 'root')
    assert.equal(fieldValue('evt.rawarg.uid', of({ uid: 33, euid: 33, user: 'www-data' })), 33)
  })
  it('of a fork are the flags of clone', () => {
    const CLONE_VM = 0x100
    const CLONE_NEWPID = 0x20000000
    const fork = event({ type: 'fork', syscall: 'clone3', filename: null, cloneFlags: CLONE_VM + CLONE_NEWPID })
    assert.equal(fieldValue('evt.arg.flags', fork), 'CLONE_NEWPID|CLONE_VM')
  })
  it('of an exit are its status and signal', () => {
    const exit = event({ type: 'exit', syscall: 'exit_group', filename: null, exitSignal: 11, coreDumped: true })
    assert.equal(fieldValue('evt.type', exit), 'procexit')
    assert.equal(fieldValue('evt.arg.sig', exit), 'SIGSEGV')
    assert.equal(fieldValue('evt.arg.core', exit), '1')
    assert.equal(fieldValue('evt.rawarg.status', exit), 139)
    assert.equal(fieldValue('evt.res', exit), undefined)
  })
})
