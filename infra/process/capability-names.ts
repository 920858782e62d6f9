// Capability sets as text: `CAP_CHOWN CAP_SYS_ADMIN`. Bit n is capability n (include/uapi/linux/capability.h).

const CAPABILITIES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST ' +
  'NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE ' +
  'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM ' +
  'BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`)

/** Name of a capability by its number; `CAP_` and the number if it is newer than this table. */
export function capabilityName(number: number): string {
  return CAPABILITIES[number] ?? `CAP_${String(number)}`
}

/** @param set bits of a capability set; below 2^53, so plain arithmetic is exact */
export function capabilitiesText(set: number): string {
  const names: string[] = []
  for (let bit = 0, rest = set; rest > 0; bit++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) names.push(capabilityName(bit))
  }
  return names.join(' ')
}

/** The set of these capabilities. @throws RangeError for an unknown name */
export function capabilitySet(names: readonly string[]): number {
  return names.reduce((set, name) => {
    const bit = CAPABILITIES.indexOf(name)
    if (bit < 0) throw new RangeError(`${name} is not a capability`)
    return set + 2 ** bit
  }, 0)
}
