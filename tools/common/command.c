/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "args_number.h"
#include "command.h"
#include "help.h"
#include "nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMANDS_MAX 32

struct call {
	const struct program *program;
	const struct command *command;
	int argc;
	char **argv;
};

static const struct command *find_command(const struct command *command, const char *name)
{
	while (command->name && strcmp(command->name, name))
		command++;
	return command->name ? command : NULL;
}

static void refuse(const struct argp_state *state, const struct program *program, const char *name)
{
	const char *words[COMMANDS_MAX], *guess;
	size_t n;

	for (n = 0; n < COMMANDS_MAX && program->commands[n].name; n++)
		words[n] = program->commands[n].name;
	guess = nearest_guess(name, words, n);
	if (guess)
		argp_failure(state, ARGS_EXIT_USAGE, 0, "unknown command '%s'; did you mean '%s'?",
			     name, guess);
	argp_failure(state, ARGS_EXIT_USAGE, 0, "unknown command '%s'; see %s --help", name,
		     program->name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct call *call = state->input;

	switch (key) {
	case 'V':
		printf("%s %s\n", call->program->name, PACKAGE_VERSION);
		exit(0);
	case ARGP_KEY_ARG:
		call->command = find_command(call->program->commands, arg);
		if (!call->command)
			refuse(state, call->program, arg);
		/* The command parses what follows it. */
		call->argc = state->argc - state->next + 1;
		call->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, ARGS_EXIT_USAGE, 0, "command missing; see %s --help",
			     call->program->name);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"version", 'V', NULL, 0, "Print the version", -1},
	{0},
};

/* What precedes the options in --help, then what follows them. To be freed. */
static char *help_text(const struct program *program)
{
	const struct command *command;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s\v", program->summary);
	for (command = program->commands; command->name; command++)
		fprintf(out, "  %-11s %s\n", command->name, command->summary);
	fprintf(out,
		"\nFor the options of a command see %s COMMAND --help. %s Exit status: 0 for "
		"success, 1 for a failure, 2 for wrong usage.\n\nExample:\n  %s",
		program->name, program->note, program->example);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

int program_main(const struct program *program, int argc, char **argv)
{
	struct argp argp = {
		.options = options,
		.parser = parse,
		.children = help_children,
		.args_doc = "COMMAND [ARGUMENT...] [OPTION...]",
	};
	struct call call = {.program = program};
	char *help = help_text(program), name[64];
	int err;

	argp.doc = help;
	argp_err_exit_status = ARGS_EXIT_USAGE;
	err = argp_parse(&argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP, NULL, &call);
	free(help);
	if (err || !call.command)
		return ARGS_EXIT_USAGE;
	snprintf(name, sizeof(name), "%s %s", program->name, call.command->name);
	call.argv[0] = name;
	return call.command->run(call.argc, call.argv);
}
