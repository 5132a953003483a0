/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of pmacct that must differ between instances, and how. */
#ifndef PMREUSEPORT_FORK_RULES_H
#define PMREUSEPORT_FORK_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* Replaced with the index, in the sample configurations. */
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
	const char *plugin_type; /* it applies only to plugins of this type */
	const char *absent;	 /* the default of pmacct, which must differ, too ... */
	const char *if_key;	 /* ... if such a plugin is used, or else this key is set ... */
	const char *if_value;	 /* ... to this; NULL: to anything */
	unsigned int endpoint;	 /* it applies only if reuseport_endpoints leaves this out ... */
	const char *ip_key;	 /* ... and this does not differ */
	const char *note;	 /* what the operator must do: "KEY is the same in all files: " */
};

/* The last element has no key. */
extern const struct fork_rule fork_rules[];

/* NULL: the key need not differ. */
const struct fork_rule *fork_rule_of(const char *key);

/* An unknown key whose name looks like that of a file, which instances may not share. */
bool fork_key_is_unknown(const char *key);

#endif
