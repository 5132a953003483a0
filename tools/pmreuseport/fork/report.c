/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/printable.h"
#include "fork/plugins.h"

/* Where nfacctd@.service looks. */
#define UNIT_DIR "/etc/pmacct"
#define UNIT_FILE UNIT_DIR "/nfacctd-INDEX.conf"

static json_t *json_text(const char *text)
{
	char *shown = printable(text);
	json_t *json = shown ? json_string(shown) : NULL;

	free(shown);
	return json;
}

static json_t *json_change(const struct fork_change *change)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "line", (json_int_t)change->line, "key",
			 json_text(change->key), "plugin",
			 *change->plugin ? json_text(change->plugin) : json_null(), "from",
			 change->from ? json_text(change->from) : json_null(), "to",
			 json_text(change->to));
}

static json_t *json_file(const struct fork_file *file, unsigned int index,
			 const struct fork_rendered *rendered)
{
	json_t *changed = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < rendered->n; i++)
		if (fork_change_is_one(&rendered->changes[i]))
			bad |= json_array_append_new(changed, json_change(&rendered->changes[i]));
	if (!bad)
		return json_pack("{s:i, s:o, s:o}", "bucket", (int)index, "file",
				 json_text(file->path), "changed", changed);
	json_decref(changed);
	return NULL;
}

json_t *fork_report_json(const struct fork_files *files, const struct fork_rendered *rendered,
			 const struct fork_template *template)
{
	json_t *list = json_array(), *warnings = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < files->n; i++)
		bad |= json_array_append_new(list, json_file(&files->list[i], i, &rendered[i]));
	for (i = 0; i < template->n_notes; i++)
		bad |= json_array_append_new(warnings, json_text(template->notes[i].text));
	if (!bad)
		return json_pack("{s:o, s:o}", "files", list, "warnings", warnings);
	json_decref(list);
	json_decref(warnings);
	return NULL;
}

static void print_text(const char *text)
{
	char *shown = printable(text);

	fputs(shown ? shown : "?", stdout);
	free(shown);
}

static void print_change(const struct fork_change *change)
{
	char *name = NULL, *shown;

	if (asprintf(&name, *change->plugin ? "%s[%s]" : "%s%s", change->key, change->plugin) < 0)
		name = NULL;
	shown = name ? printable(name) : NULL;
	printf("%5zu %-36s ", change->line, shown ? shown : "?");
	print_text(change->to);
	putchar('\n');
	free(shown);
	free(name);
}

/* The service would end with the process that systemd started. */
static void print_daemonize(const struct fork_template *template)
{
	const struct fork_line *line = fork_line_of(template, "daemonize", NULL);

	if (line && line->conf.value_length == 4 &&
	    !strncasecmp(line->text + line->conf.value_at, "true", 4))
		printf("the units need daemonize: false, but line %zu has daemonize: true; change "
		       "it, run this again with --force, then\n",
		       (size_t)(line - template->lines) + 1);
}

/* The unit is for nfacctd only. */
static void print_unit(const struct fork_files *files, const struct fork_template *template)
{
	const unsigned int last = files->n - 1;
	char *dir = realpath(files->dir, NULL);
	const bool fits = dir && !strcmp(dir, UNIT_DIR) &&
			  !strncmp(files->list[0].name, "nfacctd-0.", strlen("nfacctd-0."));

	free(dir);
	if (!fits)
		printf("nfacctd@.service reads " UNIT_FILE ": put them there, or change its "
		       "ExecStart=; then\n");
	print_daemonize(template);
	if (last)
		printf("to start all under systemd: systemctl enable --now nfacctd@{0..%u}\n",
		       last);
	else
		printf("to start it under systemd: systemctl enable --now nfacctd@0\n");
}

static void print_how_to_start(const struct fork_files *files, const struct fork_template *template)
{
	const unsigned int last = files->n - 1;
	const bool pmbmpd = !strncmp(files->list[0].name, "pmbmpd", strlen("pmbmpd"));

	printf("to start an instance by hand: %s -f ", pmbmpd ? "pmbmpd" : "nfacctd");
	print_text(files->list[last].path);
	printf("\nits index is in the file; -x %u on the command line says the same\n", last);
	if (!pmbmpd)
		print_unit(files, template);
}

void fork_report_print(const struct fork_files *files, const struct fork_rendered *rendered,
		       const struct fork_template *template)
{
	size_t i, j;

	for (i = 0; i < files->n; i++) {
		print_text(files->list[i].path);
		printf("\n%5s %-36s %s\n", "LINE", "KEY", "VALUE");
		for (j = 0; j < rendered[i].n; j++)
			if (fork_change_is_one(&rendered[i].changes[j]))
				print_change(&rendered[i].changes[j]);
		putchar('\n');
	}
	print_how_to_start(files, template);
}
