/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "fork": the configurations of N instances, made of one. */
#include "common/args_number.h"
#include "common/printable.h"
#include "common/report.h"
#include "fork/report.h"
#include "operator.h"
#include "target.h"
#include "verbs.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 200

enum {
	OPT_COUNT = OPT_OF_VERB,
	OPT_DIR,
	OPT_NAME,
	OPT_FORCE,
};

struct options {
	const char *config;
	const char *dir;
	const char *name;
	unsigned int count;
	bool force;
	bool json;
};

static const struct argp_option options[] = {
	{"count", OPT_COUNT, "N", 0, "How many instances", 1},
	{"dir", OPT_DIR, "DIR", 0, "Where to write the files; it is made if it is not there", 1},
	{"name", OPT_NAME, "NAME", 0,
	 "What the files are called, NAME-INDEX.conf (default: as CONFIG, nfacctd for most)", 2},
	{"force", OPT_FORCE, NULL, 0, "Replace files that are there", 2},
	{"json", OPT_JSON, NULL, 0, "Answer in JSON", 10},
	{0},
};

static bool is_name(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return false;
	return c > name && *name != '.' && *name != '-' && c - name <= NAME_LENGTH_MAX;
}

static void check(const struct options *opt, struct argp_state *state)
{
	if (!opt->config)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "CONFIG is missing; name a configuration file of nfacctd");
	if (!opt->count)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--count is missing; say how many instances there shall be");
	if (!opt->dir)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--dir is missing; say in which directory the files shall be");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_COUNT:
		opt->count = args_number(state, "--count", arg, 1, PMREUSEPORT_MAX_BUCKETS);
		return 0;
	case OPT_DIR:
		if (!*arg)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "--dir is empty; name a directory");
		opt->dir = arg;
		return 0;
	case OPT_NAME:
		if (!is_name(arg))
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "--name '%s' does not do; take up to %d letters, digits, '-', "
				     "'_' and '.', the first one a letter or digit",
				     arg, NAME_LENGTH_MAX);
		opt->name = arg;
		return 0;
	case OPT_FORCE:
		opt->force = true;
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (opt->config)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is one argument too many",
				     arg);
		opt->config = arg;
		return 0;
	case ARGP_KEY_END:
		check(opt, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "CONFIG --count=N --dir=DIR",
	.doc = "Write the configuration files of N instances, DIR/NAME-0.conf and so on, made of "
	       "one "
	       "configuration file of nfacctd or pmbmpd: with an index each, the same count, and "
	       "the "
	       "index in each file name or socket that instances must not have in common. All else "
	       "stays as it is, comments and the order of lines too."
	       "\vThe index comes before the extension: nfacctd.log becomes nfacctd-0.log. In a "
	       "configuration that is of an instance already, its index is replaced; where "
	       "@INDEX@ stands, as in the samples, the index is put there and nowhere else.\n\n"
	       "Either all files are written, or none. Ports stay the same, and so do tables, "
	       "topics, and files that are only read. Warnings say what is left to you.",
};

/* That of nfacctd@.service if it is of nfacctd; otherwise that of the file. */
static char *default_name(const struct options *opt, int own)
{
	static const char *const daemons[] = {"nfacctd", "pmbmpd", NULL};
	const char *slash = strrchr(opt->config, '/'), *base = slash ? slash + 1 : opt->config;
	const char *const *daemon, *dot = strrchr(base, '.');
	size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base), of_index;
	char *name, index[16];

	for (daemon = daemons; *daemon; daemon++)
		if (!strncmp(base, *daemon, strlen(*daemon)) &&
		    !isalnum((unsigned char)base[strlen(*daemon)]))
			return strdup(*daemon);
	of_index = snprintf(index, sizeof(index), "-%d", own);
	if (own != FORK_NO_INDEX && length > of_index &&
	    !strncmp(base + length - of_index, index, of_index))
		length -= of_index;
	name = strndup(base, length);
	return name;
}

static int render(struct fork_rendered *rendered, const struct fork_template *template,
		  unsigned int count, struct pmreuseport_error *error)
{
	struct fork_instance instance = {.own = template->own, .count = count};
	int err = 0;

	for (; !err && instance.index < count; instance.index++)
		err = fork_render(&rendered[instance.index], template, &instance, error);
	return err ? err : fork_render_check(rendered, count, error);
}

/* The files stay only if it could be said that they are there. */
static int report(const struct options *opt, const struct fork_files *files,
		  const struct fork_rendered *rendered, const struct fork_template *template,
		  json_t *json)
{
	char *shown;
	size_t i;

	if (opt->json)
		return report_json(json);
	fork_report_print(files, rendered);
	if (report_done())
		return 1;
	for (i = 0; i < template->n_notes; i++) {
		shown = printable(template->notes[i], true);
		warnx("%s", shown ? shown : template->notes[i]);
		free(shown);
	}
	return 0;
}

/* What there is to be said about the files that are written by now, but not in their place. */
static int note_about_files(const struct options *opt, const char *name,
			    struct fork_template *template, const struct fork_files *files,
			    struct pmreuseport_error *error)
{
	const unsigned int left = fork_files_left(files, name, opt->count);
	int err = 0;

	if (files->narrowed)
		err = fork_template_note(template, error,
					 "the new files cannot be of the group of %.300s, so that "
					 "may not read them",
					 opt->config);
	if (!err && left)
		err = fork_template_note(template, error,
					 "%s-%u.conf is there from another time, and is left as it "
					 "is; remove it if it is of no use",
					 name, left);
	return err;
}

static int write_files(const struct options *opt, const char *name, struct fork_template *template,
		       const struct fork_rendered *rendered, struct pmreuseport_error *error)
{
	struct fork_files files;
	json_t *json = NULL;
	int ret;

	ret = fork_files_write(&files, opt->dir, name, rendered, opt->count, &template->status,
			       opt->force, error);
	if (!ret)
		ret = note_about_files(opt, name, template, &files, error);
	if (!ret && opt->json) {
		json = fork_report_json(&files, rendered, template);
		if (!json)
			ret = pmr_error(error, -ENOMEM, "out of memory for an answer",
					"free some memory, or raise the limit");
	}
	if (!ret)
		ret = fork_files_name(&files, opt->force, error);
	if (ret) {
		json_decref(json);
		ret = report_failure(error);
	} else {
		ret = report(opt, &files, rendered, template, json);
	}
	fork_files_end(&files, !ret);
	return ret;
}

int verb_fork(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct fork_rendered *rendered = NULL;
	struct fork_template template = {0};
	struct options opt = {0};
	char *name = NULL;
	unsigned int i;
	int ret;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	ret = fork_template_read(&template, opt.config, &error);
	if (!ret)
		ret = fork_template_judge(&template, &error);
	if (!ret) {
		rendered = calloc(opt.count, sizeof(*rendered));
		name = opt.name ? strdup(opt.name) : default_name(&opt, template.own);
		if (!rendered || !name)
			ret = pmr_error(&error, -ENOMEM, "out of memory for configurations",
					"free some memory, or raise the limit");
	}
	if (!ret && !is_name(name))
		ret = pmr_error(&error, -EINVAL, "%.300s gives the new files no name that does",
				"give one with "
				"--name",
				opt.config);
	if (!ret)
		ret = render(rendered, &template, opt.count, &error);
	ret = ret ? report_failure(&error) : write_files(&opt, name, &template, rendered, &error);
	for (i = 0; rendered && i < opt.count; i++)
		fork_render_free(&rendered[i]);
	fork_template_free(&template);
	free(rendered);
	free(name);
	return ret;
}
