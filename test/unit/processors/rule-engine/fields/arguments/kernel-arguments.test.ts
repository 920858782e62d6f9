// Fields of calls that change what a process may do, see or reach: their arguments as Falco writes them, and the descriptors that they make.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import type { KernelEvent } from '../../../../../../schemas/generated/types.js'
import { sampleKernelEvent } from '../../../../../support/records/sample-kernel-event.js'
import { sampleProcess } from '../../../../../support/records/sample-records.js'
import { fieldRows, fieldValue } from '../../../../../support/records/field-values.js'

const BARE: Partial<KernelEvent> = { request: null, targetPid: null, targetName: null, targetContainerId: null }
const kernel = (change: Partial<KernelEvent>): RuleRecord => ({ topic: 'kernel', record: sampleKernelEvent({ ...BARE, ...change }) })

describe('fields of a ptrace', () => {
  const event: RuleRecord = { topic: 'kernel', record: sampleKernelEvent() }
  fieldRows(event, [
    ['evt.type', 'ptrace'],
    ['evt.category', 'process'],
    ['evt.res', 'SUCCESS'],
    ['evt.arg.request', 'PTRACE_ATTACH'],
    ['evt.rawarg.request', 16],
    ['evt.arg.pid', 'nginx'],
    ['evt.rawarg.pid', 4250],
    ['evt.args', 'res=0 request=16(PTRACE_ATTACH) pid=4250(nginx)'],
    ['target.pid', 4250],
    ['target.name', 'nginx'],
    ['fd.num', undefined],
    ['proc.name', 'gdb'],
  ])
})

describe('fields of mounts', () => {
  const MS_BIND = 0x1000
  const MS_REC = 0x4000
  const MAGIC = 0xc0ed0000
  const event = kernel({
    type: 'mount',
    syscall: 'mount',
    path: '/mnt/host',
    pathArgument: '/mnt//host',
    pathSource: 'kernel',
    source: '/dev/sda1',
    fsType: 'ext4',
    flags: MAGIC + MS_BIND + MS_REC,
  })
  fieldRows(event, [
    ['evt.category', 'file'],
    ['evt.arg.dev', '/dev/sda1'],
    ['evt.arg.dir', '/mnt/host'],
    ['evt.arg.type', 'ext4'],
    ['evt.rawarg.type', undefined],
    ['evt.arg.flags', 'BIND|REC'],
    ['fs.path.source', '/dev/sda1'],
    ['fs.path.target', '/mnt/host'],
    ['fs.path.name', undefined],
  ])
  it('of an unmount are its path and flags', () => {
    const unmount = kernel({ type: 'umount', syscall: 'umount2', path: '/mnt', flags: 2 })
    assert.equal(fieldValue('evt.type', unmount), 'umount2')
    assert.equal(fieldValue('evt.arg.name', unmount), '/mnt')
    assert.equal(fieldValue('evt.arg.flags', unmount), 'DETACH')
    assert.equal(fieldValue('fs.path.name', unmount), '/mnt')
  })
})

describe('fields of changed rights', () => {
  it('name the user of setuid where it is known: the one that the process has now, and root', () => {
    const setuid = (uid: number): RuleRecord =>
      kernel({ type: 'setuid', syscall: 'setuid', uid, process: sampleProcess({ uid: 65_534, euid: 65_534, user: 'nobody' }) })
    assert.equal(fieldValue('evt.arg.uid', setuid(65_534)), 'nobody')
    assert.equal(fieldValue('evt.arg.uid', setuid(0)), 'root')
    assert.equal(fieldValue('evt.arg.uid', setuid(7)), '7')
    assert.equal(fieldValue('evt.rawarg.uid', setuid(0)), 0)
    assert.equal(fieldValue('user.name', setuid(65_534)), 'nobody')
    assert.equal(fieldValue('evt.category', setuid(0)), 'user')
  })
  it('are the three users of setresuid', () => {
    const event = kernel({ type: 'setuid', syscall: 'setresuid', uid: -1, euid: 0, suid: 5 })
    assert.equal(fieldValue('evt.args', event), 'res=0 ruid=-1 euid=0(root) suid=5')
  })
  it('are the sets of capset', () => {
    const event = kernel({ type: 'capset', syscall: 'capset', capEffective: 3, capPermitted: 7, capInheritable: 0 })
    assert.equal(fieldValue('evt.rawarg.cap_effective', event), 3)
    assert.equal(fieldValue('evt.rawarg.cap_permitted', event), 7)
  })
})

describe('fields of namespaces', () => {
  const CLONE_NEWNS = 0x20000
  const CLONE_NEWUSER = 0x10000000
  it('of unshare are the requested kinds', () => {
    const event = kernel({ type: 'unshare', syscall: 'unshare', flags: CLONE_NEWNS + CLONE_NEWUSER })
    assert.equal(fieldValue('evt.arg.flags', event), 'CLONE_NEWNS|CLONE_NEWUSER')
  })
  it('of setns are the requested kinds, the entered kinds, and the file of the namespace', () => {
    const event = kernel({
      type: 'setns',
      syscall: 'setns',
      flags: 0,
      namespaceTypes: CLONE_NEWNS,
      fd: 3,
      descriptorType: 'namespace',
      path: '/proc/1/ns/mnt',
      pathSource: 'kernel',
    })
    assert.equal(fieldValue('evt.arg.nstype', event), '0')
    assert.equal(fieldValue('ns.types', event), 'CLONE_NEWNS')
    assert.equal(fieldValue('fd.name', event), '/proc/1/ns/mnt')
    assert.equal(fieldValue('fd.typechar', event), 'f')
    assert.equal(fieldValue('evt.arg.fd', event), '<f>/proc/1/ns/mnt')
  })
})

