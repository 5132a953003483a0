/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "udp_socket.h"

#include "common/source_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

int udp_socket_open(const struct ip_addr *source, const struct target *to, uint16_t *port)
{
	int fd = source_socket(SOCK_DGRAM, source);
	int ret;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&to->addr, to->len)) {
		ret = -errno;
		goto fail;
	}
	ret = socket_local_port(fd);
	if (ret < 0)
		goto fail;
	*port = (uint16_t)ret;
	return fd;
fail:
	close(fd);
	return ret;
}

int udp_socket_send(int fd, const void *data, size_t len, struct udp_counters *count)
{
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	bool retried = false;

	for (;;) {
		if (send(fd, data, len, MSG_DONTWAIT) >= 0) {
			count->datagrams++;
			count->bytes += len;
			return 0;
		}
		switch (errno) {
		case EINTR:
			break;
		case EAGAIN:
			poll(&pfd, 1, -1);
			break;
		case ENOBUFS:
			/* A full device queue: poll() does not tell when it has room again. */
			poll(NULL, 0, 1);
			break;
		case ECONNREFUSED:
			/* The result of an earlier datagram; this one was not sent. */
			count->refused++;
			if (retried) {
				count->unsent++;
				return 1;
			}
			retried = true;
			break;
		default:
			return -errno;
		}
	}
}
