/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file of pmacct, as far as it can be told without knowing all keys. */
#ifndef PMREUSEPORT_CONF_CONF_H
#define PMREUSEPORT_CONF_CONF_H

#include <stddef.h>

#include "conf/line.h"
#include "pmreuseport.h"

struct conf_entry {
	unsigned int number; /* of the line, from 1 on */
	struct conf_line line;
	char *value;
	const char *advice; /* if it is wrong */
};

struct conf {
	struct conf_entry *list; /* lines that say something, right or wrong */
	size_t n;
};

/* conf_free() in any case. */
int conf_read(struct conf *conf, const char *file, struct pmreuseport_error *error);

/* The line of a key that counts, the last one; NULL: there is none. */
const struct conf_entry *conf_find(const struct conf *conf, const char *key);

/* Its value, or NULL. */
const char *conf_get(const struct conf *conf, const char *key);

void conf_free(struct conf *conf);

#endif
