/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/watch.h"

#include "adopt/process_sockets.h"

#include <errno.h>
#include <string.h>

static void say_adopted(struct watch *watch, const struct adopted *seat)
{
	struct pmreuseport_process previous;
	bool took_over = pmreuseport_previous(seat->member, &previous);

	watch->said[0] = '\0';
	watch_say(watch, "adopted", seat, took_over ? &previous : NULL, NULL);
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
 * Whether the process has closed the socket of a seat. It may also have it open and not be fit
 * any more, as when the range of ports that the kernel gives out has grown; then it stays.
 */
static int is_closed(struct watch *watch, const struct candidates *fit, const struct adopted *seat,
		     bool *closed, struct pmreuseport_error *error)
{
	bool open = find_cookie(fit, seat->cookie);
	int err = open ? 0 : process_has_socket(&watch->process, seat->cookie, &open, error);

	*closed = !err && !open;
	/* One that is about to end closes them all, and nothing has to be said of that. */
	return *closed && process_is_ending(&watch->process) ? -ESRCH : err;
}

static int release_closed(struct watch *watch, const struct candidates *fit,
			  struct pmreuseport_error *error)
{
	bool closed;
	size_t i;
	int err;

	for (i = 0; i < watch->n; i++) {
		struct adopted *seat = &watch->seats[i];

		if (!seat->member && !watch->lost[i])
			continue;
		err = is_closed(watch, fit, seat, &closed, error);
		if (err)
			return err;
		if (!closed)
			continue;
		watch->lost[i] = false;
		if (!seat->member)
			continue;
		watch_leave(seat);
		watch_say(watch, "released", seat, NULL, "the process has closed it");
	}
	return 0;
}

static void check_held(struct watch *watch)
{
	struct pmreuseport_process other;
	size_t i;

	for (i = 0; i < watch->n; i++) {
		struct adopted *seat = &watch->seats[i];

		if (!seat->member || pmreuseport_held(seat->member))
			continue;
		watch->lost[i] = true;
		if (pmr_bucket_taken_by(seat->member, &other)) {
			watch_say(watch, "lost", seat, &other, "it is left to that process");
		} else if (watch->config.index >= pmr_cluster_buckets(watch->config.cluster)) {
			watch->lost[i] = false;
			watch_say(watch, "lost", seat, NULL, "the cluster has fewer buckets now");
		} else {
			watch_say(watch, "lost", seat, NULL, "somebody took the socket out");
		}
		watch_leave(seat);
	}
}

static struct adopted *seat_of(struct watch *watch, const char *endpoint)
{
	size_t i;

	for (i = 0; i < watch->n; i++)
		if (!strcmp(watch->seats[i].endpoint, endpoint))
			return &watch->seats[i];
	return NULL;
}

static void adopt_first(struct watch *watch, const struct candidates *fit)
{
	struct pmreuseport_error error = {0};
	size_t i;

	if (!fit->n)
		return;
	if (adopt_all(watch->seats, &watch->process, fit, &watch->config, &error)) {
		watch_fail(watch, &error);
		return;
	}
	watch->former.n = watch->n = fit->n;
	for (i = 0; i < watch->n; i++)
		say_adopted(watch, &watch->seats[i]);
}

static void adopt_more(struct watch *watch, const struct candidate *socket)
{
	struct adopted *seat = seat_of(watch, socket->endpoint.name), adopted;
	struct pmreuseport_error error = {0};
	const unsigned int buckets = pmr_cluster_buckets(watch->config.cluster);
	int err = 0;

	if (seat && seat->cookie == socket->endpoint.cookie &&
	    (seat->member || watch->lost[seat - watch->seats]))
		return;
	if (!seat && watch->n == CANDIDATES_MAX)
		err = pmr_error(&error, -E2BIG, "more than %d endpoints were adopted",
				"name those to adopt with "
				"--port",
				CANDIDATES_MAX);
	else if (buckets && buckets <= watch->config.index)
		err = pmr_error(&error, -ENOENT,
				"cluster \"%s\" has %u hash buckets, so none with index %u",
				"enlarge it with: pmreuseport resize -c %s %u", watch->config.cluster,
				buckets, watch->config.index, watch->config.cluster,
				watch->config.index + 1);
	else if (buckets)
		watch->config.count = buckets;
	/* Once, as was asked for. Whoever has it after that is not to be driven out again. */
	if (!err)
		err = adopt_socket(&adopted, &watch->process, socket, &watch->config, seat, &error);
	if (err) {
		watch_say_why(watch, &error);
		return;
	}
	if (!seat) {
		seat = &watch->seats[watch->n++];
		watch->former.n = watch->n;
	}
	*seat = adopted;
	say_adopted(watch, seat);
}

void watch_look(struct watch *watch)
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
