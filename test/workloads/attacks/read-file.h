/* SPDX-License-Identifier: Apache-2.0 */
/* What attacks that read a file have in common: arguments PROCS FILE FOLDER; one open for reading, whose result they
 * print. FOLDER is empty at the start, and on the file system of the test. */
#ifndef READ_FILE_H
#define READ_FILE_H
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

/* Folder and name of FILE. */
struct target {
	char folder[PATH_MAX];
	char name[NAME_MAX + 1];
};

static inline struct target target_of(const char *file)
{
	struct target target;
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", file);
	snprintf(target.folder, sizeof(target.folder), "%s", dirname(copy));
	snprintf(copy, sizeof(copy), "%s", file);
	snprintf(target.name, sizeof(target.name), "%s", basename(copy));
	return target;
}

static inline int report_open(int fd)
{
	printf("%d\n", fd < 0 ? -errno : 0);
	if (fd >= 0)
		close(fd);
	return 0;
}

static inline int read_at(int folder, const char *path)
{
	return report_open(syscall(SYS_openat, folder, path, O_RDONLY));
}

static inline void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail(path);
	close(fd);
}

/* A mount namespace of its own, from which nothing reaches the host's. */
static inline void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail("unshare");
}

#endif
