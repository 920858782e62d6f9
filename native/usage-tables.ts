// Loads a usage program, which takes CAP_BPF and CAP_PERFMON. To attach it takes none, and costs CPU. Never pinned: its counts end
// with the process.
import { release } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../infra/process/errors.js'
import { packageRoot } from '../infra/process/package-root.js'
import type { UsageProgram, UsageTables } from './addon.js'
import { loadAddon } from './index.js'
import { ProbeUnavailableError, withKernelNeed } from './requirements.js'

/** How a usage program is loaded. */
export interface UsageTablesOptions {
  /** Maximum entries of its tables, by name. */
  readonly entries: Readonly<Record<string, number>>
  /** Do not count this process (thread group id in the host namespace); 0 for none. */
  readonly ignoredPid: number
}

/** @throws ProbeUnavailableError (EUNOMIA_PROBE_UNAVAILABLE) that states the program and why it can't run */
export function openUsageTables(program: UsageProgram, { entries, ignoredPid }: UsageTablesOptions): UsageTables {
  const objectPath = join(packageRoot(), `bpf/build/usage-${program}.bpf.o`)
  const name = `usage_${program}`
  try {
    return new (loadAddon().UsageTables)({ objectPath, rodata: { knob_usage_ignored_pid: ignoredPid }, entries })
  } catch (cause) {
    const { error } = withKernelNeed({ name, isAttached: false, error: messageOf(cause) }, release())
    throw new ProbeUnavailableError(`${name}: ${error ?? ''}`, { cause })
  }
}
