// Requests of ioctl(2) that the probes report, by name, and the flags that some of them set.
// @see bpf/kernel-call/ioctl_requests.h; include/uapi/linux/fs.h, if.h
import { bitNames, flagsText, type FlagNames } from './flag-names.js'

const SIOCSIFFLAGS = 0x8914

const REQUESTS: ReadonlyMap<number, string> = new Map([
  [0x5412, 'TIOCSTI'],
  [0x541c, 'TIOCLINUX'],
  [0x541d, 'TIOCCONS'],
  [0x5423, 'TIOCSETD'],
  [0x5501, 'UI_DEV_CREATE'],
  [0x1277, 'BLKDISCARD'],
  [0x127d, 'BLKSECDISCARD'],
  [0x127f, 'BLKZEROOUT'],
  [0x4c00, 'LOOP_SET_FD'],
  [0x4c0a, 'LOOP_CONFIGURE'],
  [SIOCSIFFLAGS, 'SIOCSIFFLAGS'],
  [0x40042408, 'PERF_EVENT_IOC_SET_BPF'],
  [0x40044590, 'EVIOCGRAB'],
  [0x400454ca, 'TUNSETIFF'],
  [0x40046602, 'FS_IOC_SETFLAGS'],
  [0x40086602, 'FS_IOC_SETFLAGS'],
  [0x401c5820, 'FS_IOC_FSSETXATTR'],
])

const PROTECTION: FlagNames = [
  ['FS_IMMUTABLE_FL', 0x10],
  ['FS_APPEND_FL', 0x20],
]
const INTERFACE = bitNames(
  'IFF_',
  'UP BROADCAST DEBUG LOOPBACK POINTOPOINT NOTRAILERS RUNNING NOARP PROMISC ALLMULTI MASTER SLAVE MULTICAST PORTSEL AUTOMEDIA DYNAMIC',
)

/** Empty for a request without a name here. */
export function ioctlRequestText(request: number): string {
  return REQUESTS.get(request) ?? ''
}

/** Flags of a network interface, or the protection of a file. @param request null for file_setattr */
export function ioctlFlagsText(request: number | null, flags: number): string {
  return flagsText(flags, request === SIOCSIFFLAGS ? INTERFACE : PROTECTION)
}
