// SPDX-License-Identifier: Apache-2.0
// libbpf reserves the descriptors of its maps with memory files (create_placeholder_fd() in libbpf_internal.h), which a
// collector that runs would report as those of an attack. An exemption for them would be one for whoever makes files
// with their name. Our copy of libbpf reserves them with /dev/null instead: the linker sends its calls of syscall()
// here (binding.gyp).
#include <fcntl.h>
#include <sys/syscall.h>

#include <cstdio>
#include <cstring>

extern "C" {

// A copy of libbpf that was compiled for programs, as Debian's is, can't reach a variable of libc from a library.
extern FILE *__real_stderr __attribute__((weak));
__attribute__((visibility("hidden"))) FILE *__wrap_stderr;
__attribute__((constructor)) static void SetStderr()
{
	if (&__real_stderr)
		__wrap_stderr = __real_stderr;
}

// Weak: where libbpf is not linked in, nothing calls this.
__attribute__((weak)) long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	if (number == SYS_memfd_create && !strcmp(reinterpret_cast<const char *>(a), "libbpf-placeholder-fd"))
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	return __real_syscall(number, a, b, c, d, e, f);
}
}
