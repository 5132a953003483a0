/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session belongs to the endpoint whose listening socket the kernel would find for it.
 * The socket is a member if its cookie is in the endpoint's array. So names do not matter,
 * and sessions of other programs on the same port are left alone.
 */
#include "sockets/sessions.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "doctor/capabilities.h"
#include "sockets/holders.h"

#define NO_ENDPOINT SIZE_MAX

struct listener {
	struct diag_socket sk;
	size_t endpoint; /* NO_ENDPOINT: not a member */
	int bucket;
	const struct pmr_live_socket *member;
};

struct reading {
	struct sessions *sessions;
	struct pmr_live_socket *members;
	size_t n_members;
	struct listener *listeners;
	size_t n_listeners;
	struct holders holders;
};

static size_t find_endpoint(const struct sessions *sessions, const char *name)
{
	size_t i;

	for (i = 0; i < sessions->n_endpoints; i++)
		if (!strcmp(sessions->endpoints[i].name, name))
			return i;
	return NO_ENDPOINT;
}

/* Opens the endpoints of this network namespace. */
static int open_endpoints(struct reading *reading, const char *cluster,
			  struct pmreuseport_error *error)
{
	struct sessions *sessions = reading->sessions;
	struct tcp_endpoint *endpoint;
	bool here;
	size_t i;
	int err;

	sessions->endpoints = calloc(reading->n_members + 1, sizeof(*sessions->endpoints));
	if (!sessions->endpoints)
		return pmr_error(error, -ENOMEM, "out of memory for a list of endpoints",
				 "add memory, or raise the memory limit");
	for (i = 0; i < reading->n_members; i++) {
		const struct pmr_live_socket *member = &reading->members[i];

		if (find_endpoint(sessions, member->endpoint) != NO_ENDPOINT)
			continue;
		err = pmr_endpoint_is_here(member->endpoint, &here, error);
		if (err)
			return err;
		if (!here) {
			sessions->elsewhere = *member;
			continue;
		}
		endpoint = &sessions->endpoints[sessions->n_endpoints];
		err = fresh_view_open(&endpoint->now, cluster, member->endpoint, error);
		if (err)
			return err;
		memcpy(endpoint->name, member->endpoint, sizeof(endpoint->name));
		sessions->n_endpoints++;
	}
	return 0;
}

static int add_listener(const struct diag_socket *sk, void *context)
{
	struct reading *reading = context;
	struct listener *listener;
	size_t i;

	listener = array_add(&reading->listeners, &reading->n_listeners);
	if (!listener)
		return -ENOMEM;
	*listener = (struct listener){.sk = *sk, .endpoint = NO_ENDPOINT};
	for (i = 0; i < reading->n_members; i++) {
		const struct pmr_live_socket *member = &reading->members[i];

		if (member->cookie != sk->cookie)
			continue;
		listener->endpoint = find_endpoint(reading->sessions, member->endpoint);
		listener->bucket = member->index;
		listener->member = member;
	}
	return 0;
}

static bool is_mapped(const struct diag_socket *sk)
{
	const __be32 *a = sk->id.idiag_src;

	return sk->family == AF_INET6 && !a[0] && !a[1] && a[2] == htonl(0xffff);
}

/* How well a listening socket matches a connection, as the kernel ranks it. -1: no match. */
static int fit(const struct diag_socket *listener, const struct diag_socket *sk)
{
	static const __be32 any[4];
	size_t len = sk->family == AF_INET ? 4 : 16;
	bool on_device = listener->id.idiag_if;

	if (listener->family != sk->family || listener->id.idiag_sport != sk->id.idiag_sport ||
	    (listener->v6only && is_mapped(sk)) ||
	    (on_device && listener->id.idiag_if != sk->id.idiag_if))
		return -1;
	if (!memcmp(listener->id.idiag_src, any, len))
		return on_device;
	return memcmp(listener->id.idiag_src, sk->id.idiag_src, len) ? -1 : 2 + on_device;
}

/* The endpoint that accepted a connection, or would accept it now. */
static size_t endpoint_of(const struct reading *reading, const struct diag_socket *sk)
{
	size_t endpoint = NO_ENDPOINT, i;
	int best = -1, n;

	for (i = 0; i < reading->n_listeners; i++) {
		const struct listener *listener = &reading->listeners[i];

		n = fit(&listener->sk, sk);
		if (n < best || n < 0)
			continue;
		/* A group may also contain sockets that are no members. */
		if (n > best || endpoint == NO_ENDPOINT)
			endpoint = listener->endpoint;
		best = n;
	}
	return endpoint;
}

static int add_session(const struct diag_socket *sk, void *context)
{
	struct reading *reading = context;
	struct sessions *sessions = reading->sessions;
	size_t endpoint = endpoint_of(reading, sk);
	struct session *session;

	if (endpoint == NO_ENDPOINT)
		return 0;
	session = array_add(&sessions->list, &sessions->n);
	if (!session)
		return -ENOMEM;
	*session = (struct session){*sk, endpoint, OWNER_NONE};
	return 0;
}

