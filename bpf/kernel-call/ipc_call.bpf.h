/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/* ipc(2) of i386, from before each call on shared memory, semaphores and messages had a number of its own there. */
#ifndef EUNOMIA_IPC_CALL_BPF_H
#define EUNOMIA_IPC_CALL_BPF_H
#include <linux/types.h>
#include "kernel-call/syscall.bpf.h"

/* ipc(call, first, second, third, pointer, fifth): ksys_ipc() in ipc/syscall.c. The version is in the upper bits of
 * call. */
#define IPC_OPERATION(call) ((call) & 0xffff)
#define IPC_OPERATIONS	    25

/* Number of each operation, from include/uapi/linux/ipc.h; 0 for those that are not recorded. */
const volatile __u16 calls_of_ipc[IPC_OPERATIONS] = {
	[2] = NR_SEMGET, [3] = NR_SEMCTL,  [13] = NR_MSGGET, [14] = NR_MSGCTL,
	[21] = NR_SHMAT, [23] = NR_SHMGET, [24] = NR_SHMCTL,
};

/* Makes the call out of its multiplexer, with the arguments in its own order; false for a call that is not recorded. */
static __always_inline _Bool read_ipc_call(struct syscall *call)
{
	__u64 first = call->args[1], second = call->args[2], third = call->args[3], pointer = call->args[4];
	__u32 operation = IPC_OPERATION(call->args[0]);

	if (!call->is_32_bit || operation >= IPC_OPERATIONS)
		return 0;
	call->number = calls_of_ipc[operation];
	call->args[0] = first;
	call->args[1] = call->number == NR_SHMAT ? pointer : second; /* id, address, flags */
	call->args[2] = call->number == NR_SHMAT				 ? second
			: call->number == NR_SHMCTL || call->number == NR_MSGCTL ? pointer /* id, command, buffer */
										 : third;
	call->args[3] = call->number == NR_SEMCTL ? pointer : 0;
	call->args[4] = call->args[5] = 0;
	return call->number != 0;
}

#endif
