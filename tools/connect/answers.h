/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers, and which sources got them. */
#ifndef CONNECT_ANSWERS_H
#define CONNECT_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

/* Longer answers are cut. */
#define ANSWER_MAX 200

/* Further different answers are only counted: a server's lines may all differ. */
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
	uint64_t others; /* answers beyond ANSWERS_MAX */
	struct answers_of *by_source;
	uint32_t n_sources;
	uint32_t split; /* sources that got different answers */
};

/* Each returns 0 or -ENOMEM. */
int answers_init(struct answers *answers, uint32_t n_sources);

/* Notes the first line that a source got, made printable. */
int answers_note(struct answers *answers, uint32_t source, const char *text, size_t len);

void answers_free(struct answers *answers);

#endif
