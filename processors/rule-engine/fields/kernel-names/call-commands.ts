// Commands of calls that do many things, by name: ptrace requests (numbers of x86-64), prctl options, bpf commands, io_uring operations.
// @see include/uapi/linux/ptrace.h, arch/x86/include/asm/ptrace-abi.h, include/uapi/linux/prctl.h, bpf.h, io_uring.h
import { bitNames, flagsText } from './flag-names.js'

const PTRACE_REQUESTS: ReadonlyMap<number, string> = new Map([
  [0, 'PTRACE_TRACEME'],
  [1, 'PTRACE_PEEKTEXT'],
  [2, 'PTRACE_PEEKDATA'],
  [3, 'PTRACE_PEEKUSR'],
  [4, 'PTRACE_POKETEXT'],
  [5, 'PTRACE_POKEDATA'],
  [6, 'PTRACE_POKEUSR'],
  [7, 'PTRACE_CONT'],
  [8, 'PTRACE_KILL'],
  [9, 'PTRACE_SINGLESTEP'],
  [12, 'PTRACE_GETREGS'],
  [13, 'PTRACE_SETREGS'],
  [14, 'PTRACE_GETFPREGS'],
  [15, 'PTRACE_SETFPREGS'],
  [16, 'PTRACE_ATTACH'],
  [17, 'PTRACE_DETACH'],
  [18, 'PTRACE_GETFPXREGS'],
  [19, 'PTRACE_SETFPXREGS'],
  [21, 'PTRACE_OLDSETOPTIONS'],
  [24, 'PTRACE_SYSCALL'],
  [25, 'PTRACE_GET_THREAD_AREA'],
  [26, 'PTRACE_SET_THREAD_AREA'],
  [30, 'PTRACE_ARCH_PRCTL'],
  [31, 'PTRACE_SYSEMU'],
  [32, 'PTRACE_SYSEMU_SINGLESTEP'],
  [33, 'PTRACE_SINGLEBLOCK'],
  [0x4200, 'PTRACE_SETOPTIONS'],
  [0x4201, 'PTRACE_GETEVENTMSG'],
  [0x4202, 'PTRACE_GETSIGINFO'],
  [0x4203, 'PTRACE_SETSIGINFO'],
  [0x4204, 'PTRACE_GETREGSET'],
  [0x4205, 'PTRACE_SETREGSET'],
  [0x4206, 'PTRACE_SEIZE'],
  [0x4207, 'PTRACE_INTERRUPT'],
  [0x4208, 'PTRACE_LISTEN'],
  [0x4209, 'PTRACE_PEEKSIGINFO'],
  [0x420a, 'PTRACE_GETSIGMASK'],
  [0x420b, 'PTRACE_SETSIGMASK'],
  [0x420c, 'PTRACE_SECCOMP_GET_FILTER'],
  [0x420d, 'PTRACE_SECCOMP_GET_METADATA'],
  [0x420e, 'PTRACE_GET_SYSCALL_INFO'],
  [0x420f, 'PTRACE_GET_RSEQ_CONFIGURATION'],
])

/** `PTRACE_UNKNOWN` for a request without a name. */
export function ptraceRequestText(request: number): string {
  return PTRACE_REQUESTS.get(request) ?? 'PTRACE_UNKNOWN'
}

const PRCTL_OPTIONS: ReadonlyMap<number, string> = new Map([
  [1, 'PR_SET_PDEATHSIG'],
  [2, 'PR_GET_PDEATHSIG'],
  [3, 'PR_GET_DUMPABLE'],
  [4, 'PR_SET_DUMPABLE'],
  [7, 'PR_GET_KEEPCAPS'],
  [8, 'PR_SET_KEEPCAPS'],
  [15, 'PR_SET_NAME'],
  [16, 'PR_GET_NAME'],
  [21, 'PR_GET_SECCOMP'],
  [22, 'PR_SET_SECCOMP'],
  [23, 'PR_CAPBSET_READ'],
  [24, 'PR_CAPBSET_DROP'],
  [27, 'PR_GET_SECUREBITS'],
  [28, 'PR_SET_SECUREBITS'],
  [33, 'PR_MCE_KILL'],
  [35, 'PR_SET_MM'],
  [36, 'PR_SET_CHILD_SUBREAPER'],
  [37, 'PR_GET_CHILD_SUBREAPER'],
  [38, 'PR_SET_NO_NEW_PRIVS'],
  [39, 'PR_GET_NO_NEW_PRIVS'],
  [40, 'PR_GET_TID_ADDRESS'],
  [41, 'PR_SET_THP_DISABLE'],
  [42, 'PR_GET_THP_DISABLE'],
  [47, 'PR_CAP_AMBIENT'],
  [52, 'PR_GET_SPECULATION_CTRL'],
  [53, 'PR_SET_SPECULATION_CTRL'],
  [59, 'PR_SET_SYSCALL_USER_DISPATCH'],
  [62, 'PR_SCHED_CORE'],
  [0x53564d41, 'PR_SET_VMA'],
  [0x59616d61, 'PR_SET_PTRACER'],
])

