/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who answered whom. */
#ifndef CONNECT_ANSWERS_H
#define CONNECT_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

/* Of an answer as much is kept. */
#define ANSWER_MAX 200

/* More different answers than that are only counted: a server's lines may all differ. */
#define ANSWERS_MAX 256

struct answer {
	char text[ANSWER_MAX + 1];
	uint64_t count;
	uint32_t sources;
};

/* How often a source got an answer. */
struct got {
	uint32_t answer;
	uint64_t count;
};

struct answers_of {
	struct got *got;
	size_t n;
};

struct answers {
	struct answer list[ANSWERS_MAX];
	uint32_t n;
	uint64_t others; /* answers that did not fit into the list */
	struct answers_of *by_source;
	uint32_t n_sources;
	uint32_t split; /* sources that got different answers */
};

/* Each returns 0 or -ENOMEM. */
int answers_init(struct answers *answers, uint32_t n_sources);

/* Notes the first line of what a source got, made fit for a terminal. */
int answers_note(struct answers *answers, uint32_t source, const char *text, size_t len);

void answers_free(struct answers *answers);

#endif
