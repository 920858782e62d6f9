// SPDX-License-Identifier: Apache-2.0
// flood-changes PROCS PROCESSES CHANGES: fills the ring of file events with changes of files that are refused and cost
// nothing, so that the opens of others find no room there (impair defenses: T1562). PROCESSES children make CHANGES
// rounds each of chmod, rename and unlink of files that do not exist.
#include "flood.h"

static void flood(long changes)
{
	for (long i = 0; i < changes; i++) {
		chmod("/absent/file", 0);
		rename("/absent/file", "/absent/other");
		unlink("/absent/file");
	}
}

int main(int argc, char **argv)
{
	return argc < 4 ? 98 : run_flood(argv, flood);
}
