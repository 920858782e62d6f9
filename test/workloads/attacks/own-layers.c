// SPDX-License-Identifier: Apache-2.0
// own-layers FOLDER NAME TAG: Masquerading (T1036) as a program of a container's image, by root of a container that may
// mount. Copies itself to a layer, mounts an overlay over it and an empty layer in a mount namespace of its own, makes
// that its root, and runs its copy from there as /usr/bin/NAME: a file in a lower layer of an overlay that the initial
// user namespace owns. FOLDER is empty; what is made below it is on a tmpfs that ends with the process.
#include "copy-self.h"
#include "read-file.h"

int main(int argc, char **argv)
{
	char path[PATH_MAX];

	if (argc == 3 && !strcmp(argv[1], "started"))
		return 0;
	if (argc != 4)
		return 98;
	own_mounts();
	if (mount("none", argv[1], "tmpfs", 0, NULL) || chdir(argv[1]))
		fail(argv[1]);
	if (mkdir("layer", 0755) || mkdir("layer/usr", 0755) || mkdir("layer/usr/bin", 0755) || mkdir("empty", 0755) ||
	    mkdir("merged", 0755))
		fail("mkdir");
	snprintf(path, sizeof(path), "layer/usr/bin/%s", argv[2]);
	close(copy_self(open(path, O_CREAT | O_EXCL | O_WRONLY, 0755)));
	if (mount("overlay", "merged", "overlay", MS_RDONLY, "lowerdir=layer:empty") || chroot("merged") || chdir("/"))
		fail("overlay");
	snprintf(path, sizeof(path), "/usr/bin/%s", argv[2]);
	execl(path, argv[2], "started", argv[3], NULL);
	fail(path);
	return 97;
}
