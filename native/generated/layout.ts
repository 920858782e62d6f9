// Generated from bpf/ by `npm run generate`. Do not edit: change the header.
// Offsets and sizes in bytes of what the kernel programs share with user space, and their numbers. Everything is little endian.

// #define of bpf/network/socket_facts.h.
export const ADDRESS_BYTES = 16

// enum socket_flags.
export const SOCKET_IS_KNOWN = 1

// struct socket_facts.
export const SOCKET_FACTS = {
  bytes: 56,
  cookie: 0,
  remote: 8,
  local: 24,
  remotePort: 40,
  localPort: 42,
  family: 44,
  type: 46,
  protocol: 48,
  state: 50,
  flags: 51,
} as const

// enum event_kind.
export const KIND_NONE = 0
export const KIND_MAX = 64
export const KIND = {
  fork: 1,
  exec: 2,
  execRefused: 3,
  exit: 4,
  open: 5,
  cgroupMkdir: 6,
  cgroupRmdir: 7,
  task: 8,
  rename: 9,
  unlink: 10,
  link: 11,
  symlink: 12,
  chmod: 13,
  chown: 14,
  mkdir: 15,
  rmdir: 16,
  truncate: 17,
  xattr: 18,
  times: 19,
  socket: 20,
  bind: 21,
  listen: 22,
  connect: 23,
  accept: 24,
  send: 25,
  receive: 26,
  close: 27,
  dns: 28,
  mount: 32,
  umount: 33,
  chroot: 34,
  pivotRoot: 35,
  ptrace: 36,
  processVm: 37,
  setuid: 38,
  setgid: 39,
  capset: 40,
  setns: 41,
  unshare: 42,
  bpf: 43,
  perfEvent: 44,
  moduleLoad: 45,
  moduleUnload: 46,
  kexec: 47,
  memfd: 48,
  userfaultfd: 49,
  ioUring: 50,
  dup: 51,
  signal: 52,
  oomKill: 53,
  keyctl: 54,
  prctl: 55,
  seccomp: 56,
  mknod: 57,
  call: 58,
  ipc: 59,
  ioctl: 60,
  pipe: 61,
  streams: 62,
} as const

// enum event_topic.
export const TOPIC_MAX = 8
export const SEQUENCE = {
  process: 0,
  file: 1,
  cgroup: 2,
  network: 3,
  kernel: 4,
} as const

// #define of bpf/record/event.h.
export const RECORD_VERSION = 4
export const COMM_BYTES = 16
export const UNSET_ID = 4294967295
export const STREAMS = 3

// enum header_flags.
export const HEADER_CGROUP_V1 = 1
export const HEADER_IO_URING = 2
export const HEADER_COMPAT = 4
export const HEADER_X32 = 8
export const HEADER_FAST_OPEN = 16
export const HEADER_ASSUMED = 32

// enum exe_flags.
export const EXE_UPPER_LAYER = 1
export const EXE_MEMFD = 2
export const EXE_LOCAL = 4
export const EXE_KNOWN = 8
export const EXE_LOWER_LAYER = 16
export const EXE_ROOT_OWNED = 32
export const EXE_SHARED_WRITE = 64
export const EXE_READ_ONLY = 128
export const EXE_UNLINKED = 256
export const EXE_MOUNT_ROOT = 512
export const EXE_FOREIGN_MOUNT = 1024
export const EXE_HOST_ROOT = 2048
export const EXE_HOST_NAMESPACE = 4096
export const EXE_ROOT_NAMESPACE = 8192
export const EXE_INTERPRETED = 16384
export const EXE_STEERED = 32768
export const EXE_COPY = 65536
export const EXE_HOST_MOUNTED = 131072
export const EXE_IN_MEMORY = 262144
export const EXE_SHELL_FILE = 524288
export const EXE_RUNTIME_PATH = 1048576

// enum text_flags.
export const TEXT = {
  argsTruncated: 1,
  exePathTruncated: 2,
  cwdTruncated: 4,
  filenameTruncated: 8,
  pathTruncated: 16,
  argumentTruncated: 32,
  argsFault: 64,
  filenameFault: 128,
  argumentFault: 256,
  pathUnreachable: 512,
  pathFault: 1024,
  exePathUnreachable: 2048,
  cwdUnreachable: 4096,
  pathIsBase: 8192,
  hasPlace: 16384,
  cwdHasPlace: 32768,
  argsBlocked: 16777216,
  shortened: 33554432,
  valuesOfKernel: 65536,
} as const

// enum place_flags.
export const PLACE_FOREIGN_ROOT = 1
export const PLACE_ROOT_UNKNOWN = 2
export const PLACE_ABOVE_TRUNCATED = 4

