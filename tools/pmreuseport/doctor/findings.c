/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/findings.h"

#include "common/array.h"
#include "common/printable.h"
#include "common/report.h"
#include "operator.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct finding {
	const char *name;
	enum finding_result result;
	char *says;
	char *fix; /* NULL: nothing to do */
};

static const char *const words[FINDING_RESULTS] = {
	[FINDING_OK] = "ok",
	[FINDING_WARN] = "warn",
	[FINDING_FAIL] = "fail",
};

/* Green, yellow, red. */
static const char *const colours[FINDING_RESULTS] = {
	[FINDING_OK] = "\033[32m",
	[FINDING_WARN] = "\033[33m",
	[FINDING_FAIL] = "\033[31m",
};

/* Text from files and processes may contain terminal escapes. */
static char *sentence(struct findings *findings, const char *fmt, va_list args)
{
	char *text = NULL, *clean = NULL;

	if (vasprintf(&text, fmt, args) >= 0) {
		clean = printable(text);
		free(text);
	}
	findings->incomplete |= !clean;
	return clean;
}

void findings_add(struct findings *findings, const char *name, enum finding_result result,
		  const char *says, ...)
{
	struct finding *check = array_add(&findings->list, &findings->n);
	va_list args;

	findings->incomplete |= !check;
	if (!check)
		return;
	findings->results[result]++;
	va_start(args, says);
	*check = (struct finding){
		.name = name,
		.result = result,
		.says = sentence(findings, says, args),
	};
	va_end(args);
}

void findings_fix(struct findings *findings, const char *fix, ...)
{
	va_list args;

	if (findings->incomplete)
		return;
	va_start(args, fix);
	findings->list[findings->n - 1].fix = sentence(findings, fix, args);
	va_end(args);
}

void findings_add_error(struct findings *findings, const char *check, enum finding_result result,
			const struct pmreuseport_error *error)
{
	findings_add(findings, check, result, "%s", error->what);
	findings_fix(findings, "%s", error->advice);
}

/* A lost finding may have been a failure. */
static int exit_status(const struct findings *findings)
{
	struct pmreuseport_error error;

	if (!findings->incomplete)
		return findings->results[FINDING_FAIL] ? 1 : 0;
	pmr_error(&error, 0, "out of memory for all findings",
		  "add memory, or raise the memory limit");
	return report_failure(&error);
}

int findings_print(const struct findings *findings)
{
	const bool colour = isatty(STDOUT_FILENO);
	const struct finding *check;
	int ret;

	for (check = findings->list; check < findings->list + findings->n; check++)
		printf("%s%-4s%s  %-16s %s%s%s\n", colour ? colours[check->result] : "",
		       words[check->result], colour ? "\033[0m" : "", check->name,
		       check->says ? check->says : "?", check->fix ? "; " : "",
		       check->fix ? check->fix : "");
	printf("\n%zu ok, %zu warn, %zu fail\n", findings->results[FINDING_OK],
	       findings->results[FINDING_WARN], findings->results[FINDING_FAIL]);
	ret = report_done();
	return ret ? ret : exit_status(findings);
}

int findings_print_json(const struct findings *findings)
{
	json_t *list = json_array();
	const struct finding *check;
	int bad = 0, ret;

	for (check = findings->list; check < findings->list + findings->n; check++)
		bad |= json_array_append_new(list,
					     json_pack("{s:s, s:s, s:s, s:s?}", "check",
						       check->name, "result", words[check->result],
						       "says", check->says, "fix", check->fix));
	if (bad) {
		json_decref(list);
		return report_json(NULL);
	}
	ret = report_json(json_pack("{s:o, s:b, s:I, s:I}", "checks", list, "ok",
				    !findings->results[FINDING_FAIL], "warnings",
				    (json_int_t)findings->results[FINDING_WARN], "failures",
				    (json_int_t)findings->results[FINDING_FAIL]));
	return ret ? ret : exit_status(findings);
}

void findings_free(struct findings *findings)
{
	while (findings->n--) {
		free(findings->list[findings->n].says);
		free(findings->list[findings->n].fix);
	}
	free(findings->list);
	memset(findings, 0, sizeof(*findings));
}
