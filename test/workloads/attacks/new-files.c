// SPDX-License-Identifier: Apache-2.0
// T1548.001, T1070.004: files that have a set-user-id bit from the start, and programs that leave no file behind.
// Bounded: each act makes, starts or removes one file below the folder that it is given.
#include <linux/openat2.h>

#include "act.h"

/* open-2 PATH: mode 4755 by openat2 */
static void open_2(char **arguments)
{
	struct open_how how = {.flags = O_CREAT | O_EXCL | O_WRONLY, .mode = 04755};

	report("openat2", syscall(SYS_openat2, AT_FDCWD, arguments[0], &how, sizeof(how)));
}

/* create PATH: set-group-id by creat */
static void create(char **arguments)
{
	umask(0);
	report("creat", creat(arguments[0], 02755));
}

/* unnamed FOLDER PATH: the bit before the name */
static void unnamed(char **arguments)
{
	char name[64];
	int fd = open(arguments[0], O_TMPFILE | O_WRONLY, 04755);

	report("open", fd);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	report("linkat", linkat(AT_FDCWD, name, AT_FDCWD, arguments[1], AT_SYMLINK_FOLLOW));
}

/* existing PATH: the mode of an open that makes nothing has no effect, and is no event by itself */
static void existing(char **arguments)
{
	report("openat", open(arguments[0], O_CREAT | O_WRONLY, 04755));
}

/* set-group PATH */
static void set_group(char **arguments)
{
	report("chmod", chmod(arguments[0], 02755));
}

/* run-deleted PATH ARGUMENT...: by a descriptor, after the file is gone */
static void run_deleted(char **arguments)
{
	int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);

	report("unlink", unlink(arguments[0]));
	syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
	report("execveat", -1);
}

/* remove-self */
static void remove_self(char **arguments)
{
	char path[4096] = {};

	(void)arguments;
	report("readlink", readlink("/proc/self/exe", path, sizeof(path) - 1));
	report("unlink", unlink(path));
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{"open-2", open_2},	      {"create", create},	{"unnamed", unnamed},
		{"existing", existing},	      {"set-group", set_group}, {"run-deleted", run_deleted},
		{"remove-self", remove_self},
	};

	return run_act(acts, sizeof(acts) / sizeof(acts[0]), argc, argv);
}
