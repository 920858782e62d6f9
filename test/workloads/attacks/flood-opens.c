// SPDX-License-Identifier: Apache-2.0
// flood-opens PROCS PROCESSES OPENS: fills the ring of file events with opens of /dev/null, so that a rename or a
// deletion finds no room there (impair defenses: T1562). PROCESSES children open and close it OPENS times each.
#include "flood.h"

static void flood(long opens)
{
	for (long i = 0; i < opens; i++)
		close(open("/dev/null", O_RDONLY));
}

int main(int argc, char **argv)
{
	return argc < 4 ? 98 : run_flood(argv, flood);
}