// enum stream_flags.
export const STREAM_IS_STDIN = 1
export const STREAM_IS_STDOUT = 2
export const STREAM_NAME_TRUNCATED = 4
export const STREAM_NAME_UNREACHABLE = 8
export const STREAM_HAS_PLACE = 16

// enum environment_flags.
export const ENVIRONMENT_READ = 1
export const ENVIRONMENT_TRUNCATED = 2
export const ENVIRONMENT_FAULT = 4

// enum open_flags.
export const OPEN_CREATED = 1
export const OPEN_HAS_TICKET = 2
export const OPEN_FLAGS_OF_FILE = 4

// enum attribute_flags.
export const ATTRIBUTE_HAS_SIZE = 1
export const ATTRIBUTE_HAS_ACCESS_TIME = 2
export const ATTRIBUTE_HAS_MODIFY_TIME = 4

// enum socket_event_flags.
export const SOCKET_IS_SERVER = 1
export const SOCKET_IS_CLIENT = 2
export const SOCKET_HAS_COUNTS = 4
export const SOCKET_HAS_DURATION = 8
export const SOCKET_HAS_ROUND_TRIP = 16
export const SOCKET_REMOTE_OF_CALL = 32

// struct event_header.
export const EVENT_HEADER = {
  bytes: 72,
  kind: 0,
  cpu: 2,
  pid: 4,
  seq: 8,
  bootNs: 16,
  startBootNs: 24,
  cgroupId: 32,
  tid: 40,
  uid: 44,
  gid: 48,
  euid: 52,
  egid: 56,
  flags: 60,
  syscall: 64,
  result: 68,
} as const

// struct task_facts.
export const TASK_FACTS = {
  bytes: 144,
  parentStartBootNs: 0,
  capEffective: 8,
  capPermitted: 16,
  capInheritable: 24,
  exeInode: 32,
  exeCtimeNs: 40,
  exeMtimeNs: 48,
  exeDevice: 56,
  exeFlags: 60,
  parentPid: 64,
  loginUid: 68,
  sessionId: 72,
  processGroupId: 76,
  namespacePid: 80,
  namespaceProcessGroupId: 84,
  tty: 88,
  makerPid: 92,
  comm: 96,
  parentComm: 112,
  exeUid: 128,
  exeGid: 132,
  exeMode: 136,
  exeSize: 140,
} as const

// struct path_place.
export const PATH_PLACE = {
  bytes: 40,
  realInode: 0,
  realDevice: 8,
  device: 12,
  mountId: 16,
  mountNamespace: 20,
  ownLength: 24,
  aboveLength: 28,
  flags: 32,
  magic: 36,
} as const

// struct namespace_facts.
export const NAMESPACE_FACTS = {
  bytes: 40,
  pidStartBootNs: 0,
  mount: 8,
  pid: 12,
  network: 16,
  user: 20,
  uts: 24,
  ipc: 28,
  cgroup: 32,
  parentNamespacePid: 36,
} as const

// struct fork_event.
export const FORK_EVENT = {
  bytes: 256,
  facts: 72,
  namespaces: 216,
} as const

// struct stream_facts.
export const STREAM_FACTS = {
  bytes: 80,
  inode: 0,
  mode: 8,
  nameLength: 12,
  flags: 16,
  socket: 24,
} as const

// struct exec_event.
export const EXEC_EVENT = {
  bytes: 528,
  facts: 72,
  argsLength: 216,
  argsTotal: 220,
  exePathLength: 224,
  cwdLength: 228,
  filenameLength: 232,
  textFlags: 236,
  namespaces: 240,
  streams: 280,
  environmentLength: 520,
  environmentFlags: 524,
} as const

// struct exec_refused_event.
export const EXEC_REFUSED_EVENT = {
  bytes: 88,
  argsLength: 72,
  argsTotal: 76,
  filenameLength: 80,
  textFlags: 84,
} as const

// struct exit_event.
export const EXIT_EVENT = {
  bytes: 80,
  exitCode: 72,
} as const

// struct open_event.
export const OPEN_EVENT = {
  bytes: 112,
  flags: 72,
  inode: 80,
  device: 88,
  mode: 92,
  openFlags: 96,
  pathLength: 100,
  argumentLength: 104,
  textFlags: 108,
} as const

// struct file_change_event.
export const FILE_CHANGE_EVENT = {
  bytes: 136,
  flags: 72,
  inode: 80,
  device: 88,
  mode: 92,
  uid: 96,
  gid: 100,
  folder: 104,
  newFolder: 108,
  pathLength: 112,
  argumentLength: 116,
  newPathLength: 120,
  newArgumentLength: 124,
  textFlags: 128,
  newTextFlags: 132,
} as const

