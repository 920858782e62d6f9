// Flags of io_uring_setup, and operations that a ring runs, as text (include/uapi/linux/io_uring.h).
import { bitNames, flagsText } from './flags/flag-names.js'

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

/** Empty for an operation that this table does not know yet. */
export function ringOpcodeText(opcode: number): string {
  return OPCODES[opcode] ?? ''
}
