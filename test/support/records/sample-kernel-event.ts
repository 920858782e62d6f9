// An ordinary kernel event: a debugger in a container attaches to another process. For tests and benches, each call creates a new one.
import type { KernelEvent } from '../../../schemas/generated/types.js'
import { sampleOrigin, sampleProcess } from './sample-records.js'

/** PTRACE_ATTACH of include/uapi/linux/ptrace.h. */
const PTRACE_ATTACH = 16

/** A successful ptrace. */
export function sampleKernelEvent(change: Partial<KernelEvent> = {}): KernelEvent {
  const process = sampleProcess({ name: 'gdb', exePath: '/usr/bin/gdb', args: ['gdb', '-p', '4250'], argsBytes: 12 })
  return {
    type: 'ptrace',
    syscall: 'ptrace',
    result: 0,
    targetPid: 4250,
    targetName: 'nginx',
    request: PTRACE_ATTACH,
    flags: null,
    path: null,
    source: null,
    fsType: null,
    name: null,
    options: null,
    signal: null,
    fd: null,
    newFd: null,
    descriptorType: null,
    family: null,
    protocol: null,
    isServer: null,
    remoteAddress: null,
    remotePort: null,
    localAddress: null,
    localPort: null,
    process,
    uid: null,
    euid: null,
    suid: null,
    fsuid: null,
    gid: null,
    egid: null,
    sgid: null,
    fsgid: null,
    capEffective: null,
    capPermitted: null,
    capInheritable: null,
    namespaceTypes: null,
    programType: null,
    mountAttributes: null,
    mode: null,
    device: null,
    size: null,
    arguments: ['10', '109a', '0', '0'],
    pathArgument: null,
    pathSource: 'UNKNOWN',
    isTruncated: false,
    targetStartBootUs: 86_300_000_000,
    targetContainerId: process.containerId,
    threadId: 4242,
    place: null,
    route: 'native',
    origin: sampleOrigin(),
    raw: null,
    ...change,
  }
}
