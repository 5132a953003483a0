/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys that pmacct does not know: it warns in its log, and ignores them.
 *
 * Versions and builds of pmacct know different keys. The program of the daemon contains them as
 * strings, in a table. Other strings of the program can pass for keys, so a wrong key can be
 * missed, but a right one is never called wrong.
 */
#include "doctor/check_keys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/array.h"
#include "common/nearest.h"
#include "conf/spelling.h"

#define LONGEST 64
#define SHORTEST 3

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

/* The strings of a program that may be keys. They stay in its file. */
struct words {
	char *file;
	size_t size;
	const char **list;
	size_t n;
};

static bool map_file(const char *path, struct words *words)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	words->file = MAP_FAILED;
	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0) {
		words->size = st.st_size;
		words->file = mmap(NULL, words->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	return words->file != MAP_FAILED;
}

/* False: out of memory. */
static bool find_words(struct words *words)
{
	const char *at = words->file, *end = at + words->size, *begin = at;
	const char **word;

	for (; at < end; at++) {
		if (*at && strchr(letters, *at))
			continue;
		if (!*at && at - begin >= SHORTEST && at - begin <= LONGEST) {
			word = array_add(&words->list, &words->n);
			if (!word)
				return false;
			*word = begin;
		}
		begin = at + 1;
	}
	return true;
}

static bool knows(const struct words *words, const char *key)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (!strcmp(words->list[i], key))
			return true;
	return false;
}

/* Not if a whole word differs: "bgp_daemon_ha" is a key of other versions, no "bgp_daemon_ip". */
static bool is_misspelt(const char *key, const char *meant)
{
	size_t begin = 0, end, i;

	for (i = 0; key[i] && key[i] == meant[i]; i++)
		if (key[i] == '_')
			begin = i + 1;
	end = begin + strcspn(meant + begin, "_");
	for (i = begin; key[i] && key[i] != '_'; i++)
		if (memchr(meant + begin, key[i], end - begin))
			return true;
	return false;
}

static void check_file(struct findings *findings, const char *daemon, bool patched,
		       const struct words *words, const struct instance *instance)
{
	const struct conf_entry *entry, *end = instance->conf.list + instance->conf.n;
	const char *meant;

	for (entry = instance->conf.list; entry < end; entry++) {
		const char *key = entry->line.key;

		/* check_conf() has named these. */
		if (entry->line.wrong || spelling_of(key) || knows(words, key))
			continue;
		/* check_daemon() has said that it needs the patches. */
		if (!patched && !strncmp(key, "reuseport_", 10))
			continue;
		findings_add(findings, "config", FINDING_WARN,
			     "line %u of %s has a key \"%s\", which %s does not know, and ignores",
			     entry->number, instance->file, key, daemon);
		meant = nearest_guess(key, words->list, words->n);
		if (meant && is_misspelt(key, meant))
			findings_fix(findings, "write %s", meant);
		else
			findings_fix(findings, "remove it, or install a version that knows it");
	}
}

void check_keys(struct findings *findings, const char *daemon, bool patched,
		const struct instances *instances)
{
	struct words words = {0};
	size_t i;

	if (!instances->n || !map_file(daemon, &words))
		return;
	if (find_words(&words))
		for (i = 0; i < instances->n; i++)
			check_file(findings, daemon, patched, &words, &instances->list[i]);
	else
		findings->incomplete = true;
	free(words.list);
	munmap(words.file, words.size);
}
