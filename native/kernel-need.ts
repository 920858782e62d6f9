// From which kernel on each probe works, so that one that is not attached says so. Knows nothing of why else a probe may be refused.
import type { ProbeState } from './kernel-session.js'

/** First kernel of a probe: ring buffers 5.8, bpf_get_current_task_btf 5.11, bpf_rdonly_cast (walks of paths) 6.2. */
const FIRST_KERNEL: ReadonlyMap<string, readonly [major: number, minor: number]> = new Map([
  ['process_fork', [5, 8]],
  ['process_exit', [5, 8]],
  ['cgroup_made', [5, 11]],
  ['cgroup_removed', [5, 11]],
  ['oom_kill', [5, 11]],
  ['ring_submitted', [6, 2]],
  ['process_exec', [6, 2]],
  ['syscalls', [6, 2]],
  ['socket_state', [6, 2]],
  ['socket_release', [6, 2]],
  ['tasks', [6, 2]],
])

/** The state with the kernel that it needs in front of its error, when this one is older. @param release as uname gives it */
export function withKernelNeed(state: ProbeState, release: string): ProbeState {
  const first = FIRST_KERNEL.get(state.name)
  if (state.isAttached || first === undefined) return state
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  if (major > first[0] || (major === first[0] && minor >= first[1])) return state
  const need = `needs Linux ${first.join('.')}, this is ${release}`
  return { ...state, error: state.error === null ? need : `${need} (${state.error})` }
}
