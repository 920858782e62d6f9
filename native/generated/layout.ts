// Generated from bpf/ by `npm run generate`. Do not edit: change the header.
// Offsets and sizes in bytes of what the kernel programs share with user space, and their numbers. Everything is little endian.

// #define of bpf/network/socket_facts.h.
export const ADDRESS_BYTES = 16

// enum socket_flags.
export const SOCKET_IS_KNOWN = 1

// struct socket_facts.
export const SOCKET_FACTS_BYTES = 56
export const SOCKET_FACTS_COOKIE = 0
export const SOCKET_FACTS_REMOTE = 8
export const SOCKET_FACTS_LOCAL = 24
export const SOCKET_FACTS_REMOTE_PORT = 40
export const SOCKET_FACTS_LOCAL_PORT = 42
export const SOCKET_FACTS_FAMILY = 44
export const SOCKET_FACTS_TYPE = 46
export const SOCKET_FACTS_PROTOCOL = 48
export const SOCKET_FACTS_STATE = 50
export const SOCKET_FACTS_FLAGS = 51

// #define of bpf/record/event.h.
export const RECORD_VERSION = 4
export const COMM_BYTES = 16
export const UNSET_ID = 4294967295
export const STREAMS = 3

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

// enum header_flags.
export const HEADER_CGROUP_V1 = 1

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
} as const

// enum stream_flags.
export const STREAM_IS_STDIN = 1
export const STREAM_IS_STDOUT = 2
export const STREAM_NAME_TRUNCATED = 4
export const STREAM_NAME_UNREACHABLE = 8

// enum environment_flags.
export const ENVIRONMENT_READ = 1
export const ENVIRONMENT_TRUNCATED = 2
export const ENVIRONMENT_FAULT = 4

// enum open_flags.
export const OPEN_CREATED = 1
export const OPEN_HAS_TICKET = 2

// enum socket_event_flags.
export const SOCKET_IS_SERVER = 1
export const SOCKET_IS_CLIENT = 2
export const SOCKET_HAS_COUNTS = 4
export const SOCKET_HAS_DURATION = 8
export const SOCKET_HAS_ROUND_TRIP = 16

// struct event_header.
export const EVENT_HEADER_BYTES = 72
export const EVENT_HEADER_KIND = 0
export const EVENT_HEADER_CPU = 2
export const EVENT_HEADER_PID = 4
export const EVENT_HEADER_SEQ = 8
export const EVENT_HEADER_BOOT_NS = 16
export const EVENT_HEADER_START_BOOT_NS = 24
export const EVENT_HEADER_CGROUP_ID = 32
export const EVENT_HEADER_TID = 40
export const EVENT_HEADER_UID = 44
export const EVENT_HEADER_GID = 48
export const EVENT_HEADER_EUID = 52
export const EVENT_HEADER_EGID = 56
export const EVENT_HEADER_FLAGS = 60
export const EVENT_HEADER_SYSCALL = 64
export const EVENT_HEADER_RESULT = 68

// struct task_facts.
export const TASK_FACTS_BYTES = 144
export const TASK_FACTS_PARENT_START_BOOT_NS = 0
export const TASK_FACTS_CAP_EFFECTIVE = 8
export const TASK_FACTS_CAP_PERMITTED = 16
export const TASK_FACTS_CAP_INHERITABLE = 24
export const TASK_FACTS_EXE_INODE = 32
export const TASK_FACTS_EXE_CTIME_NS = 40
export const TASK_FACTS_EXE_MTIME_NS = 48
export const TASK_FACTS_EXE_DEVICE = 56
export const TASK_FACTS_EXE_FLAGS = 60
export const TASK_FACTS_PARENT_PID = 64
export const TASK_FACTS_LOGIN_UID = 68
export const TASK_FACTS_SESSION_ID = 72
export const TASK_FACTS_PROCESS_GROUP_ID = 76
export const TASK_FACTS_NAMESPACE_PID = 80
export const TASK_FACTS_NAMESPACE_PROCESS_GROUP_ID = 84
export const TASK_FACTS_TTY = 88
export const TASK_FACTS_MAKER_PID = 92
export const TASK_FACTS_COMM = 96
export const TASK_FACTS_PARENT_COMM = 112
export const TASK_FACTS_EXE_UID = 128
export const TASK_FACTS_EXE_GID = 132
export const TASK_FACTS_EXE_MODE = 136

