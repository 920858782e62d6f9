// What live probes need from the machine, looked at before the load so that the answer names the mend and not an errno.
import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { capabilitySet } from '../infra/process/capability-names.js'
import { isAtLeast } from './kernel-need.js'
import { heldPrivileges, without } from './held-privileges.js'

const BTF_FILE = '/sys/kernel/btf/vmlinux'
/** What loading asks for: tracing programs the first two (5.8), programs of cgroups the third. CAP_SYS_ADMIN stands for all (include/linux/capability.h). */
const LOADING = ['CAP_BPF', 'CAP_PERFMON', 'CAP_NET_ADMIN']

/** Capabilities that loading needs and this process has not. */
function missingCapabilities(): string[] {
  const { effective } = heldPrivileges()
  const isMissing = (name: string): boolean => without(capabilitySet([name]), effective) > 0
  return isMissing('CAP_SYS_ADMIN') ? LOADING.filter(isMissing) : []
}

/** What is missing on this machine, each with its mend; empty when nothing is. */
export function missingRequirements(objectPath: string, addonPath: string): string[] {
  if (process.platform !== 'linux') return ['live probes run on Linux only; play a recorded capture instead']
  const missing: string[] = []
  if (!isAtLeast(release(), [5, 8])) missing.push(`kernel ${release()} is too old: ring buffers need 5.8, all probes 6.2`)
  if (!existsSync(BTF_FILE)) missing.push(`${BTF_FILE} is missing: needs a kernel built with CONFIG_DEBUG_INFO_BTF`)
  const capabilities = missingCapabilities()
  if (capabilities.length > 0)
    missing.push(`no permission for BPF: run as root, or with ${capabilities.join(', ')} as well (docs/operations.md has all)`)
  if (!existsSync(objectPath)) missing.push(`${objectPath} is not built: run bpf/build.sh (needs clang, bpftool, libbpf-dev)`)
  if (!existsSync(addonPath))
    missing.push(`${addonPath} is not built: run npx node-gyp rebuild -C native (needs a C++ compiler, libbpf-dev)`)
  return missing
}
