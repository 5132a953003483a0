/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow_table.h"

#include "common/array.h"

#include <search.h>
#include <stdlib.h>
#include <unistd.h>

static int cmp_address(const void *a, const void *b)
{
	const struct replay_source *x = a, *y = b;

	return ip_cmp(&x->original, &y->original);
}

static int cmp_source(const void *a, const void *b)
{
	const struct replay_source *x = a, *y = b;
	int diff = cmp_address(a, b);

	return diff ? diff : x->original_port - y->original_port;
}

/* All ports of an original address are replayed from one address. */
static int choose_address(struct flow_table *t, struct replay_source *new,
			  const struct ip_addr *fixed, const struct ip_addr *base)
{
	struct replay_source **known;

	known = tsearch(new, &t->by_address, cmp_address);
	if (!known)
		return -1;
	if (*known != new) {
		new->addr = (*known)->addr;
		return 0;
	}
	if (fixed)
		new->addr = *fixed;
	else if (!base)
		new->addr = new->original;
	else if (ip_add(base, t->addresses, &new->addr))
		goto forget;
	t->addresses++;
	return 0;
forget:
	tdelete(new, &t->by_address, cmp_address);
	return -1;
}

struct replay_source *flow_table_get(struct flow_table *t, const struct ip_addr *original,
				     uint16_t port, const struct ip_addr *fixed,
				     const struct ip_addr *base)
{
	struct replay_source key = {.original = *original, .original_port = port, .fd = -1};
	struct replay_source *new, **added, **found;

	found = tfind(&key, &t->by_source, cmp_source);
	if (found)
		return *found;
	new = malloc(sizeof(*new));
	if (!new)
		return NULL;
	*new = key;
	added = array_add(&t->list, &t->count);
	if (!added || choose_address(t, new, fixed, base)) {
		t->count -= !!added;
		free(new);
		return NULL;
	}
	/* A tree may point to it from here on, so the table keeps it even after a failure. */
	*added = new;
	return tsearch(new, &t->by_source, cmp_source) ? new : NULL;
}

static void keep(void *node)
{
	(void)node; /* the list frees it */
}

void flow_table_free(struct flow_table *t)
{
	size_t i;

	tdestroy(t->by_source, keep);
	tdestroy(t->by_address, keep);
	for (i = 0; i < t->count; i++) {
		if (t->list[i]->fd >= 0)
			close(t->list[i]->fd);
		free(t->list[i]);
	}
	free(t->list);
}