// struct file_attribute_event.
export const FILE_ATTRIBUTE_EVENT = {
  bytes: 168,
  change: 0,
  size: 136,
  accessUs: 144,
  modifyUs: 152,
  attributeFlags: 160,
} as const

// struct socket_event.
export const SOCKET_EVENT = {
  bytes: 224,
  facts: 72,
  size: 128,
  bytesSent: 136,
  bytesReceived: 144,
  packetsSent: 152,
  packetsReceived: 160,
  durationNs: 168,
  roundTripUs: 176,
  callFlags: 180,
  fd: 184,
  backlog: 188,
  eventFlags: 192,
  family: 196,
  type: 200,
  protocol: 204,
  addressLength: 208,
  unixLength: 212,
  payloadLength: 216,
  passedDescriptors: 220,
} as const

// struct kernel_call_event.
export const KERNEL_CALL_EVENT = {
  bytes: 280,
  args: 72,
  numbers: 120,
  result: 144,
  targetStartBootNs: 152,
  targetCgroupId: 160,
  targetPid: 168,
  targetFlags: 172,
  targetComm: 176,
  socket: 192,
  descriptorMode: 248,
  pathLength: 252,
  argumentLength: 256,
  nameLength: 260,
  sourceLength: 264,
  optionsLength: 268,
  textFlags: 272,
} as const

// struct cgroup_event.
export const CGROUP_EVENT = {
  bytes: 88,
  hierarchyId: 72,
  level: 76,
  pathLength: 80,
  textFlags: 84,
} as const

// struct event_counters.
export const EVENT_COUNTERS = {
  bytes: 1608,
  seq: 0,
  emitted: 64,
  dropped: 576,
  suppressed: 1088,
  wakeups: 1600,
} as const

// #define of bpf/record/filters.h.
export const FILTER_NUMBERS = 65536
export const NAMED_FILES = 4096
export const PATH_VERDICTS_PER_CPU = 2048
export const OPEN_WAYS = 16
export const PATH_EMITTED = 1
export const PATH_LEFT_OUT = 2
export const PATH_VERDICT_BITS = 3
export const TICKET_OF_ARGUMENT = 2

// enum kernel_filter.
export const FILTER_MAX = 16
export const KERNEL_FILTERS = {
  interest: 0,
  own: 1,
  process: 2,
  user: 3,
  cgroup: 4,
  port: 5,
  outcome: 6,
  intent: 7,
  path: 8,
  budget: 9,
  localPort: 10,
  remotePort: 11,
  anyPort: 12,
} as const

// enum number_mode.
export const NUMBER_ONLY = 1
export const NUMBER_EXCEPT = 2

// enum open_way.
export const OPEN_WAY = {
  read: 1,
  write: 2,
  created: 4,
  setId: 8,
} as const

// enum open_choice.
export const OPEN_EMITTED = 0
export const OPEN_LEFT_OUT = 1
export const OPEN_BY_PATH = 2
export const OPEN_BY_ARGUMENT = 3
export const OPEN_BY_BOTH = 4

// struct filter_number.
export const FILTER_NUMBER = {
  bytes: 16,
  number: 0,
  filter: 8,
  isV1: 12,
} as const

// struct filter_settings.
export const FILTER_SETTINGS = {
  bytes: 80,
  only: 0,
  except: 4,
  succeeded: 8,
  failed: 16,
  opened: 24,
  openFailed: 40,
  pathSeed: 56,
  pathMask: 64,
  pathRevision: 68,
} as const

// #define of bpf/record/budgets.h.
export const BUDGETS = 8192
export const GROUP_LEVEL = 3
export const WIDE_LEVEL = 2
export const KEY_NAMED_OPEN = 63

// enum budget_class.
export const BUDGET_CALLS = 0
export const BUDGET_ENDS = 1
export const BUDGET_FILES = 2
export const BUDGET_OPENS = 3
export const BUDGET_NAMED_OPENS = 4
export const BUDGET_CLASSES = 5

// struct budget_key.
export const BUDGET_KEY = {
  bytes: 16,
  id: 0,
  kind: 8,
  isV1: 12,
} as const

// struct share.
export const SHARE = {
  bytes: 32,
  since: 0,
  used: 8,
  before: 16,
  until: 24,
} as const

// struct budget.
export const BUDGET = {
  bytes: 160,
  owner: 0,
  untilNs: 72,
  seen: 80,
  refused: 96,
  dropped: 104,
  groupId: 112,
  wideId: 120,
  held: 128,
} as const