describe('fields of what is loaded into the kernel', () => {
  it('of bpf are the command by name, and the new descriptor', () => {
    const event = kernel({ type: 'bpf', syscall: 'bpf', request: 5, result: 8, newFd: 8, name: 'evil' })
    assert.equal(fieldValue('evt.arg.cmd', event), 'BPF_PROG_LOAD')
    assert.equal(fieldValue('evt.rawarg.cmd', event), 5)
    assert.equal(fieldValue('fd.typechar', event), 'b')
    assert.equal(fieldValue('fd.num', event), 8)
  })
  it('of a bpf command that is not known is its number', () => {
    assert.equal(fieldValue('evt.arg.cmd', kernel({ type: 'bpf', syscall: 'bpf', request: 4711 })), '4711')
  })
  it('of a module are its file and its parameters', () => {
    const event = kernel({ type: 'module_load', syscall: 'finit_module', fd: 3, path: '/tmp/x.ko', pathSource: 'kernel', options: 'a=1' })
    assert.equal(fieldValue('fd.name', event), '/tmp/x.ko')
    assert.equal(fieldValue('evt.arg.uargs', event), 'a=1')
  })
})

describe('fields of descriptors that lead to no file', () => {
  it('are one letter and one word for each kind', () => {
    const made = (type: KernelEvent['type'], syscall: KernelEvent['syscall']): RuleRecord =>
      kernel({ type, syscall, result: 9, newFd: 9, name: 'x' })
    const seen = [made('memfd', 'memfd_create'), made('userfaultfd', 'userfaultfd'), made('io_uring', 'io_uring_setup')].map((event) => [
      fieldValue('fd.type', event),
      fieldValue('fd.typechar', event),
      fieldValue('fd.num', event),
    ])
    assert.deepEqual(seen, [
      ['memfd', 'm', 9],
      ['userfaultfd', 'u', 9],
      ['io_uring', 'r', 9],
    ])
  })
  it('of a memory file have the name that it was given', () => {
    const event = kernel({ type: 'memfd', syscall: 'memfd_create', result: 9, newFd: 9, name: 'kworker', flags: 1 })
    assert.equal(fieldValue('fd.name', event), 'kworker')
    assert.equal(fieldValue('evt.arg.flags', event), 'MFD_CLOEXEC')
    assert.equal(fieldValue('evt.category', event), 'memory')
  })
  it('that could not be created have the number -1', () => {
    assert.equal(fieldValue('fd.num', kernel({ type: 'userfaultfd', syscall: 'userfaultfd', result: -1 })), -1)
  })
})

describe('fields of signals', () => {
  const to = { targetPid: 1, targetName: 'systemd', signal: 9 }
  it('of kill are the signal and the process by name', () => {
    const event = kernel({ type: 'signal', syscall: 'kill', ...to })
    assert.equal(fieldValue('evt.arg.sig', event), 'SIGKILL')
    assert.equal(fieldValue('evt.rawarg.sig', event), 9)
    assert.equal(fieldValue('evt.arg.pid', event), 'systemd')
  })
  it('that the kernel sends are delivered by no call', () => {
    const event = kernel({ type: 'signal', syscall: 'UNKNOWN', ...to })
    assert.equal(fieldValue('evt.type', event), 'signaldeliver')
    assert.equal(fieldValue('syscall.type', event), undefined)
    assert.equal(fieldValue('evt.rawres', event), undefined)
    assert.equal(fieldValue('evt.arg.dpid', event), 'systemd')
  })
  it('of want of memory are an event of their own', () => {
    assert.equal(fieldValue('evt.type', kernel({ type: 'oom_kill', syscall: 'UNKNOWN', ...to })), 'oom_kill')
  })
})

describe('fields of syslog', () => {
  it('name the action', () => {
    assert.equal(fieldValue('evt.arg.action', kernel({ type: 'call', syscall: 'syslog', request: 5 })), 'SYSLOG_ACTION_CLEAR')
    assert.equal(fieldValue('evt.arg.action', kernel({ type: 'call', syscall: 'syslog', request: 99 })), '99')
  })
})

describe('fields of prctl and its kin', () => {
  it('are the option by name, else its number', () => {
    const PR_SET_NAME = 15
    assert.equal(fieldValue('evt.arg.option', kernel({ type: 'prctl', syscall: 'prctl', request: PR_SET_NAME })), 'PR_SET_NAME')
    assert.equal(fieldValue('evt.arg.option', kernel({ type: 'prctl', syscall: 'prctl', request: 9999 })), '9999')
  })
  it('of a device file are its kind and number', () => {
    const S_IFBLK = 0o060000
    const event = kernel({ type: 'mknod', syscall: 'mknodat', path: '/tmp/d', mode: S_IFBLK | 0o600, device: 0x800001 })
    assert.equal(fieldValue('evt.arg.mode', event), 'S_IWUSR|S_IRUSR|S_IFBLK')
    assert.equal(fieldValue('evt.arg.dev', event), '800001')
  })
  it('of an operation that io_uring ran are its name', () => {
    const event = kernel({ type: 'io_uring', syscall: 'UNKNOWN', request: 18, path: '/etc/shadow', pathSource: 'kernel' })
    assert.equal(fieldValue('evt.type', event), 'io_uring')
    assert.equal(fieldValue('evt.arg.op', event), 'IORING_OP_OPENAT')
    assert.equal(fieldValue('evt.arg.path', event), '/etc/shadow')
  })
})
