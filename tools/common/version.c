/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int version_print(void *options, const char *text, struct pmreuseport_error *error)
{
	(void)options;
	(void)text;
	(void)error;
	printf("%s %s\n", program_invocation_short_name, PACKAGE_VERSION);
	exit(0);
}
