/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/watch_check.h"

#include "adopt/process_sockets.h"
#include "common/outside_text.h"

#include <errno.h>
#include <string.h>

static void say_adopted(struct watch *watch, const struct adopted *adopted)
{
	struct pmreuseport_process previous;
	bool took_over = pmreuseport_previous(adopted->member, &previous);
	char text[OUTSIDE_TEXT_SIZE];

	watch->said[0] = '\0';
	watch_say(watch, "adopted", adopted, took_over ? &previous : NULL,
		  outside_text(pmreuseport_outside(adopted->member), text));
}

static const struct candidate *find_cookie(const struct candidates *fit, uint64_t cookie)
{
	size_t i;

	for (i = 0; i < fit->n; i++)
		if (fit->list[i].endpoint.cookie == cookie)
			return &fit->list[i];
	return NULL;
}

/*
 * Whether the process has closed an adopted socket. An open one that is no candidate any more
 * (because the range of the kernel's ports has grown) stays adopted.
 */
static int is_closed(struct watch *watch, const struct candidates *fit,
		     const struct adopted *adopted, bool *closed, struct pmreuseport_error *error)
{
	bool open = find_cookie(fit, adopted->cookie);
	int err = open ? 0 : process_has_socket(&watch->process, adopted->cookie, &open, error);

	*closed = !err && !open;
	/* A process that ends closes all; that is one event, not one for each socket. */
	return *closed && process_is_ending(&watch->process) ? -ESRCH : err;
}

static int release_closed(struct watch *watch, const struct candidates *fit,
			  struct pmreuseport_error *error)
{
	bool closed;
	size_t i;
	int err;

	for (i = 0; i < watch->n; i++) {
		struct adopted *adopted = &watch->adopted[i];

		if (!adopted->member && !watch->lost[i])
			continue;
		err = is_closed(watch, fit, adopted, &closed, error);
		if (err)
			return err;
		if (!closed)
			continue;
		watch->lost[i] = false;
		if (!adopted->member)
			continue;
		watch_leave(adopted);
		watch_say(watch, "released", adopted, NULL, "the process has closed it");
	}
	return 0;
}

static void check_held(struct watch *watch)
{
	enum pmreuseport_state state;
	struct pmreuseport_process other = {0};
	size_t i;

	for (i = 0; i < watch->n; i++) {
		struct adopted *adopted = &watch->adopted[i];

		state = adopted->member ? pmreuseport_state(adopted->member) : PMREUSEPORT_HELD;
		if (state == PMREUSEPORT_HELD || state == PMREUSEPORT_UNKNOWN)
			continue;
		watch->lost[i] = true;
		if (state == PMREUSEPORT_TAKEN) {
			pmr_bucket_taken_by(adopted->member, &other);
			watch_say(watch, "lost", adopted, &other, "it is left to that process");
		} else if (state == PMREUSEPORT_EMPTY) {
			watch->lost[i] = false;
			watch_say(watch, "lost", adopted, NULL,
				  "the process that took it over has ended");
		} else if (state == PMREUSEPORT_RESIZED) {
			watch->lost[i] = false;
			watch_say(watch, "lost", adopted, NULL,
				  "the cluster has fewer buckets now");
		} else {
			watch_say(watch, "lost", adopted, NULL,
				  "the socket was released from outside");
		}
		watch_leave(adopted);
	}
}

static struct adopted *adopted_at(struct watch *watch, const char *endpoint)
{
	size_t i;

	for (i = 0; i < watch->n; i++)
		if (!strcmp(watch->adopted[i].endpoint, endpoint))
			return &watch->adopted[i];
	return NULL;
}

static void adopt_first(struct watch *watch, const struct candidates *fit)
{
	struct pmreuseport_error error = {0};
	size_t i;

	if (!fit->n)
		return;
	if (adopt_all(watch->adopted, &watch->process, fit, &watch->config, &error)) {
		watch_fail(watch, &error);
		return;
	}
	watch->predecessor.n = watch->n = fit->n;
	for (i = 0; i < watch->n; i++)
		say_adopted(watch, &watch->adopted[i]);
}

static void adopt_more(struct watch *watch, const struct candidate *socket)
{
	struct adopted *old = adopted_at(watch, socket->endpoint.name), adopted;
	struct pmreuseport_error error = {0};
	const unsigned int buckets = pmr_cluster_buckets(watch->config.cluster);
	int err = 0;

	if (old && old->cookie == socket->endpoint.cookie &&
	    (old->member || watch->lost[old - watch->adopted]))
		return;
	if (!old && watch->n == CANDIDATES_MAX)
		err = pmr_error(&error, -E2BIG, "more than %d endpoints were adopted",
				"name those to adopt with --port", CANDIDATES_MAX);
	else if (buckets && buckets <= watch->config.index)
		err = pmr_error(&error, -ENOENT,
				"cluster \"%s\" has %u hash buckets, so none with index %u",
				"enlarge it with: pmreuseport resize -c %s %u",
				watch->config.cluster, buckets, watch->config.index,
				watch->config.cluster, watch->config.index + 1);
	else if (buckets)
		watch->config.count = buckets;
	/* A bucket is taken over once: a process that has it after that is left alone. */
	if (!err)
		err = adopt_socket(&adopted, &watch->process, socket, &watch->config, old, &error);
	if (err) {
		watch_say_why(watch, &error);
		return;
	}
	if (!old) {
		old = &watch->adopted[watch->n++];
		watch->predecessor.n = watch->n;
	}
	*old = adopted;
	say_adopted(watch, old);
}

void watch_check(struct watch *watch)
{
	struct pmreuseport_error error = {0};
	struct candidates fit;
	size_t i;
	int err;

	err = candidates_find(&watch->process, &watch->adopt->ports, &fit, &error);
	if (!err)
		err = release_closed(watch, &fit, &error);
	if (err == -ESRCH) {
		watch_end_process(watch);
		goto out;
	}
	if (err) {
		watch_say_why(watch, &error);
		goto out;
	}
	check_held(watch);
	if (!watch->n)
		adopt_first(watch, &fit);
	for (i = 0; watch->n && i < fit.n && !watch->done; i++)
		adopt_more(watch, &fit.list[i]);
out:
	candidates_close(&fit);
}
