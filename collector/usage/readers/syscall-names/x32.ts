// System calls that x32 alone has, by number without its bit. Names only; - where there is none.
import type { NumberedNames } from './numbered-names.js'

/** arch/x86/entry/syscalls/syscall_64.tbl, the x32 calls; below 512 they are those of x86-64. */
export const X32_CALLS: NumberedNames = [
  [
    512,
    `rt_sigaction rt_sigreturn ioctl readv writev recvfrom sendmsg recvmsg execve ptrace rt_sigpending rt_sigtimedwait
rt_sigqueueinfo sigaltstack timer_create mq_notify kexec_load waitid set_robust_list get_robust_list vmsplice move_pages preadv
pwritev rt_tgsigqueueinfo recvmmsg sendmmsg process_vm_readv process_vm_writev setsockopt getsockopt io_setup io_submit execveat
preadv2 pwritev2`,
  ],
]