// struct own_process.
export const OWN_PROCESS = {
  bytes: 16,
  atNs: 0,
  pid: 8,
} as const

// struct reader_state.
export const READER_STATE = {
  bytes: 56,
  deadlineNs: 0,
  epochUs: 8,
  recordVersion: 20,
  own: 24,
  helper: 40,
} as const

// struct ring_control.
export const RING_CONTROL = {
  bytes: 8,
  readerSleeping: 0,
} as const

// #define of bpf/process/environment.h.
export const ENVIRONMENT_NAMES_MAX = 64
export const ENVIRONMENT_NAME_BYTES = 64
export const ENVIRONMENT_VARIABLE_BYTES = 1024
export const ENVIRONMENT_BYTES = 7168

// enum environment_mode.
export const ENVIRONMENT_NAMED = 1
export const ENVIRONMENT_MATCHED = 2

// #define of bpf/usage/usage.h.
export const USAGE_COMM_BYTES = 16
export const USAGE_CALLS = 1024
export const USAGE_CALL_UNKNOWN = 4294967295
export const USAGE_PATH_BYTES = 512
export const USAGE_NAME_ROOM = 256
export const USAGE_NUMBERS = 8

// enum usage_abi.
export const ABI_NATIVE = 0
export const ABI_COMPAT_32 = 1
export const ABI_X32 = 2

// enum file_path_flags.
export const FILE_PATH_TRUNCATED = 1

// enum tcp_side.
export const TCP_SIDE_UNKNOWN = 0
export const TCP_SIDE_CLIENT = 1
export const TCP_SIDE_SERVER = 2

// struct usage_owner.
export const USAGE_OWNER = {
  bytes: 24,
  startBootNs: 0,
  cgroupId: 8,
  pid: 16,
  flags: 20,
} as const

// struct usage_cgroup.
export const USAGE_CGROUP = {
  bytes: 16,
  cgroupId: 0,
  flags: 8,
  abi: 12,
} as const

// struct call_key.
export const CALL_KEY = {
  bytes: 32,
  owner: 0,
  number: 24,
  abi: 28,
} as const

// struct call_usage.
export const CALL_USAGE = {
  bytes: 24,
  count: 0,
  comm: 8,
} as const

// struct calls_seen.
export const CALLS_SEEN = {
  bytes: 128,
  bits: 0,
} as const

// struct capability_key.
export const CAPABILITY_KEY = {
  bytes: 32,
  owner: 0,
  number: 24,
} as const

// struct capability_usage.
export const CAPABILITY_USAGE = {
  bytes: 32,
  granted: 0,
  denied: 8,
  comm: 16,
} as const

// struct file_key.
export const FILE_KEY = {
  bytes: 40,
  owner: 0,
  inode: 24,
  device: 32,
} as const

// struct file_usage.
export const FILE_USAGE = {
  bytes: 48,
  reads: 0,
  writes: 8,
  bytesRead: 16,
  bytesWritten: 24,
  comm: 32,
} as const

// struct path_key.
export const PATH_KEY = {
  bytes: 24,
  cgroupId: 0,
  inode: 8,
  device: 16,
} as const

// struct file_path.
export const FILE_PATH = {
  bytes: 776,
  length: 0,
  flags: 4,
  names: 8,
} as const

// struct tcp_key.
export const TCP_KEY = {
  bytes: 48,
  owner: 0,
  remote: 24,
  port: 40,
  family: 42,
  side: 44,
} as const

// struct tcp_usage.
export const TCP_USAGE = {
  bytes: 120,
  bytesSent: 0,
  bytesReceived: 8,
  retransmitted: 16,
  opened: 24,
  failed: 32,
  closed: 40,
  open: 48,
  roundTrips: 56,
  roundTripUs: 64,
  minRoundTripUs: 72,
  maxRoundTripUs: 80,
  connectUs: 88,
  maxConnectUs: 96,
  comm: 104,
} as const

// struct usage_overflow.
export const USAGE_OVERFLOW = {
  bytes: 64,
  numbers: 0,
} as const

// #define of bpf/kernel-call/unknown_calls.h.
export const UNKNOWN_CALLS_PLAIN = 1024
export const UNKNOWN_CALLS_MADE_UP = 1024
export const UNKNOWN_CALLS = 4096
export const UNKNOWN_CALL_OTHERS = 4294967295

// struct unknown_call.
export const UNKNOWN_CALL = {
  bytes: 8,
  number: 0,
  abi: 4,
} as const

// Of all of it; bpf/record/layout_hash.h.
export const LAYOUT_HASH = 379462796
