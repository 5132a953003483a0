/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operator.h"

#define PATH "/metrics"
#define METHODS MHD_HTTP_METHOD_GET ", " MHD_HTTP_METHOD_HEAD

/* Further connections wait in the backlog. */
#define CONNECTIONS 16u
#define TIMEOUT_S 10u
#define MEMORY ((size_t)16 * 1024) /* for the request of a connection */

/* text: from malloc(). */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      const char *type, char *text, size_t size)
{
	struct MHD_Response *response;
	enum MHD_Result ret = MHD_NO;

	response = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return MHD_NO;
	}
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
	    (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
	     MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, METHODS) == MHD_YES))
		ret = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result answer_sentence(struct MHD_Connection *connection, unsigned int status,
				       const char *sentence)
{
	char *text;
	int n = asprintf(&text, "%s\n", sentence);

	return n < 0 ? MHD_NO : answer(connection, status, "text/plain; charset=utf-8", text, n);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload_data,
			      size_t *upload_size, void **of_request)
{
	const struct page *page = context;
	struct pmreuseport_error error = {0};
	char sentence[PMR_SENTENCE_MAX], *text = NULL;
	size_t size = 0;

	(void)version, (void)upload_data;
	/* An answer before the request is read would close the connection. */
	if (!*of_request || *upload_size) {
		*of_request = connection;
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(url, PATH))
		return answer_sentence(connection, MHD_HTTP_NOT_FOUND,
				       "not found; the only page is " PATH);
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_sentence(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				       "method not allowed; use " METHODS);
	if (page->make(page->context, &text, &size, &error))
		return answer_sentence(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				       pmr_sentence(&error, sentence));
	return answer(connection, MHD_HTTP_OK, page->type, text, size);
}

/* One thread for all connections, so pages are never made concurrently. */
static struct MHD_Daemon *start(const struct listener *listener, const struct page *page)
{
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, (void *)page,
				MHD_OPTION_LISTEN_SOCKET, listener->fd, MHD_OPTION_CONNECTION_LIMIT,
				CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, MHD_OPTION_END);
}

int http_serve(struct listener *listener, const struct page *page, struct pmreuseport_error *error)
{
	struct MHD_Daemon *daemon;
	sigset_t ends, before;
	int err, number;

	/* Before there is something to clean up, and inherited by the thread. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &ends, &before);
	/* A client, or the reader of standard output, may be gone. */
	signal(SIGPIPE, SIG_IGN);
	err = listener_open(listener, error);
	if (!err) {
		daemon = start(listener, page);
		if (daemon) {
			printf("listening\n");
			fflush(stdout);
			sigwait(&ends, &number);
			/*
			 * Its thread may wait for a minute for the lock of a cluster. It has
			 * nothing that must be put in order, so it is not waited for.
			 */
			listener_remove(listener);
			_exit(0);
		}
		listener_remove(listener);
		close(listener->fd);
		err = pmr_error(error, -EIO, "cannot start an HTTP server",
				"raise the limit of open files or of memory");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}