/** Empty for an option without a name here. */
export function prctlOptionText(option: number): string {
  return PRCTL_OPTIONS.get(option) ?? ''
}

const BPF_COMMANDS = (
  'MAP_CREATE MAP_LOOKUP_ELEM MAP_UPDATE_ELEM MAP_DELETE_ELEM MAP_GET_NEXT_KEY PROG_LOAD OBJ_PIN OBJ_GET PROG_ATTACH PROG_DETACH ' +
  'PROG_TEST_RUN PROG_GET_NEXT_ID MAP_GET_NEXT_ID PROG_GET_FD_BY_ID MAP_GET_FD_BY_ID OBJ_GET_INFO_BY_FD PROG_QUERY ' +
  'RAW_TRACEPOINT_OPEN BTF_LOAD BTF_GET_FD_BY_ID TASK_FD_QUERY MAP_LOOKUP_AND_DELETE_ELEM MAP_FREEZE BTF_GET_NEXT_ID ' +
  'MAP_LOOKUP_BATCH MAP_LOOKUP_AND_DELETE_BATCH MAP_UPDATE_BATCH MAP_DELETE_BATCH LINK_CREATE LINK_UPDATE LINK_GET_FD_BY_ID ' +
  'LINK_GET_NEXT_ID ENABLE_STATS ITER_CREATE LINK_DETACH PROG_BIND_MAP TOKEN_CREATE'
)
  .split(' ')
  .map((name) => `BPF_${name}`)

/** Empty for an unknown command, which is then shown as a number. */
export function bpfCommandText(command: number): string {
  return BPF_COMMANDS[command] ?? ''
}

/** Actions of syslog(2): include/linux/syslog.h. */
const LOG_ACTIONS = 'CLOSE OPEN READ READ_ALL READ_CLEAR CLEAR CONSOLE_OFF CONSOLE_ON CONSOLE_LEVEL SIZE_UNREAD SIZE_BUFFER'
  .split(' ')
  .map((name) => `SYSLOG_ACTION_${name}`)

/** Empty for an unknown action, which is then shown as a number. */
export function logActionText(action: number): string {
  return LOG_ACTIONS[action] ?? ''
}

const SETUP = bitNames(
  'IORING_SETUP_',
  'IOPOLL SQPOLL SQ_AFF CQSIZE CLAMP ATTACH_WQ R_DISABLED SUBMIT_ALL COOP_TASKRUN TASKRUN_FLAG SQE128 CQE32 SINGLE_ISSUER DEFER_TASKRUN ' +
    'NO_MMAP REGISTERED_FD_ONLY NO_SQARRAY',
)
const OPCODES = (
  'NOP READV WRITEV FSYNC READ_FIXED WRITE_FIXED POLL_ADD POLL_REMOVE SYNC_FILE_RANGE SENDMSG RECVMSG TIMEOUT TIMEOUT_REMOVE ACCEPT ' +
  'ASYNC_CANCEL LINK_TIMEOUT CONNECT FALLOCATE OPENAT CLOSE FILES_UPDATE STATX READ WRITE FADVISE MADVISE SEND RECV OPENAT2 EPOLL_CTL ' +
  'SPLICE PROVIDE_BUFFERS REMOVE_BUFFERS TEE SHUTDOWN RENAMEAT UNLINKAT MKDIRAT SYMLINKAT LINKAT MSG_RING FSETXATTR SETXATTR ' +
  'FGETXATTR GETXATTR SOCKET URING_CMD SEND_ZC SENDMSG_ZC READ_MULTISHOT WAITID FUTEX_WAIT FUTEX_WAKE FUTEX_WAITV FIXED_FD_INSTALL ' +
  'FTRUNCATE BIND LISTEN'
)
  .split(' ')
  .map((name) => `IORING_OP_${name}`)

/** Flags of io_uring_setup. */
export function ringSetupFlagsText(flags: number): string {
  return flagsText(flags, SETUP)
}

/** Empty for an unknown operation. */
export function ringOpcodeText(opcode: number): string {
  return OPCODES[opcode] ?? ''
}
