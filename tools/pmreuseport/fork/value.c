/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the value of one instance from that of the template. */
#include "fork/value.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const struct fork_fault is_directory = {"is a directory, where pmacct wants a file",
					       "name a file"};
static const struct fork_fault no_number = {"is not a plain number, as pmacct requires",
					    "correct it"};
static const struct fork_fault too_large = {"leaves no room for a number for each instance",
					    "use a smaller number"};
static const struct fork_fault too_long = {"becomes longer than pmacct allows",
					   "use a shorter one"};

/* pmacct copies paths into buffers of 288 bytes, and truncates them, or ends. */
#define PATH_LENGTH_MAX 255

char *fork_fill_in(const char *text, size_t length, unsigned int index)
{
	const size_t skip = strlen(FORK_PLACEHOLDER);
	const char *const end = text + length, *found;
	char *filled = NULL;
	size_t size;
	FILE *out = open_memstream(&filled, &size);

	if (!out)
		return NULL;
	while ((found = memmem(text, end - text, FORK_PLACEHOLDER, skip))) {
		fwrite(text, 1, found - text, out);
		fprintf(out, "%u", index);
		text = found + skip;
	}
	fwrite(text, 1, end - text, out);
	if (!fclose(out))
		return filled;
	free(filled);
	return NULL;
}

/* Letters and digits only: otherwise it is a variable, or part of the name. */
static const char *extension_of(const char *name)
{
	const char *dot = strrchr(name, '.'), *c, *end = name + strlen(name);

	if (!dot || dot == name || !dot[1])
		return end;
	for (c = dot + 1; *c; c++)
		if (!isalnum((unsigned char)*c))
			return end;
	return dot;
}

/*
 * Where a name has the index of the instance that the template is of, or NULL. It is the last
 * word between "-" and "_" that is that number, as with_index() writes it.
 */
static const char *find_own(const char *name, int own, size_t *length)
{
	const char *c, *found = NULL;
	char text[16];

	if (own == FORK_NO_INDEX)
		return NULL;
	*length = snprintf(text, sizeof(text), "%d", own);
	for (c = name; (c = strstr(c, text)); c++)
		if ((c == name || strchr("-_", c[-1])) && strchr("-_.", c[*length]))
			found = c;
	return found;
}

static char *with_index(const char *value, const char *name, const char *extension,
			const struct fork_instance *instance)
{
	size_t length;
	const char *own = find_own(name, instance->own, &length);
	char *made;
	int n;

	if (own)
		n = asprintf(&made, "%.*s%u%s", (int)(own - value), value, instance->index,
			     own + length);
	else
		n = asprintf(&made, "%.*s-%u%s", (int)(extension - value), value, instance->index,
			     extension);
	return n < 0 ? NULL : made;
}

bool fork_is_device(const char *path)
{
	return !strncmp(path, "/dev/", 5) && strncmp(path, "/dev/shm/", 9);
}

static char *file_with_index(const char *value, const struct fork_instance *instance,
			     const struct fork_fault **fault)
{
	const char *slash = strrchr(value, '/'), *name = slash ? slash + 1 : value;

	if (fork_is_device(value))
		return strdup(value);
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..")) {
		*fault = &is_directory;
		return NULL;
	}
	return with_index(value, name, extension_of(name), instance);
}

static char *number_with_index(const char *value, long max, const struct fork_instance *instance,
			       const struct fork_fault **fault)
{
	const long least = max == 65535;
	long number;
	char *end, *made;

	errno = 0;
	number = strtol(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || number > max) {
		*fault = &no_number;
		return NULL;
	}
	/* In the configuration of an instance: start at the number of instance 0. */
	if (instance->own > 0 && number - instance->own >= least)
		number -= instance->own;
	number += instance->index;
	if (number > max) {
		*fault = &too_large;
		return NULL;
	}
	return asprintf(&made, "%ld", number) < 0 ? NULL : made;
}

static char *make(enum fork_how how, const char *value, const struct fork_instance *instance,
		  const struct fork_fault **fault)
{
	char *made = NULL;

	switch (how) {
	case FORK_INDEX:
	case FORK_COUNT:
		if (asprintf(&made, "%u", how == FORK_INDEX ? instance->index : instance->count) <
		    0)
			return NULL;
		return made;
	case FORK_NAME:
		return with_index(value, value, value + strlen(value), instance);
	case FORK_FILE:
	case FORK_SOCKET:
		return file_with_index(value, instance, fault);
	case FORK_NUMBER:
		return number_with_index(value, INT_MAX, instance, fault);
	case FORK_PORT:
		return number_with_index(value, 65535, instance, fault);
	case FORK_SAME:
		break;
	}
	return strdup(value);
}

char *fork_value(enum fork_how how, const char *value, const struct fork_instance *instance,
		 const struct fork_fault **fault)
{
	const size_t max = how == FORK_SOCKET ? sizeof(((struct sockaddr_un *)0)->sun_path) - 1
					      : PATH_LENGTH_MAX;
	char *made;

	*fault = NULL;
	if (how != FORK_INDEX && how != FORK_COUNT && strstr(value, FORK_PLACEHOLDER))
		made = fork_fill_in(value, strlen(value), instance->index);
	else if (!*value && how != FORK_INDEX && how != FORK_COUNT)
		made = strdup(value);
	else
		made = make(how, value, instance, fault);
	if (made && (how == FORK_FILE || how == FORK_SOCKET) && strlen(made) > max) {
		*fault = &too_long;
		free(made);
		return NULL;
	}
	return made;
}
