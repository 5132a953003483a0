/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which keys of pmacct's configuration have to differ between instances, and how they can. */
#ifndef PMREUSEPORT_FORK_RULES_H
#define PMREUSEPORT_FORK_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* Stands for the index, in the samples. */
#define FORK_PLACEHOLDER "@INDEX@"

#define FORK_NO_INDEX (-1)

enum fork_how {
	FORK_SAME,
	FORK_INDEX,  /* it is the index */
	FORK_COUNT,  /* it is the count */
	FORK_NAME,   /* a name with the index at its end */
	FORK_FILE,   /* a path with the index before the extension */
	FORK_SOCKET, /* the same, of a Unix socket */
	FORK_NUMBER, /* the index is added */
	FORK_PORT,   /* the same, of a port */
};

struct fork_rule {
	const char *key;
	enum fork_how how;
	const char *plugin_type; /* it is about plugins of this type only */
	const char *absent;	 /* what pmacct takes for it, which has to differ, too ... */
	const char *if_key;	 /* ... if such a plugin is used, or else this key is set ... */
	const char *if_value;	 /* ... to this; NULL: to anything */
	const char *note; /* what is left to the operator: "KEY is the same in all files: " */
};

/* Ends with one without a key. */
extern const struct fork_rule fork_rules[];

/* NULL: nothing has to differ. */
const struct fork_rule *fork_rule_of(const char *key);

/* It has the name of a file, by which it may have to differ, but none that is known. */
bool fork_key_is_unknown(const char *key);

#endif
