/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/line.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char spaces[] = " \t\n\v\f\r";

static bool is_space(char c)
{
	return c && strchr(spaces, c);
}

static void append(char *text, size_t size, char c)
{
	size_t length = strlen(text);

	if (length + 1 < size) {
		text[length] = c;
		text[length + 1] = '\0';
	}
}

/*
 * Brackets must match before the colon. pmacct goes on matching in the value until it has
 * seen one pair, so it refuses an unmatched bracket in a value if the key has none.
 */
static const char *check_brackets(const char *text, const char *colon)
{
	const char *c;
	int open = 0;
	bool closed = false;

	for (c = text; *c; c++) {
		if (*c == '[')
			open++;
		if (*c == ']') {
			open--;
			closed = true;
		}
		if (open < 0 && c <= colon)
			return "a bracket is closed that was not opened";
		if (open && c == colon)
			return "a bracket is not closed before the colon";
		if (!closed && open > 1)
			return "there are brackets inside of brackets";
	}
	return open && !closed ? "a bracket is not closed" : NULL;
}

/* The part before the colon. */
static const char *read_key(const char *text, const char *colon, struct conf_line *line)
{
	const char *c, *end;

	for (c = text; c < colon && *c != '['; c++)
		if (!is_space(*c))
			append(line->key, sizeof(line->key), tolower((unsigned char)*c));
	if (!line->key[0])
		return "there is no key";
	if (c == colon)
		return NULL;
	end = memchr(c, ']', colon - c);
	for (c++; c < end; c++)
		append(line->plugin, sizeof(line->plugin), *c);
	return NULL;
}

void conf_line_read(const char *text, struct conf_line *line)
{
	const char *start = text + strspn(text, spaces), *colon, *value, *end;

	memset(line, 0, sizeof(*line));
	if (!*start || *start == '!' || *start == '#')
		return;
	colon = strchr(start, ':');
	if (!colon) {
		line->wrong = "there is no colon";
		return;
	}
	line->wrong = check_brackets(start, colon);
	if (!line->wrong)
		line->wrong = read_key(start, colon, line);
	if (line->wrong)
		return;
	value = colon + 1 + strspn(colon + 1, spaces);
	for (end = value + strlen(value); end > value && is_space(end[-1]);)
		end--;
	line->value_at = value - text;
	line->value_length = end - value;
}
