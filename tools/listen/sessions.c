/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP: connections are reported, answered, and read until they end. */
#include "sessions.h"

#include "loop.h"
#include "report.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(struct listen *listen, struct session *session)
{
	report_closed(listen, session);
	TAILQ_REMOVE(&listen->sessions, session, entry);
	listen->n_sessions--;
	close(session->watched.fd);
	free(session);
}

static int session_ready(struct listen *listen, struct watched *watched)
{
	struct session *session = (struct session *)watched;
	char buf[65536];
	ssize_t len = recv(watched->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (len > 0) {
		session->bytes += (uint64_t)len;
		listen->tcp.bytes += (uint64_t)len;
	} else if (!len || (errno != EAGAIN && errno != EINTR)) {
		end(listen, session);
	}
	return 0;
}

static bool cut_oldest(struct listen *listen)
{
	struct session *oldest = TAILQ_FIRST(&listen->sessions);

	if (!oldest)
		return false;
	listen->cut++;
	end(listen, oldest);
	return true;
}

static void count(struct listen *listen, const struct session *session)
{
	listen->tcp.items++;
	switch (exporters_note(&listen->exporters, &session->address, true)) {
	case SEEN_BEFORE:
		break;
	case SEEN_NEW:
		listen->tcp.exporters++;
		break;
	case SEEN_TOO_MANY:
		listen->not_remembered++;
		break;
	}
	report_connection(listen, session);
}

static int begin(struct listen *listen, const struct port *port, int fd,
		 const struct sockaddr_storage *from)
{
	struct session *session = calloc(1, sizeof(*session));
	int err;

	if (!session) {
		close(fd);
		warnx("out of memory for a connection");
		return -ENOMEM;
	}
	session->watched.fd = fd;
	session->watched.ready = session_ready;
	session->port = port->number;
	ip_from_sockaddr(from, &session->address, &session->source_port);
	err = listen_watch(listen, &session->watched);
	if (err) {
		close(fd);
		free(session);
		return err;
	}
	TAILQ_INSERT_TAIL(&listen->sessions, session, entry);
	listen->n_sessions++;
	count(listen, session);
	/* A line always fits into the send queue of a new connection. */
	if (send(fd, listen->answer, listen->answer_len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		listen->tcp.unanswered++;
	return 0;
}

/* Errors of a connection that ended in the accept queue, see accept(2). */
static bool is_of_the_connection(int error)
{
	switch (error) {
	case ECONNABORTED:
	case EPROTO:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
		return true;
	default:
		return false;
	}
}

int sessions_accept(struct listen *listen, struct watched *watched)
{
	const struct port *port = (const struct port *)watched;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int fd, err;

	if (listen->n_sessions >= listen->opt.sessions)
		cut_oldest(listen);
	fd = accept4(watched->fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		return begin(listen, port, fd, &from);
	err = errno;
	if (err == EAGAIN || err == EINTR || is_of_the_connection(err))
		return 0;
	/* Out of a resource that closing an older connection frees. */
	if ((err == EMFILE || err == ENFILE || err == ENOMEM || err == ENOBUFS) &&
	    cut_oldest(listen))
		return 0;
	errno = err;
	warn("cannot accept a connection to TCP port %u", port->number);
	return -err;
}

void sessions_close(struct listen *listen)
{
	struct session *session;

	while ((session = TAILQ_FIRST(&listen->sessions)))
		end(listen, session);
}
