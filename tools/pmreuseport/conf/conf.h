/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file of pmacct: its lines, with known and unknown keys. */
#ifndef PMREUSEPORT_CONF_CONF_H
#define PMREUSEPORT_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/line.h"
#include "pmreuseport.h"

struct conf_entry {
	unsigned int number; /* of the line, from 1 */
	struct conf_line line;
	char *value;
	const char *advice; /* for a wrong line */
};

struct conf {
	struct conf_entry *list; /* lines with a key, and wrong lines */
	size_t n;
};

/* conf_free() in any case. */
int conf_read(struct conf *conf, const char *file, struct pmreuseport_error *error);

/* The line of a key that is in effect: the last one; NULL: none. */
const struct conf_entry *conf_find(const struct conf *conf, const char *key);

/* Its value, or NULL. */
const char *conf_get(const struct conf *conf, const char *key);

/* Whether it is "true", as pmacct reads it. */
bool conf_is_true(const struct conf *conf, const char *key);

void conf_free(struct conf *conf);

#endif
