// SPDX-License-Identifier: Apache-2.0
// file-changes PROCS FOLDER: every call that changes names, modes or owners below FOLDER, three times with success and
// twice without; then the calls that take a descriptor with an empty path. Prints one line for each, in order: name of
// the call, result (0 or a negative errno).
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "join-cgroup.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define GOOD 3
#define BAD  2

static void report(const char *call, long result)
{
	printf("%s %ld\n", call, result < 0 ? (long)-errno : result);
}

/* Creates the files that the calls need, before the program joins its cgroup. */
static void prepare(void)
{
	char name[32];

	for (int i = 0; i < GOOD; i++) {
		const char *files[] = {"rename%d", "renameat%d", "renameat2%d", "unlink%d", "unlinkat%d"};
		const char *folders[] = {"rmdir%d", "unlinkdir%d"};

		for (int f = 0; f < 5; f++) {
			snprintf(name, sizeof(name), files[f], i);
			close(creat(name, 0600));
		}
		for (int f = 0; f < 2; f++) {
			snprintf(name, sizeof(name), folders[f], i);
			mkdir(name, 0700);
		}
	}
	close(creat("file", 0600));
}

int main(int argc, char **argv)
{
	int folder, fd;
	char a[32], b[32];

	if (chdir(argv[2]))
		fail(argv[2]);
	prepare();
	folder = open(".", O_RDONLY | O_DIRECTORY);
	fd = open("file", O_RDONLY);
	if (folder < 0 || fd < 0)
		fail("open");
	join_cgroup(argv[1]);
	for (int i = 0; i < GOOD + BAD; i++) {
		_Bool good = i < GOOD;
#define NAME(text, format) snprintf(text, sizeof(text), good ? format : "absent/" format, i)
		NAME(a, "rename%d"), NAME(b, "renamed%d");
		report("rename", syscall(SYS_rename, a, b));
		NAME(a, "renameat%d"), NAME(b, "renamedat%d");
		report("renameat", syscall(SYS_renameat, folder, a, AT_FDCWD, b));
		NAME(a, "renameat2%d"), NAME(b, "renamedat2%d");
		report("renameat2", syscall(SYS_renameat2, AT_FDCWD, a, folder, b, RENAME_NOREPLACE));
		NAME(b, "link%d");
		report("link", syscall(SYS_link, "file", b));
		NAME(b, "linkat%d");
		report("linkat", syscall(SYS_linkat, folder, "file", folder, b, AT_SYMLINK_FOLLOW));
		NAME(b, "symlink%d");
		report("symlink", syscall(SYS_symlink, "../to/nowhere", b));
		NAME(b, "symlinkat%d");
		report("symlinkat", syscall(SYS_symlinkat, "/etc/shadow", folder, b));
		NAME(a, "unlink%d");
		report("unlink", syscall(SYS_unlink, a));
		NAME(a, "unlinkat%d");
		report("unlinkat", syscall(SYS_unlinkat, folder, a, 0));
		NAME(a, "unlinkdir%d");
		report("unlinkat", syscall(SYS_unlinkat, folder, a, AT_REMOVEDIR));
		NAME(a, "rmdir%d");
		report("rmdir", syscall(SYS_rmdir, a));
		NAME(a, "mkdir%d");
		report("mkdir", syscall(SYS_mkdir, a, 0710));
		NAME(a, "mkdirat%d");
		report("mkdirat", syscall(SYS_mkdirat, folder, a, 0701));
		report("chmod", syscall(SYS_chmod, good ? "./file" : "absent", 04751));
		report("fchmod", syscall(SYS_fchmod, good ? fd : 999, 0640));
		report("fchmodat", syscall(SYS_fchmodat, folder, good ? "file" : "absent", 0644));
		report("fchmodat2",
		       syscall(SYS_fchmodat2, folder, good ? "file" : "absent", 0600, AT_SYMLINK_NOFOLLOW));
		report("chown", syscall(SYS_chown, good ? "file" : "absent", 7, -1));
		report("lchown", syscall(SYS_lchown, good ? "file" : "absent", -1, 11));
		report("fchown", syscall(SYS_fchown, good ? fd : 999, 13, 17));
		report("fchownat", syscall(SYS_fchownat, folder, good ? "file" : "absent", 0, 0, AT_SYMLINK_NOFOLLOW));
	}
	report("fchmodat2", syscall(SYS_fchmodat2, fd, "", 04755, AT_EMPTY_PATH));
	report("fchownat", syscall(SYS_fchownat, fd, "", 1, 2, AT_EMPTY_PATH));
	report("linkat", syscall(SYS_linkat, fd, "", folder, "of-descriptor", AT_EMPTY_PATH));
	return 0;
}
