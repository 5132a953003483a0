/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "udp_socket.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#define SNDBUF_BYTES (1 << 20)
#define SPARE_DESCRIPTORS 32

int source_socket(int type, const struct ip_addr *source)
{
	int sndbuf = SNDBUF_BYTES, one = 1, fd, ret;
	struct sockaddr_storage local;
	socklen_t len;

	fd = socket(source->family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (source->family == AF_INET6)
		ret = setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one));
	else
		ret = setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (ret)
		goto fail;
	/* The kernel caps this at net.core.wmem_max without an error. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf)))
		goto fail;
	len = ip_sockaddr(source, 0, &local);
	if (bind(fd, (struct sockaddr *)&local, len))
		goto fail;
	return fd;
fail:
	ret = -errno;
	close(fd);
	return ret;
}

int socket_local_port(int fd)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);

	if (getsockname(fd, (struct sockaddr *)&local, &len))
		return -errno;
	if (local.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&local)->sin6_port);
	return ntohs(((struct sockaddr_in *)&local)->sin_port);
}

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
			/* A full device queue: no descriptor tells when it has room again. */
			poll(NULL, 0, 1);
			break;
		case ECONNREFUSED:
			/* The answer to an earlier datagram; this one was not sent. */
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

int raise_descriptor_limit(uint64_t need)
{
	struct rlimit lim;

	need += SPARE_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &lim)) {
		warn("cannot read the limit of open files");
		return -errno;
	}
	if (lim.rlim_cur >= need)
		return 0;
	if (lim.rlim_max < need) {
		warnx("%" PRIu64 " sockets are more than the hard limit of %" PRIu64
		      " open files; raise it (ulimit -Hn) or use fewer sources or ports",
		      need, (uint64_t)lim.rlim_max);
		return -EMFILE;
	}
	lim.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &lim)) {
		warn("cannot raise the limit of open files to %" PRIu64, need);
		return -errno;
	}
	return 0;
}
