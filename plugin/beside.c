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

int pmr_beside_find(int fd, const struct pmr_endpoint *endpoint, struct pmr_beside *own,
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
	return pmr_port_sockets_each(endpoint->tcp, own->parts.port, find, own) == 1;
}
