/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that consist of commands, each with its own options. */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

/* run() gets what follows the command, with argv[0] "PROGRAM COMMAND"; returns the exit status. */
struct command {
	const char *name;
	const char *summary; /* a line for --help */
	int (*run)(int argc, char **argv);
};

struct program {
	const char *name;
	const struct command *commands; /* ends with one without a name */
	const char *summary;
	const char *note; /* one sentence for the end of --help */
	const char *example;
};

/* main() of such a program: --version, --help, or the command. Returns the exit status. */
int program_main(const struct program *program, int argc, char **argv);

#endif
