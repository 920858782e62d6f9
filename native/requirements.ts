// What live probes need from the machine, looked at before the load so that the answer names the mend and not an errno.
import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'

const BTF_FILE = '/sys/kernel/btf/vmlinux'
/** Bits of CapEff in /proc/self/status (include/uapi/linux/capability.h). */
const CAP_SYS_ADMIN = 21n
const CAP_PERFMON = 38n
const CAP_BPF = 39n

function effectiveCapabilities(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return line?.[1] === undefined ? 0n : BigInt(`0x${line[1]}`)
}

function mayLoadPrograms(): boolean {
  const held = effectiveCapabilities()
  const has = (bit: bigint): boolean => (held & (1n << bit)) !== 0n
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON))
}

function isKernelTooOld(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return major < 5 || (major === 5 && minor < 8)
}

/** What is missing on this machine, each with its mend; empty when nothing is. */
export function missingRequirements(objectPath: string, addonPath: string): string[] {
  if (process.platform !== 'linux') return ['live probes run on Linux only; play a recorded capture instead']
  const missing: string[] = []
  if (isKernelTooOld()) missing.push(`kernel ${release()} is too old: ring buffers need 5.8, all probes 6.2`)
  if (!existsSync(BTF_FILE)) missing.push(`${BTF_FILE} is missing: needs a kernel built with CONFIG_DEBUG_INFO_BTF`)
  if (!mayLoadPrograms()) missing.push('no permission for BPF: run as root, or with CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN and CAP_SYS_PTRACE')
  if (!existsSync(objectPath)) missing.push(`${objectPath} is not built: run bpf/build.sh (needs clang, bpftool, libbpf-dev)`)
  if (!existsSync(addonPath))
    missing.push(`${addonPath} is not built: run npx node-gyp rebuild -C native (needs a C++ compiler, libbpf-dev)`)
  return missing
}
