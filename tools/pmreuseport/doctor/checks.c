/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/checks.h"

#include "common/array.h"
#include "common/printable.h"
#include "common/report.h"
#include "operator.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
	const char *name;
	enum check_result result;
	char *says;
	char *fix; /* NULL: there is nothing to do */
};

static const char *const words[CHECK_RESULTS] = {
	[CHECK_OK] = "ok",
	[CHECK_WARN] = "warn",
	[CHECK_FAIL] = "fail",
};

/* Green, yellow, red. */
static const char *const colours[CHECK_RESULTS] = {
	[CHECK_OK] = "\033[32m",
	[CHECK_WARN] = "\033[33m",
	[CHECK_FAIL] = "\033[31m",
};

/* Files and processes may say what they like, and a terminal might obey. */
static char *sentence(struct checks *checks, const char *fmt, va_list args)
{
	char *text = NULL, *clean = NULL;

	if (vasprintf(&text, fmt, args) >= 0) {
		clean = printable(text);
		free(text);
	}
	checks->incomplete |= !clean;
	return clean;
}

void checks_add(struct checks *checks, const char *name, enum check_result result, const char *says,
		...)
{
	struct check *check = array_add(&checks->list, &checks->n);
	va_list args;

	checks->incomplete |= !check;
	if (!check)
		return;
	checks->results[result]++;
	va_start(args, says);
	*check = (struct check){
		.name = name,
		.result = result,
		.says = sentence(checks, says, args),
	};
	va_end(args);
}

void checks_fix(struct checks *checks, const char *fix, ...)
{
	va_list args;

	if (checks->incomplete)
		return;
	va_start(args, fix);
	checks->list[checks->n - 1].fix = sentence(checks, fix, args);
	va_end(args);
}

void checks_add_error(struct checks *checks, const char *check, enum check_result result,
		      const struct pmreuseport_error *error)
{
	checks_add(checks, check, result, "%s", error->what);
	checks_fix(checks, "%s", error->advice);
}

/* What could not be said may have been a failure. */
static int exit_status(const struct checks *checks)
{
	struct pmreuseport_error error;

	if (!checks->incomplete)
		return checks->results[CHECK_FAIL] ? 1 : 0;
	pmr_error(&error, 0, "out of memory for all checks", "raise the memory limit");
	return report_failure(&error);
}

int checks_print(const struct checks *checks)
{
	const bool colour = isatty(STDOUT_FILENO);
	const struct check *check;
	int ret;

	for (check = checks->list; check < checks->list + checks->n; check++)
		printf("%s%-4s%s  %-16s %s%s%s\n", colour ? colours[check->result] : "",
		       words[check->result], colour ? "\033[0m" : "", check->name,
		       check->says ? check->says : "?", check->fix ? "; " : "",
		       check->fix ? check->fix : "");
	printf("\n%zu ok, %zu warn, %zu fail\n", checks->results[CHECK_OK],
	       checks->results[CHECK_WARN], checks->results[CHECK_FAIL]);
	ret = report_done();
	return ret ? ret : exit_status(checks);
}

int checks_print_json(const struct checks *checks)
{
	json_t *list = json_array();
	const struct check *check;
	int bad = 0, ret;

	for (check = checks->list; check < checks->list + checks->n; check++)
		bad |= json_array_append_new(list,
					     json_pack("{s:s, s:s, s:s, s:s?}", "check",
						       check->name, "result", words[check->result],
						       "says", check->says, "fix", check->fix));
	if (bad) {
		json_decref(list);
		return report_json(NULL);
	}
	ret = report_json(json_pack("{s:o, s:b, s:I, s:I}", "checks", list, "ok",
				    !checks->results[CHECK_FAIL], "warnings",
				    (json_int_t)checks->results[CHECK_WARN], "failures",
				    (json_int_t)checks->results[CHECK_FAIL]));
	return ret ? ret : exit_status(checks);
}

void checks_free(struct checks *checks)
{
	while (checks->n--) {
		free(checks->list[checks->n].says);
		free(checks->list[checks->n].fix);
	}
	free(checks->list);
	memset(checks, 0, sizeof(*checks));
}
