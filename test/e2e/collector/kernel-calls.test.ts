// Calls that change rights, namespaces, other processes or the kernel, done and refused: exact events. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { KERNEL_CALL_KINDS } from '../../../collector/ring-events/event-kinds.js'
import type { KernelEvent, Syscall } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { OWN_MOUNTS, Workloads } from '../native/workload.js'

const CLONE_NEWUTS = 0x04000000
const CLONE_NEWIPC = 0x08000000
const AF_INET = 2
const UDP = 17
/** Calls of the workload that are left out and counted: kills with signal 0; tgkill of itself, one prctl, one bpf, one dup2. The count is the host's. */
const LEFT_OUT = 20_000 + 4

describe('calls that change rights, namespaces, other processes or the kernel', () => {
  const workloads = new Workloads()
  const folder = join(workloads.folder, 'calls')
  let events: readonly KernelEvent[] = []
  let lines: readonly string[] = []
  let leftOut = 0
  let victim = 0

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    mkdirSync(folder)
    const watched = await eventsOfWorkload(workloads, 'kernel-calls', [folder], { prefix: OWN_MOUNTS })
    ;({ lines, kernel: events } = watched)
    leftOut = KERNEL_CALL_KINDS.reduce((sum, kind) => sum + watched.suppressed(kind), 0)
    const forks = watched.process.filter(({ type }) => type === 'fork')
    victim = forks.find(({ process: { parentPid } }) => forks.some(({ process: { pid } }) => pid === parentPid))?.process.pid ?? 0
  })
  after(() => workloads.close())

  it('emit exactly one event each, with the call and its result', () => {
    assert.ok(lines.length > 50)
    assert.deepEqual(
      events.map(({ syscall, result }) => `${syscall} ${String(result)}`),
      lines,
    )
  })

  it('are left out and counted when they are only bookkeeping', () => {
    assert.ok(leftOut >= LEFT_OUT, String(leftOut))
  })

  const CASES: readonly (readonly [syscall: Syscall, index: number, expected: () => Partial<KernelEvent>])[] = [
    [
      'mount',
      0,
      () => ({
        type: 'mount',
        source: 'evil source',
        fsType: 'tmpfs',
        name: null,
        options: 'size=64k',
        flags: 2,
        path: join(folder, 'mounted'),
        pathArgument: 'mounted',
        pathSource: 'argument',
      }),
    ],
    ['mount', 1, () => ({ result: -2, path: join(folder, 'absent'), options: null })],
    ['umount2', 0, () => ({ type: 'umount', path: join(folder, 'mounted'), pathArgument: './mounted', flags: 2 })],
    ['pivot_root', 0, () => ({ type: 'pivot_root', path: join(folder, 'absent') })],
    ['chroot', 0, () => ({ type: 'chroot', path: join(folder, 'absent') })],
    ['mknod', 0, () => ({ type: 'mknod', path: join(folder, 'fifo'), mode: 0o010600, device: null })],
    ['mknodat', 0, () => ({ path: join(folder, 'device'), mode: 0o020600, device: (1 << 20) + 300 })],
    ['ptrace', 0, () => ({ type: 'ptrace', request: 0x4206, targetPid: victim, targetName: 'kernel-calls', targetContainerId: null })],
    ['ptrace', 1, () => ({ result: -3, targetPid: null, targetName: null, targetStartBootUs: null })],
    ['process_vm_readv', 0, () => ({ type: 'process_vm', size: 1, targetPid: victim })],
    ['pidfd_open', 0, () => ({ type: 'call', targetPid: victim })],
    ['kill', 0, () => ({ type: 'signal', signal: 9, targetPid: victim, targetName: 'kernel-calls' })],
    ['kill', 1, () => ({ result: -3, signal: 15, targetPid: null })],
    ['setns', 0, () => ({ type: 'setns', flags: 0, namespaceTypes: CLONE_NEWUTS, descriptorType: 'namespace' })],
    ['setns', 1, () => ({ result: -9, fd: 999, namespaceTypes: null, descriptorType: null })],
    ['unshare', 0, () => ({ type: 'unshare', namespaceTypes: CLONE_NEWUTS + CLONE_NEWIPC, flags: CLONE_NEWUTS + CLONE_NEWIPC })],
    ['unshare', 1, () => ({ result: -22, namespaceTypes: null, flags: 1 })],
    ['sethostname', 0, () => ({ type: 'call', name: 'nowhere' })],
    ['dup', 0, () => ({ type: 'dup', newFd: 0, descriptorType: 'file', path: '/etc/passwd', pathSource: 'kernel', family: null })],
    ['dup2', 0, () => ({ newFd: 0, descriptorType: 'ipv4', family: AF_INET, protocol: UDP, path: null, remoteAddress: null })],
    ['dup2', 1, () => ({ result: -9, fd: 999, newFd: null, descriptorType: null, family: null })],
    ['dup3', 0, () => ({ flags: 0o2000000, descriptorType: 'ipv4' })],
    ['fcntl', 0, () => ({ type: 'dup', newFd: 0, descriptorType: 'ipv4' })],
    ['memfd_create', 0, () => ({ type: 'memfd', name: 'evil \ufffd', raw: { name: Uint8Array.of(...Buffer.from('evil '), 0xff) } })],
    ['memfd_create', 1, () => ({ name: 'refused', flags: 0x8000, newFd: null })],
    ['userfaultfd', 0, () => ({ type: 'userfaultfd', flags: 0x8000 })],
    ['io_uring_setup', 0, () => ({ type: 'io_uring', size: 8, flags: 16 })],
    ['bpf', 0, () => ({ type: 'bpf', request: 0, name: 'evil_map', programType: null })],
    ['perf_event_open', 0, () => ({ type: 'perf_event' })],
    ['init_module', 0, () => ({ type: 'module_load', options: 'parameter=1', size: 9, path: null })],
    ['finit_module', 0, () => ({ path: '/etc/passwd', pathSource: 'kernel', options: 'other=2', flags: 3 })],
    ['delete_module', 0, () => ({ type: 'module_unload', name: 'no_such_module', flags: 0o4000 })],
    ['kexec_load', 0, () => ({ type: 'kexec', flags: 1 })],
    ['shmget', 0, () => ({ type: 'ipc', size: 4096, flags: 0o1600 })],
    ['shmat', 0, () => ({ type: 'ipc', flags: 0o10000 })],
    ['shmctl', 0, () => ({ type: 'ipc', request: 0 })],
    ['shmget', 1, () => ({ result: -2, flags: 0 })],
    ['semget', 0, () => ({ type: 'ipc', size: 3 })],
    ['semctl', 0, () => ({ request: 0, result: -22 })],
    ['msgget', 0, () => ({ type: 'ipc', result: -2 })],
    ['msgctl', 0, () => ({ request: 0, result: -22 })],
    ['mq_open', 0, () => ({ type: 'ipc', name: 'no queue', flags: 2, newFd: null })],
    ['mq_unlink', 0, () => ({ name: 'no queue' })],
    ['add_key', 0, () => ({ type: 'keyctl', name: 'evil key', source: 'user' })],
    ['request_key', 0, () => ({ name: 'no such key' })],
    ['keyctl', 0, () => ({ request: 0 })],
    ['setuid', 0, () => ({ type: 'setuid', uid: 0, euid: null })],
    ['setreuid', 0, () => ({ uid: -1, euid: 0 })],
    ['setresuid', 0, () => ({ uid: 0, euid: -1, suid: 0 })],
    ['setfsuid', 0, () => ({ fsuid: 0, uid: null })],
    ['setresgid', 0, () => ({ type: 'setgid', gid: -1, egid: 0, sgid: -1 })],
    ['setfsgid', 0, () => ({ fsgid: 0 })],
    ['capset', 0, () => ({ type: 'capset', capEffective: 1, capPermitted: 2 ** 33 + 3, capInheritable: 0 })],
    ['prctl', 0, () => ({ type: 'prctl', request: 38, name: null })],
    ['prctl', 1, () => ({ request: 15, name: 'renamed' })],
    ['seccomp', 0, () => ({ type: 'seccomp', request: 99, flags: 1 })],
  ]
  for (const [syscall, index, expected] of CASES) {
    it(`report the arguments of ${syscall} (${String(index + 1)})`, () => {
      const event = events.filter((each) => each.syscall === syscall)[index] ?? assert.fail('missing')
      const wanted = expected()
      const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, event[name as keyof KernelEvent]]))
      assert.deepEqual(found, wanted)
    })
  }

  it('report the arguments as the audit system writes them', () => {
    const [unshare] = events.filter(({ syscall }) => syscall === 'unshare')
    assert.equal(unshare?.arguments?.[0], 'c000000')
    const [kexec] = events.filter(({ syscall }) => syscall === 'kexec_load')
    assert.equal(kexec?.arguments?.[1], '10000000000')
  })
})
