/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "fork": the configurations of N instances, made from one. */
#include "commands.h"
#include "common/printable.h"
#include "common/report.h"
#include "fork/judge.h"
#include "fork/report.h"
#include "operator.h"
#include "options.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LENGTH_MAX 200

struct options {
	const char *config;
	const char *dir;
	const char *name;
	unsigned int count;
	bool force;
	bool json;
};

static bool is_name(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return false;
	return c > name && *name != '.' && *name != '-' && c - name <= NAME_LENGTH_MAX;
}

static int parse_name(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;

	opt->name = text;
	if (is_name(text))
		return 0;
	return pmr_error(error, -EINVAL, "--name '%s' cannot begin the name of a file",
			 "use up to %d letters, digits, '-', '_' and '.', the first one a letter "
			 "or digit",
			 text, NAME_LENGTH_MAX);
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct options *opt = options;

	if (!*opt->dir)
		return pmr_error(error, -EINVAL, "--dir is empty", "name a directory");
	return 0;
}

static const struct parameter arguments[] = {
	{.name = "CONFIG",
	 .kind = VALUE_TEXT,
	 .missing = "name a configuration file of nfacctd",
	 FIELD(struct options, config)},
	{0},
};

static const struct parameter options[] = {
	{.name = "count",
	 .value = "N",
	 .help = "The number of instances",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMREUSEPORT_MAX_BUCKETS,
	 .missing = "give the number of instances",
	 FIELD(struct options, count)},
	{.name = "dir",
	 .value = "DIR",
	 .help = "The directory of the files; it is created if it does not exist",
	 .kind = VALUE_TEXT,
	 .missing = "name the directory for the files",
	 FIELD(struct options, dir)},
	{.name = "name",
	 .value = "NAME",
	 .help = "Call the files NAME-INDEX.conf (default: nfacctd or pmbmpd if CONFIG begins so, "
		 "otherwise the name of CONFIG)",
	 .kind = VALUE_CALL,
	 .call = parse_name},
	{.name = "force", .help = "Replace files that exist", FIELD(struct options, force)},
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "CONFIG --count=N --dir=DIR",
	.summary = "Write the configuration files of N instances, DIR/NAME-0.conf and so on, from "
		   "one configuration file of nfacctd or pmbmpd. Each file gets its own index, the "
		   "same count, and the index in each file name or socket that instances must not "
		   "share. All other lines stay as they are, with comments and in the same order.",
	.details = "The index is added before the extension: nfacctd.log becomes nfacctd-0.log. If "
		   "a value contains @INDEX@, as in the samples, the index replaces that mark "
		   "instead. If CONFIG is the file of an instance, the new index replaces the old "
		   "one.\n\n"
		   "All files are written, or none. Ports, tables, topics, and files that are only "
		   "read stay the same. Warnings name what you have to check.",
	.example = "pmreuseport fork nfacctd.conf --count=4 --dir=instances",
	.check = check,
};

/* The name that nfacctd@.service expects, for a file of nfacctd; otherwise that of the file. */
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

/* If the report cannot be written, the files are removed. */
static int report(const struct options *opt, const struct fork_files *files,
		  const struct fork_rendered *rendered, const struct fork_template *template,
		  json_t *json)
{
	char *shown;
	size_t i;

	if (opt->json)
		return report_json(json);
	fork_report_print(files, rendered, template);
	if (report_done())
		return 1;
	for (i = 0; i < template->n_notes; i++) {
		shown = printable(template->notes[i].text);
		warnx("%s", shown ? shown : template->notes[i].text);
		free(shown);
	}
	return 0;
}

/* Adds notes about the files, which are written but not yet renamed. */
static int note_about_files(const struct options *opt, const char *name,
			    struct fork_template *template, const struct fork_files *files,
			    struct pmreuseport_error *error)
{
	const unsigned int left = fork_files_left(files, name, opt->count);
	int err = 0;

	if (files->narrowed)
		err = fork_template_note(template, error,
					 "the new files cannot have the group of %.300s, which "
					 "therefore cannot read them",
					 opt->config);
	if (!err && left)
		err = fork_template_note(template, error,
					 "%s-%u.conf is left from an earlier run, and is not "
					 "changed; remove it if it is not needed",
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
			ret = fork_no_memory(error);
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

int command_fork(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct fork_rendered *rendered = NULL;
	struct fork_template template = {0};
	struct options opt = {0};
	char *name = NULL;
	unsigned int i;
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	ret = fork_template_read(&template, opt.config, &error);
	if (!ret)
		ret = fork_template_judge(&template, &error);
	if (!ret) {
		rendered = calloc(opt.count, sizeof(*rendered));
		name = opt.name ? strdup(opt.name) : default_name(&opt, template.own);
		if (!rendered || !name)
			ret = fork_no_memory(&error);
	}
	if (!ret && !is_name(name))
		ret = pmr_error(&error, -EINVAL, "%.300s does not give the new files a valid name",
				"give one with --name", opt.config);
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