// struct namespace_facts.
export const NAMESPACE_FACTS_BYTES = 40
export const NAMESPACE_FACTS_PID_START_BOOT_NS = 0
export const NAMESPACE_FACTS_MOUNT = 8
export const NAMESPACE_FACTS_PID = 12
export const NAMESPACE_FACTS_NETWORK = 16
export const NAMESPACE_FACTS_USER = 20
export const NAMESPACE_FACTS_UTS = 24
export const NAMESPACE_FACTS_IPC = 28
export const NAMESPACE_FACTS_CGROUP = 32
export const NAMESPACE_FACTS_PARENT_NAMESPACE_PID = 36

// struct fork_event.
export const FORK_EVENT_BYTES = 256
export const FORK_EVENT_FACTS = 72
export const FORK_EVENT_NAMESPACES = 216

// struct stream_facts.
export const STREAM_FACTS_BYTES = 80
export const STREAM_FACTS_INODE = 0
export const STREAM_FACTS_MODE = 8
export const STREAM_FACTS_NAME_LENGTH = 12
export const STREAM_FACTS_FLAGS = 16
export const STREAM_FACTS_SOCKET = 24

// struct exec_event.
export const EXEC_EVENT_BYTES = 528
export const EXEC_EVENT_FACTS = 72
export const EXEC_EVENT_ARGS_LENGTH = 216
export const EXEC_EVENT_ARGS_TOTAL = 220
export const EXEC_EVENT_EXE_PATH_LENGTH = 224
export const EXEC_EVENT_CWD_LENGTH = 228
export const EXEC_EVENT_FILENAME_LENGTH = 232
export const EXEC_EVENT_TEXT_FLAGS = 236
export const EXEC_EVENT_NAMESPACES = 240
export const EXEC_EVENT_STREAMS = 280
export const EXEC_EVENT_ENVIRONMENT_LENGTH = 520
export const EXEC_EVENT_ENVIRONMENT_FLAGS = 524

// struct exec_refused_event.
export const EXEC_REFUSED_EVENT_BYTES = 88
export const EXEC_REFUSED_EVENT_ARGS_LENGTH = 72
export const EXEC_REFUSED_EVENT_ARGS_TOTAL = 76
export const EXEC_REFUSED_EVENT_FILENAME_LENGTH = 80
export const EXEC_REFUSED_EVENT_TEXT_FLAGS = 84

// struct exit_event.
export const EXIT_EVENT_BYTES = 80
export const EXIT_EVENT_EXIT_CODE = 72

// struct open_event.
export const OPEN_EVENT_BYTES = 112
export const OPEN_EVENT_FLAGS = 72
export const OPEN_EVENT_INODE = 80
export const OPEN_EVENT_DEVICE = 88
export const OPEN_EVENT_MODE = 92
export const OPEN_EVENT_OPEN_FLAGS = 96
export const OPEN_EVENT_PATH_LENGTH = 100
export const OPEN_EVENT_ARGUMENT_LENGTH = 104
export const OPEN_EVENT_TEXT_FLAGS = 108

// struct file_change_event.
export const FILE_CHANGE_EVENT_BYTES = 136
export const FILE_CHANGE_EVENT_FLAGS = 72
export const FILE_CHANGE_EVENT_INODE = 80
export const FILE_CHANGE_EVENT_DEVICE = 88
export const FILE_CHANGE_EVENT_MODE = 92
export const FILE_CHANGE_EVENT_UID = 96
export const FILE_CHANGE_EVENT_GID = 100
export const FILE_CHANGE_EVENT_FOLDER = 104
export const FILE_CHANGE_EVENT_NEW_FOLDER = 108
export const FILE_CHANGE_EVENT_PATH_LENGTH = 112
export const FILE_CHANGE_EVENT_ARGUMENT_LENGTH = 116
export const FILE_CHANGE_EVENT_NEW_PATH_LENGTH = 120
export const FILE_CHANGE_EVENT_NEW_ARGUMENT_LENGTH = 124
export const FILE_CHANGE_EVENT_TEXT_FLAGS = 128
export const FILE_CHANGE_EVENT_NEW_TEXT_FLAGS = 132

