/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/exposition.h"

#include <inttypes.h>

#define NS_PER_S 1000000000

void exposition_family(struct exposition *ex, const char *name, const char *type, const char *help)
{
	ex->family = name;
	ex->type = type;
	ex->help = help;
	ex->samples = 0;
}

void exposition_sample(struct exposition *ex)
{
	if (!ex->samples++)
		fprintf(ex->out, "# HELP %s %s\n# TYPE %s %s\n", ex->family, ex->help, ex->family,
			ex->type);
	fputs(ex->family, ex->out);
	ex->labels = 0;
}

/* A quoted value, with backslash, quote and newline escaped. */
void exposition_label(struct exposition *ex, const char *name, const char *value)
{
	fprintf(ex->out, "%c%s=\"", ex->labels++ ? ',' : '{', name);
	for (; *value; value++) {
		if (*value == '\n') {
			fputs("\\n", ex->out);
			continue;
		}
		if (*value == '\\' || *value == '"')
			putc('\\', ex->out);
		putc(*value, ex->out);
	}
	putc('"', ex->out);
}

void exposition_number(struct exposition *ex, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	exposition_label(ex, name, text);
}

static void end_labels(const struct exposition *ex)
{
	fputs(ex->labels ? "} " : " ", ex->out);
}

void exposition_value(struct exposition *ex, uint64_t value)
{
	end_labels(ex);
	fprintf(ex->out, "%" PRIu64 "\n", value);
}

void exposition_ns(struct exposition *ex, uint64_t ns)
{
	end_labels(ex);
	fprintf(ex->out, "%" PRIu64 ".%09" PRIu64 "\n", ns / NS_PER_S, ns % NS_PER_S);
}
