/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "printable.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

int report_failure(const struct pmreuseport_error *error)
{
	/* It may quote a file or a process, which may contain terminal escapes. */
	char *what = printable(error->what), *advice = printable(error->advice);

	if (what && advice)
		warnx("%s; %s", what, advice);
	else
		warnx("out of memory");
	free(what);
	free(advice);

	return 1;
}

int report_done(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	warnx("cannot write the answer to standard output");
	return 1;
}

int report_json(json_t *object)
{
	int bad = !object || json_dumpf(object, stdout, JSON_COMPACT) || putchar('\n') == EOF;

	json_decref(object);
	if (!bad)
		return report_done();
	warnx("cannot write the answer to standard output");
	return 1;
}
