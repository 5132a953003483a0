/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command_line.h"

#include "args_number.h"
#include "decimal.h"
#include "help.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 32

/* Options without a letter. */
#define KEY_BASE 256

struct parsing {
	const struct command_line *line;
	void *options;
	bool given[PARAMETERS_MAX]; /* options */
	size_t n_arguments;
};

static int key_of(const struct command_line *line, size_t i)
{
	const unsigned char letter = line->options[i].letter;

	return letter ? letter : KEY_BASE + (int)i;
}

static size_t count(const struct parameter *list)
{
	size_t n = 0;

	while (list && list[n].name)
		n++;
	return n;
}

/* "--seconds", but "COUNT". */
static const char *shown_name(const struct parameter *parameter, bool option, char name[64])
{
	snprintf(name, 64, "%s%s", option ? "--" : "", parameter->name);
	return name;
}

static void store_number(const struct parameter *parameter, void *options, uint64_t number)
{
	void *field = (char *)options + parameter->offset;

	switch (parameter->size) {
	case sizeof(uint8_t):
		*(uint8_t *)field = number;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)field = number;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)field = number;
		break;
	default:
		*(uint64_t *)field = number;
	}
}

static void store_word(const struct argp_state *state, const struct parameter *parameter,
		       void *options, const char *name, const char *text)
{
	char choice[128] = "";
	size_t i, used;

	for (i = 0; parameter->words[i]; i++) {
		if (!strcmp(parameter->words[i], text)) {
			store_number(parameter, options, i);
			return;
		}
		used = strlen(choice);
		snprintf(choice + used, sizeof(choice) - used, "%s%s", i ? " or " : "",
			 parameter->words[i]);
	}
	argp_failure(state, ARGS_EXIT_USAGE, 0, "%s '%s' is unknown; give %s", name, text, choice);
}

static void store_call(const struct argp_state *state, const struct parameter *parameter,
		       void *options, const char *text)
{
	struct pmreuseport_error error = {0};
	int err = parameter->call(options, text, &error);

	if (err)
		argp_failure(state, err == -ENOMEM ? 1 : ARGS_EXIT_USAGE, 0, "%s; %s", error.what,
			     error.advice);
}

static void store(const struct argp_state *state, const struct parameter *parameter, bool option,
		  const char *text)
{
	struct parsing *parsing = state->input;
	void *field = (char *)parsing->options + parameter->offset;
	char name[64];

	shown_name(parameter, option, name);
	switch (parameter->kind) {
	case VALUE_NONE:
		*(bool *)field = true;
		break;
	case VALUE_NUMBER:
		store_number(parameter, parsing->options,
			     text ? args_number(state, name, text, parameter->min, parameter->max)
				  : parameter->bare);
		break;
	case VALUE_TEXT:
		*(const char **)field = text;
		break;
	case VALUE_WORD:
		store_word(state, parameter, parsing->options, name, text);
		break;
	case VALUE_CALL:
		store_call(state, parameter, parsing->options, text);
		break;
	}
}

/* Ends the program if the caller has something to say about it. */
static void advise(const struct argp_state *state, const char *text, bool expected)
{
	const struct parsing *parsing = state->input;
	char advice[256];

	if (parsing->line->advise &&
	    parsing->line->advise(parsing->line, text, expected, advice, sizeof(advice)))
		argp_failure(state, ARGS_EXIT_USAGE, 0, "unexpected argument '%s'; %s", text,
			     advice);
}

static void add_argument(const struct argp_state *state, const char *text)
{
	struct parsing *parsing = state->input;
	const struct command_line *line = parsing->line;
	const size_t n = count(line->arguments);
	size_t i = parsing->n_arguments++;
	uint64_t number;

	if (i >= n && n && line->arguments[n - 1].many)
		i = n - 1;
	if (i >= n) {
		advise(state, text, false);
		argp_failure(state, ARGS_EXIT_USAGE, 0, "unexpected argument '%s'; see %s --help",
			     text, state->name);
	}
	if (!decimal(text, UINT64_MAX, &number))
		advise(state, text, true);
	store(state, &line->arguments[i], false, text);
}

static void check(const struct argp_state *state)
{
	const struct parsing *parsing = state->input;
	const struct command_line *line = parsing->line;
	struct pmreuseport_error error = {0};
	char name[64];
	size_t i;

	for (i = 0; i < count(line->options); i++)
		if (line->options[i].missing && !parsing->given[i])
			argp_failure(state, ARGS_EXIT_USAGE, 0, "%s is missing; %s",
				     shown_name(&line->options[i], true, name),
				     line->options[i].missing);
	for (i = parsing->n_arguments; i < count(line->arguments); i++)
		if (line->arguments[i].missing)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "%s is missing; %s",
				     line->arguments[i].name, line->arguments[i].missing);
	if (line->check && line->check(parsing->options, &error))
		argp_failure(state, ARGS_EXIT_USAGE, 0, "%s; %s", error.what, error.advice);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	size_t i;

	if (key == ARGP_KEY_ARG) {
		add_argument(state, arg);
		return 0;
	}
	if (key == ARGP_KEY_END) {
		check(state);
		return 0;
	}
	for (i = 0; i < count(parsing->line->options); i++) {
		if (key != key_of(parsing->line, i))
			continue;
		parsing->given[i] = true;
		store(state, &parsing->line->options[i], true, arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* The options as argp has them, in the order of the table. */
static void fill_options(const struct command_line *line, struct argp_option *options)
{
	size_t i;

	for (i = 0; i < count(line->options); i++)
		options[i] = (struct argp_option){
			.name = line->options[i].name,
			.key = key_of(line, i),
			.arg = line->options[i].value,
			.flags = line->options[i].bare ? OPTION_ARG_OPTIONAL : 0,
			.doc = line->options[i].help,
			.group = (int)i + 1,
		};
}

void command_line_parse(const struct command_line *line, int argc, char **argv, void *options)
{
	struct argp_option list[PARAMETERS_MAX + 1] = {0};
	struct parsing parsing = {.line = line, .options = options};
	struct argp argp = {.options = list,
			    .parser = parse,
			    .args_doc = line->usage,
			    .children = help_children};
	char *doc;
	int err;

	if (count(line->options) > PARAMETERS_MAX)
		abort();
	if (asprintf(&doc, "%s\v%s%sExample:\n  %s", line->summary,
		     line->details ? line->details : "", line->details ? "\n\n" : "",
		     line->example) < 0)
		errx(1, "out of memory");
	fill_options(line, list);
	argp.doc = doc;
	argp_err_exit_status = ARGS_EXIT_USAGE;
	err = argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &parsing);
	free(doc);
	if (err)
		exit(ARGS_EXIT_USAGE);
}
