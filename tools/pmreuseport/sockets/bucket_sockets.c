/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/bucket_sockets.h"

#include "sockets/diag.h"
#include "sockets/holders.h"
#include "sockets/sessions.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

struct reading {
	struct bucket_socket (*sockets)[PMR_MAX_BUCKETS];
	const struct pmr_status *status;
	struct holders holders;
};

/* A record without a pid namespace does not say whose pid it has. */
static void add_process(struct reading *reading, const struct pmr_bucket_status *bucket,
			const struct diag_socket *sk, struct bucket_socket *socket)
{
	if (bucket->member.pid_ns && !bucket->elsewhere)
		socket->pid = bucket->member.pid;
	else
		socket->pid = holders_only(&reading->holders, sk->inode, bucket->member.comm);
	if (socket->pid)
		pmr_process_name(socket->pid, socket->comm, sizeof(socket->comm));
}

static int add_socket(const struct diag_socket *sk, void *context)
{
	struct reading *reading = context;
	size_t e;
	int b;

	for (e = 0; e < reading->status->n; e++) {
		for (b = 0; b < PMR_MAX_BUCKETS; b++) {
			const struct pmr_bucket_status *bucket =
				&reading->status->endpoints[e].bucket[b];
			struct bucket_socket *socket = &reading->sockets[e][b];

			if (!bucket->live || bucket->cookie != sk->cookie)
				continue;
			socket->known = true;
			socket->queue = sk->queue;
			socket->drops = sk->drops;
			add_process(reading, bucket, sk, socket);
			return 0;
		}
	}
	return 0;
}

static void count_sessions(const struct reading *reading, const struct sessions *sessions,
			   size_t endpoint)
{
	const struct pmr_endpoint_status *named = NULL;
	struct bucket_socket *sockets = NULL;
	size_t e, i;

	for (e = 0; e < reading->status->n; e++) {
		named = &reading->status->endpoints[e];
		if (!strcmp(named->name, sessions->endpoints[endpoint].name))
			sockets = reading->sockets[e];
	}
	for (i = 0; sockets && i < sessions->n_owners; i++) {
		const struct session_owner *owner = &sessions->owners[i];
		struct bucket_socket *socket = &sockets[owner->bucket];

		if (owner->endpoint != endpoint || !owner->pid)
			continue;
		socket->sessions_known = true;
		socket->pid = owner->pid;
		socket->open_files = owner->open_files;
		socket->files_limit = owner->limit.soft;
	}
	for (i = 0; sockets && i < sessions->n; i++)
		if (sessions->list[i].endpoint == endpoint && sessions->list[i].bucket >= 0)
			sockets[sessions->list[i].bucket].sessions++;
}

void sockets_read(struct bucket_socket (*sockets)[PMR_MAX_BUCKETS], const struct pmr_status *status,
		  const char *cluster, struct pmreuseport_error *error)
{
	struct reading reading = {.sockets = sockets, .status = status};
	struct sessions sessions = {0};
	struct diag diag = {0};
	size_t endpoint;

	if (diag_open(&diag, error))
		return;
	if (!diag_each(&diag, IPPROTO_UDP, TCP_CLOSE, 0, add_socket, &reading, error) &&
	    !diag_each(&diag, IPPROTO_TCP, TCP_LISTEN, 0, add_socket, &reading, error) &&
	    !sessions_read(&sessions, &diag, cluster, error))
		for (endpoint = 0; endpoint < sessions.n_endpoints; endpoint++)
			count_sessions(&reading, &sessions, endpoint);
	sessions_free(&sessions);
	holders_free(&reading.holders);
	diag_close(&diag);
}
