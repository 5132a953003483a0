/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_socket.h"

#include <errno.h>
#include <unistd.h>

#define SNDBUF_BYTES (1 << 20)

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