/* True if an earlier member has the same port. */
static bool port_done(const struct reading *reading, size_t listener)
{
	size_t i;

	for (i = 0; i < listener; i++)
		if (reading->listeners[i].endpoint != NO_ENDPOINT &&
		    reading->listeners[i].sk.id.idiag_sport ==
			    reading->listeners[listener].sk.id.idiag_sport)
			return true;
	return false;
}

static int read_sessions(struct reading *reading, struct diag *diag,
			 struct pmreuseport_error *error)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < reading->n_listeners; i++) {
		const struct listener *listener = &reading->listeners[i];

		if (listener->endpoint != NO_ENDPOINT && !port_done(reading, i))
			err = diag_each(diag, IPPROTO_TCP, TCP_ESTABLISHED,
					listener->sk.id.idiag_sport, add_session, reading, error);
	}
	return err;
}

/* *open: how many files the process has open, if it has the listening socket; 0: it has not. */
static int try_owner(struct owners *owners, const struct listener *l, pid_t pid, unsigned int *open,
		     struct pmreuseport_error *error)
{
	int err = owners_add(owners, pid, l->sk.inode, l->endpoint, l->bucket, open);

	if (err == -ENOMEM)
		return pmr_error(error, err, "out of memory for a list of sockets",
				 "add memory, or raise the memory limit");
	if (err)
		return pmr_error(error, err, "cannot tell what pid %d has open (%s)", "%s",
				 (int)pid, strerror(-err), ptrace_advice());
	return 0;
}

/* The process that the record names, if it has the socket, or else the one that has it. */
static int find_owner(struct reading *reading, struct owners *owners, const struct listener *l,
		      struct pmreuseport_error *error)
{
	struct session_owner *owner;
	unsigned int open = 0;
	pid_t pid = l->member->elsewhere ? 0 : l->member->pid;
	int err = pid ? try_owner(owners, l, pid, &open, error) : 0;

	if (!err && !open) {
		pid = holders_only(&reading->holders, l->sk.inode, l->member->comm);
		if (pid)
			err = try_owner(owners, l, pid, &open, error);
	}
	if (err)
		return err;
	owner = array_add(&reading->sessions->owners, &reading->sessions->n_owners);
	if (!owner)
		return pmr_error(error, -ENOMEM, "out of memory for a list of processes",
				 "add memory, or raise the memory limit");
	*owner = (struct session_owner){l->endpoint, l->bucket, open ? pid : 0, open, {0}};
	if (open && !process_files_limit(pid, &owner->limit))
		owner->open_files = 0;
	return 0;
}

static bool all_seen(const struct sessions *sessions, size_t endpoint)
{
	size_t i;

	for (i = 0; i < sessions->n_owners; i++)
		if (sessions->owners[i].endpoint == endpoint && !sessions->owners[i].pid)
			return false;
	return true;
}

static int find_owners(struct reading *reading, struct pmreuseport_error *error)
{
	struct sessions *sessions = reading->sessions;
	struct owners owners = {0};
	struct session *s;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < reading->n_listeners; i++)
		if (reading->listeners[i].endpoint != NO_ENDPOINT)
			err = find_owner(reading, &owners, &reading->listeners[i], error);
	owners_sort(&owners);
	for (i = 0; !err && i < sessions->n; i++) {
		s = &sessions->list[i];
		s->bucket = owners_find(&owners, s->sk.inode, s->endpoint);
		if (s->bucket == OWNER_NONE && !all_seen(sessions, s->endpoint))
			s->bucket = OWNER_HIDDEN;
	}
	owners_free(&owners);
	return err;
}

int sessions_read(struct sessions *sessions, struct diag *diag, const char *cluster,
		  struct pmreuseport_error *error)
{
	struct reading reading = {.sessions = sessions};
	int err;

	*sessions = (struct sessions){0};
	err = pmr_members(cluster, true, &reading.members, &reading.n_members, error);
	if (!err)
		err = open_endpoints(&reading, cluster, error);
	if (!err)
		err = diag_each(diag, IPPROTO_TCP, TCP_LISTEN, 0, add_listener, &reading, error);
	if (!err)
		err = read_sessions(&reading, diag, error);
	if (!err)
		err = find_owners(&reading, error);
	holders_free(&reading.holders);
	free(reading.listeners);
	free(reading.members);
	return err;
}

void sessions_free(struct sessions *sessions)
{
	size_t i;

	for (i = 0; i < sessions->n_endpoints; i++)
		fresh_view_close(&sessions->endpoints[i].now);
	free(sessions->endpoints);
	free(sessions->list);
	free(sessions->owners);
}
