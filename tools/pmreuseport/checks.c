/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checks.h"

#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
	const char *name;
	enum check_result result;
	char says[1024];
	char fix[1024]; /* "": there is nothing to do */
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
static void clean(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static struct check *new_check(struct checks *checks)
{
	struct check *grown = realloc(checks->list, (checks->n + 1) * sizeof(*grown));

	if (!grown) {
		checks->incomplete = true;
		return NULL;
	}
	checks->list = grown;
	memset(&grown[checks->n], 0, sizeof(*grown));
	return &grown[checks->n++];
}

void checks_add(struct checks *checks, const char *name, enum check_result result, const char *says,
		...)
{
	struct check *check = new_check(checks);
	va_list args;

	if (!check)
		return;
	check->name = name;
	check->result = result;
	checks->results[result]++;
	va_start(args, says);
	vsnprintf(check->says, sizeof(check->says), says, args);
	va_end(args);
	clean(check->says);
}

void checks_fix(struct checks *checks, const char *fix, ...)
{
	struct check *check = checks->n ? &checks->list[checks->n - 1] : NULL;
	va_list args;

	if (!check || checks->incomplete)
		return;
	va_start(args, fix);
	vsnprintf(check->fix, sizeof(check->fix), fix, args);
	va_end(args);
	clean(check->fix);
}

void checks_add_error(struct checks *checks, const char *check, enum check_result result,
		      const struct pmreuseport_error *error, const char *fix)
{
	const char *advice = strstr(error->text, "; ");
	const size_t length = advice ? (size_t)(advice - error->text) : strlen(error->text);

	checks_add(checks, check, result, "%.*s", (int)length, error->text);
	checks_fix(checks, "%s", advice ? advice + 2 : fix);
}

static int exit_status(const struct checks *checks)
{
	return checks->incomplete || checks->results[CHECK_FAIL];
}

int checks_print(const struct checks *checks)
{
	const bool colour = isatty(STDOUT_FILENO);
	const struct check *check;
	int ret;

	for (check = checks->list; check < checks->list + checks->n; check++)
		printf("%s%-4s%s  %-16s %s%s%s\n", colour ? colours[check->result] : "",
		       words[check->result], colour ? "\033[0m" : "", check->name, check->says,
		       check->fix[0] ? "; " : "", check->fix);
	printf("\n%zu ok, %zu warn, %zu fail\n", checks->results[CHECK_OK],
	       checks->results[CHECK_WARN], checks->results[CHECK_FAIL]);
	ret = report_done();
	return ret ? ret : exit_status(checks);
}

int checks_print_json(const struct checks *checks)
{
	json_t *list = json_array();
	const struct check *check;
	int bad = checks->incomplete, ret;

	for (check = checks->list; check < checks->list + checks->n; check++)
		bad |= json_array_append_new(list,
					     json_pack("{s:s, s:s, s:s, s:s?}", "check",
						       check->name, "result", words[check->result],
						       "says", check->says, "fix",
						       check->fix[0] ? check->fix : NULL));
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
	free(checks->list);
	memset(checks, 0, sizeof(*checks));
}
