// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "foreign.h"

const struct place attempts[ATTEMPTS] = {
	{.family = AF_INET, .address = "0.0.0.0"},
	{.family = AF_INET, .address = "127.0.0.1"},
	{.family = AF_INET, .address = "0.0.0.0", .device = "lo"},
	{.family = AF_INET6, .address = "::"},
	{.family = AF_INET6, .address = "::ffff:127.0.0.1"},
	{.family = AF_INET6, .address = "::1"},
	{.family = AF_INET6, .address = "::", .v6only = true},
};

static int bind_as(int fd, const struct place *place, int type, bool reuse_addr)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	const int v6only = place->v6only, reuse = reuse_addr;
	const char *device = place->device ? place->device : "";
	int err;

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)),
			   errno);
	if (place->family == AF_INET) {
		assert_int_equal(inet_pton(AF_INET, place->address, &in.sin_addr), 1);
		err = bind(fd, (struct sockaddr *)&in, sizeof(in));
	} else {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
		assert_int_equal(inet_pton(AF_INET6, place->address, &in6.sin6_addr), 1);
		err = bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	}
	if (!err && type == SOCK_STREAM)
		err = listen(fd, 1024);
	return err ? -errno : 0;
}

int open_as(uid_t uid, const struct place *place, int type, bool reuse_addr)
{
	int fd, err;

	assert_return_code(seteuid(uid), errno);
	fd = socket(place->family, type | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	err = bind_as(fd, place, type, reuse_addr);
	assert_return_code(seteuid(0), errno);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int reuse_addr_of(int fd)
{
	int value = -1;

	assert_return_code(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value,
				      &(socklen_t){sizeof(value)}),
			   errno);
	return value;
}
