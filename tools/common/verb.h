/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that consist of verbs, each with options of its own. */
#ifndef TOOLS_VERB_H
#define TOOLS_VERB_H

#include <argp.h>

/* run() parses what follows the verb, argv[0] is "PROGRAM VERB", and returns the exit status. */
struct verb {
	const char *name;
	const char *does; /* a line for --help */
	int (*run)(int argc, char **argv);
};

/* What a program consists of. */
struct verbs {
	const char *program;
	const struct verb *verbs; /* ends with one without a name */
	const char *does;	  /* what the program is for */
	const char *note;	  /* one sentence for the end of --help */
};

/* main() of such a program: --version, --help, or the verb. Returns the exit status. */
int verb_main(const struct verbs *verbs, int argc, char **argv);

#endif