// struct socket_event.
export const SOCKET_EVENT_BYTES = 224
export const SOCKET_EVENT_FACTS = 72
export const SOCKET_EVENT_SIZE = 128
export const SOCKET_EVENT_BYTES_SENT = 136
export const SOCKET_EVENT_BYTES_RECEIVED = 144
export const SOCKET_EVENT_PACKETS_SENT = 152
export const SOCKET_EVENT_PACKETS_RECEIVED = 160
export const SOCKET_EVENT_DURATION_NS = 168
export const SOCKET_EVENT_ROUND_TRIP_US = 176
export const SOCKET_EVENT_CALL_FLAGS = 180
export const SOCKET_EVENT_FD = 184
export const SOCKET_EVENT_BACKLOG = 188
export const SOCKET_EVENT_EVENT_FLAGS = 192
export const SOCKET_EVENT_FAMILY = 196
export const SOCKET_EVENT_TYPE = 200
export const SOCKET_EVENT_PROTOCOL = 204
export const SOCKET_EVENT_ADDRESS_LENGTH = 208
export const SOCKET_EVENT_UNIX_LENGTH = 212
export const SOCKET_EVENT_PAYLOAD_LENGTH = 216

// struct kernel_call_event.
export const KERNEL_CALL_EVENT_BYTES = 280
export const KERNEL_CALL_EVENT_ARGS = 72
export const KERNEL_CALL_EVENT_NUMBERS = 120
export const KERNEL_CALL_EVENT_RESULT = 144
export const KERNEL_CALL_EVENT_TARGET_START_BOOT_NS = 152
export const KERNEL_CALL_EVENT_TARGET_CGROUP_ID = 160
export const KERNEL_CALL_EVENT_TARGET_PID = 168
export const KERNEL_CALL_EVENT_TARGET_FLAGS = 172
export const KERNEL_CALL_EVENT_TARGET_COMM = 176
export const KERNEL_CALL_EVENT_SOCKET = 192
export const KERNEL_CALL_EVENT_DESCRIPTOR_MODE = 248
export const KERNEL_CALL_EVENT_PATH_LENGTH = 252
export const KERNEL_CALL_EVENT_ARGUMENT_LENGTH = 256
export const KERNEL_CALL_EVENT_NAME_LENGTH = 260
export const KERNEL_CALL_EVENT_SOURCE_LENGTH = 264
export const KERNEL_CALL_EVENT_OPTIONS_LENGTH = 268
export const KERNEL_CALL_EVENT_TEXT_FLAGS = 272

// struct cgroup_event.
export const CGROUP_EVENT_BYTES = 88
export const CGROUP_EVENT_HIERARCHY_ID = 72
export const CGROUP_EVENT_LEVEL = 76
export const CGROUP_EVENT_PATH_LENGTH = 80
export const CGROUP_EVENT_TEXT_FLAGS = 84

// struct event_counters.
export const EVENT_COUNTERS_BYTES = 1608
export const EVENT_COUNTERS_SEQ = 0
export const EVENT_COUNTERS_EMITTED = 64
export const EVENT_COUNTERS_DROPPED = 576
export const EVENT_COUNTERS_SUPPRESSED = 1088
export const EVENT_COUNTERS_WAKEUPS = 1600

// #define of bpf/record/filters.h.
export const FILTER_NUMBERS = 65536
export const PATH_VERDICTS_PER_CPU = 2048
export const OPEN_WAYS = 8
export const PATH_EMITTED = 1
export const PATH_LEFT_OUT = 2
export const PATH_VERDICT_BITS = 3

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
} as const

// enum number_mode.
export const NUMBER_ONLY = 1
export const NUMBER_EXCEPT = 2

// enum open_way.
export const OPEN_WAY = {
  read: 1,
  write: 2,
  created: 4,
} as const

// enum open_choice.
export const OPEN_EMITTED = 0
export const OPEN_LEFT_OUT = 1
export const OPEN_BY_PATH = 2
export const OPEN_BY_ARGUMENT = 3

// struct filter_number.
export const FILTER_NUMBER_BYTES = 16
export const FILTER_NUMBER_NUMBER = 0
export const FILTER_NUMBER_FILTER = 8
export const FILTER_NUMBER_IS_V1 = 12

// struct filter_settings.
export const FILTER_SETTINGS_BYTES = 64
export const FILTER_SETTINGS_ONLY = 0
export const FILTER_SETTINGS_EXCEPT = 4
export const FILTER_SETTINGS_SUCCEEDED = 8
export const FILTER_SETTINGS_FAILED = 16
export const FILTER_SETTINGS_OPENED = 24
export const FILTER_SETTINGS_OPEN_FAILED = 32
export const FILTER_SETTINGS_PATH_SEED = 40
export const FILTER_SETTINGS_PATH_MASK = 48
export const FILTER_SETTINGS_PATH_REVISION = 52

