/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/sysctl.h"

#include <stdio.h>

bool sysctl_read(const char *name, long long *value)
{
	char path[128];
	bool known;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	in = fopen(path, "re");
	if (!in)
		return false;
	known = fscanf(in, "%lld", value) == 1;
	fclose(in);
	return known;
}
