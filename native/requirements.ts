// What live probes need from the machine, checked before the load so that the message says what to do instead of an errno; and which kernel each probe
// needs.
import { existsSync } from 'node:fs'
import { constants, release } from 'node:os'
import { capabilitySet } from '../infra/process/capability-names.js'
import { EunomiaError } from '../infra/process/errors.js'
import type { ProbeState } from './addon.js'
import { heldPrivileges, without } from './privileges.js'

/** Programs can't be loaded here; the message says what is missing and how to get it. */
export class ProbeUnavailableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PROBE_UNAVAILABLE'

  /** The kernel refused it for lack of privileges. */
  get isForbidden(): boolean {
    const errno = (this.cause as NodeJS.ErrnoException | undefined)?.errno
    return errno === constants.errno.EPERM || errno === constants.errno.EACCES
  }
}

/** What a probe needs. docs/kernels.md has the same table, with what is lost without it; a test compares both. */
export interface ProbeNeed {
  /** Section of its program. */
  readonly hook: string
  /** First kernel on which it works. */
  readonly first: readonly [major: number, minor: number]
  /** What it needs that earlier kernels lack. */
  readonly why: string
}

const TASK = 'bpf_get_current_task_btf'
const EXCHANGE = 'atomic exchange in programs'
const WALK = 'bpf_rdonly_cast: walks of paths, sockets and cgroups'

/** By program name. */
export const PROBE_NEEDS: ReadonlyMap<string, ProbeNeed> = new Map<string, ProbeNeed>([
  ['process_fork', { hook: 'tp_btf/sched_process_fork', first: [6, 2], why: WALK }],
  ['process_exit', { hook: 'tp_btf/sched_process_exit', first: [6, 2], why: WALK }],
  ['cgroup_made', { hook: 'tp_btf/cgroup_mkdir', first: [6, 2], why: WALK }],
  ['cgroup_removed', { hook: 'tp_btf/cgroup_rmdir', first: [6, 2], why: WALK }],
  ['oom_kill', { hook: 'tp_btf/mark_victim', first: [6, 2], why: WALK }],
  ['process_exec', { hook: 'tp_btf/sched_process_exec', first: [6, 2], why: WALK }],
  ['syscalls', { hook: 'tp_btf/sys_exit', first: [6, 2], why: WALK }],
  ['ring_submitted', { hook: 'tp_btf/io_uring_submit_req', first: [6, 2], why: WALK }],
  ['ring_completed', { hook: 'tp_btf/io_uring_complete', first: [6, 2], why: WALK }],
  ['ring_overflowed', { hook: 'tp_btf/io_uring_cqe_overflow', first: [6, 2], why: WALK }],
  ['socket_state', { hook: 'tp_btf/inet_sock_set_state', first: [6, 2], why: WALK }],
  ['socket_release', { hook: 'cgroup/sock_release', first: [6, 2], why: WALK }],
  ['tasks', { hook: 'iter/task', first: [6, 2], why: WALK }],
  ['usage_syscalls', { hook: 'tp_btf/sys_enter', first: [5, 11], why: TASK }],
  ['usage_files', { hook: 'tp_btf/sys_exit', first: [5, 11], why: TASK }],
  ['usage_tcp', { hook: 'tp_btf/inet_sock_set_state', first: [5, 12], why: EXCHANGE }],
  ['usage_tcp_destroyed', { hook: 'tp_btf/tcp_destroy_sock', first: [5, 12], why: EXCHANGE }],
  ['usage_tcp_reading', { hook: 'iter/task_file', first: [5, 12], why: EXCHANGE }],
  ['usage_capabilities', { hook: 'tp_btf/cap_capable', first: [6, 14], why: 'the tracepoint' }],
])

/** Whether a release is this kernel or a later one. @param release as uname reports it */
export function isAtLeast(release: string, [major, minor]: readonly [major: number, minor: number]): boolean {
  const [ofMajor = 0, ofMinor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return ofMajor > major || (ofMajor === major && ofMinor >= minor)
}

/** Puts the kernel that a probe needs before its error, when this one is older. @param release as uname reports it */
export function withKernelNeed(state: ProbeState, release: string): ProbeState {
  const first = PROBE_NEEDS.get(state.name)?.first
  if (state.isAttached || first === undefined || isAtLeast(release, first)) return state
  const need = `needs Linux ${first.join('.')}, this is ${release}`
  return { ...state, error: state.error === null ? need : `${need} (${state.error})` }
}

const BTF_FILE = '/sys/kernel/btf/vmlinux'
/** Loading needs the first two for tracing programs (5.8), the third for cgroup programs. CAP_SYS_ADMIN includes all (include/linux/capability.h). */
const LOADING = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN']

/** Capabilities that loading needs and this process lacks. */
function missingCapabilities(): string[] {
  const { effective } = heldPrivileges()
  const isMissing = (name: string): boolean => without(capabilitySet([name]), effective) > 0
  return isMissing('CAP_SYS_ADMIN') ? LOADING.filter(isMissing) : []
}

/** What is missing on this machine, each with its fix; empty when nothing is. */
export function missingRequirements(objectPath: string, addonPath: string): string[] {
  if (process.platform !== 'linux') return ['live probes run on Linux only; play a recorded capture instead']
  const missing: string[] = []
  if (!isAtLeast(release(), [6, 2])) missing.push(`kernel ${release()} is too old: the probes need Linux 6.2 (bpf_rdonly_cast)`)
  if (!existsSync(BTF_FILE)) missing.push(`${BTF_FILE} is missing: needs a kernel built with CONFIG_DEBUG_INFO_BTF`)
  const capabilities = missingCapabilities()
  if (capabilities.length > 0)
    missing.push(`no permission for BPF: run as root, or with ${capabilities.join(', ')} as well (docs/operations.md has all)`)
  if (!existsSync(objectPath)) missing.push(`${objectPath} is not built: run bpf/build.sh (needs clang, bpftool, libbpf-dev)`)
  if (!existsSync(addonPath)) missing.push(`${addonPath} is not built: run npm run build (needs a C++ compiler, libbpf-dev)`)
  return missing
}