// struct reader_state.
export const READER_STATE_BYTES = 24
export const READER_STATE_DEADLINE_NS = 0
export const READER_STATE_EPOCH_US = 8
export const READER_STATE_IGNORED_PID = 16
export const READER_STATE_RECORD_VERSION = 20

// struct ring_control.
export const RING_CONTROL_BYTES = 8
export const RING_CONTROL_READER_SLEEPING = 0

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
export const USAGE_OWNER_BYTES = 24
export const USAGE_OWNER_START_BOOT_NS = 0
export const USAGE_OWNER_CGROUP_ID = 8
export const USAGE_OWNER_PID = 16
export const USAGE_OWNER_FLAGS = 20

// struct usage_cgroup.
export const USAGE_CGROUP_BYTES = 16
export const USAGE_CGROUP_CGROUP_ID = 0
export const USAGE_CGROUP_FLAGS = 8
export const USAGE_CGROUP_ABI = 12

// struct call_key.
export const CALL_KEY_BYTES = 32
export const CALL_KEY_OWNER = 0
export const CALL_KEY_NUMBER = 24
export const CALL_KEY_ABI = 28

// struct call_usage.
export const CALL_USAGE_BYTES = 24
export const CALL_USAGE_COUNT = 0
export const CALL_USAGE_COMM = 8

// struct calls_seen.
export const CALLS_SEEN_BYTES = 128
export const CALLS_SEEN_BITS = 0

// struct capability_key.
export const CAPABILITY_KEY_BYTES = 32
export const CAPABILITY_KEY_OWNER = 0
export const CAPABILITY_KEY_NUMBER = 24

// struct capability_usage.
export const CAPABILITY_USAGE_BYTES = 32
export const CAPABILITY_USAGE_GRANTED = 0
export const CAPABILITY_USAGE_DENIED = 8
export const CAPABILITY_USAGE_COMM = 16

// struct file_key.
export const FILE_KEY_BYTES = 40
export const FILE_KEY_OWNER = 0
export const FILE_KEY_INODE = 24
export const FILE_KEY_DEVICE = 32

// struct file_usage.
export const FILE_USAGE_BYTES = 48
export const FILE_USAGE_READS = 0
export const FILE_USAGE_WRITES = 8
export const FILE_USAGE_BYTES_READ = 16
export const FILE_USAGE_BYTES_WRITTEN = 24
export const FILE_USAGE_COMM = 32

// struct path_key.
export const PATH_KEY_BYTES = 24
export const PATH_KEY_CGROUP_ID = 0
export const PATH_KEY_INODE = 8
export const PATH_KEY_DEVICE = 16

// struct file_path.
export const FILE_PATH_BYTES = 776
export const FILE_PATH_LENGTH = 0
export const FILE_PATH_FLAGS = 4
export const FILE_PATH_NAMES = 8

// struct tcp_key.
export const TCP_KEY_BYTES = 48
export const TCP_KEY_OWNER = 0
export const TCP_KEY_REMOTE = 24
export const TCP_KEY_PORT = 40
export const TCP_KEY_FAMILY = 42
export const TCP_KEY_SIDE = 44

// struct tcp_usage.
export const TCP_USAGE_BYTES = 120
export const TCP_USAGE_BYTES_SENT = 0
export const TCP_USAGE_BYTES_RECEIVED = 8
export const TCP_USAGE_RETRANSMITTED = 16
export const TCP_USAGE_OPENED = 24
export const TCP_USAGE_FAILED = 32
export const TCP_USAGE_CLOSED = 40
export const TCP_USAGE_OPEN = 48
export const TCP_USAGE_ROUND_TRIPS = 56
export const TCP_USAGE_ROUND_TRIP_US = 64
export const TCP_USAGE_MIN_ROUND_TRIP_US = 72
export const TCP_USAGE_MAX_ROUND_TRIP_US = 80
export const TCP_USAGE_CONNECT_US = 88
export const TCP_USAGE_MAX_CONNECT_US = 96
export const TCP_USAGE_COMM = 104

// struct usage_overflow.
export const USAGE_OVERFLOW_BYTES = 64
export const USAGE_OVERFLOW_NUMBERS = 0
