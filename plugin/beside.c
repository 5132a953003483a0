// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "beside.h"
#include "error.h"

static int find(const struct pmr_port_socket *sk, void *context)
{
	struct pmr_beside *own = context;

	if (!own->match(own, sk))
		return 0;
	own->found = *sk;
	return 1;
}

static int count(const struct pmr_port_socket *sk, void *context)
{
	struct pmr_beside *own = context;

	own->n += own->match(own, sk);
	return 0;
}

/* 1: fn returned 1. 0: it did not, or the kernel does not list its sockets. */
static int each(int fd, const struct pmr_endpoint *endpoint, struct pmr_beside *own,
		int (*fn)(const struct pmr_port_socket *sk, void *context),
		struct pmreuseport_error *error)
{
	struct stat st;
	bool here;
	int err;

	err = pmr_endpoint_is_here(endpoint->name, &here, error);
	if (err || !here || !pmr_endpoint_parse(endpoint->name, &own->parts))
		return err;
	if (fstat(fd, &st))
		return pmr_error(error, -errno, "cannot tell the user of socket %d (%s)",
				 "check the limits of this process", fd, strerror(errno));
	own->user = st.st_uid;
	own->cookie = endpoint->cookie;
	return pmr_port_sockets_each(endpoint->tcp, own->parts.port, fn, own) == 1;
}

int pmr_beside_find(int fd, const struct pmr_endpoint *endpoint, struct pmr_beside *own,
		    struct pmreuseport_error *error)
{
	return each(fd, endpoint, own, find, error);
}

bool pmr_beside_in_group(const struct pmr_beside *own, const struct pmr_port_socket *sk)
{
	return sk->cookie != own->cookie && sk->user == own->user &&
	       sk->device == own->parts.device && pmr_local_same(&sk->local, &own->parts.local);
}

static bool is_outside(const struct pmr_beside *own, const struct pmr_port_socket *sk)
{
	return !sk->connected && pmr_beside_in_group(own, sk);
}

unsigned int pmr_beside_count(int fd, const struct pmr_endpoint *endpoint)
{
	struct pmr_beside own = {.match = is_outside};

	each(fd, endpoint, &own, count, NULL);
	return own.n;
}
