/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value of a key in the configuration of one instance. */
#ifndef PMREUSEPORT_FORK_VALUE_H
#define PMREUSEPORT_FORK_VALUE_H

#include "fork/rules.h"

/* The instance that a value is for. */
struct fork_instance {
	int own; /* index of the instance that the template is of, or FORK_NO_INDEX */
	unsigned int index;
	unsigned int count;
};

/* Why a value cannot be made different for each instance. */
struct fork_fault {
	const char *what; /* what is wrong with it, after "which" */
	const char *advice;
};

/*
 * Returns the value of one instance, to be freed. NULL: *fault says what is wrong; if that is
 * NULL, too, out of memory.
 */
char *fork_value(enum fork_how how, const char *value, const struct fork_instance *instance,
		 const struct fork_fault **fault);

/* Instances can share a device. */
bool fork_is_device(const char *path);

/* Replaces each placeholder with the index. To be freed; NULL: out of memory. */
char *fork_fill_in(const char *text, size_t length, unsigned int index);

#endif
