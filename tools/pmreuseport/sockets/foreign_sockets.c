/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/foreign_sockets.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "sockets/holders.h"

struct reading {
	struct foreign_sockets *foreign;
	struct holders *holders;
	const struct pmr_endpoint_status *endpoint;
	size_t index;
	struct pmr_endpoint_parts parts;
	bool user_known;
	uint32_t user; /* of the sockets in the buckets */
};

static bool is_member(const struct pmr_endpoint_status *endpoint, uint64_t cookie)
{
	int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (endpoint->bucket[b].live && endpoint->bucket[b].cookie == cookie)
			return true;
	return false;
}

static int find_user(const struct pmr_port_socket *sk, void *context)
{
	struct reading *reading = context;

	reading->user_known = is_member(reading->endpoint, sk->cookie);
	reading->user = sk->user;
	return reading->user_known;
}

static int add_foreign(const struct pmr_port_socket *sk, void *context)
{
	const struct reading *reading = context;
	struct foreign_socket *added;

	if (is_member(reading->endpoint, sk->cookie) ||
	    !pmr_is_foreign(sk, &reading->parts.local, reading->parts.device, reading->user))
		return 0;
	added = array_add(&reading->foreign->list, &reading->foreign->n);
	if (!added)
		return -ENOMEM;
	*added = (struct foreign_socket){reading->index, *sk,
					 holders_first(reading->holders, sk->inode)};
	return 0;
}

static int read_all(struct foreign_sockets *foreign, const struct pmr_status *status,
		    struct holders *holders, struct pmreuseport_error *error)
{
	bool here;
	size_t e;
	int err;

	for (e = 0; e < status->n; e++) {
		struct reading reading = {.foreign = foreign,
					  .holders = holders,
					  .endpoint = &status->endpoints[e],
					  .index = e};
		const bool tcp = status->endpoints[e].name[0] == 't';

		err = pmr_endpoint_is_here(status->endpoints[e].name, &here, error);
		if (err)
			return err;
		if (!here || !pmr_endpoint_parse(status->endpoints[e].name, &reading.parts))
			continue;
		err = pmr_port_sockets_each(tcp, reading.parts.port, find_user, &reading);
		if (err >= 0 && reading.user_known)
			err = pmr_port_sockets_each(tcp, reading.parts.port, add_foreign, &reading);
		if (err < 0)
			return pmr_error(error, err, "cannot list the %s sockets (%s)",
					 "the kernel needs CONFIG_INET_%s_DIAG",
					 tcp ? "TCP" : "UDP", strerror(-err), tcp ? "TCP" : "UDP");
	}
	return 0;
}

int foreign_sockets_read(struct foreign_sockets *foreign, const struct pmr_status *status,
			 struct pmreuseport_error *error)
{
	struct holders holders = {0};
	int err = read_all(foreign, status, &holders, error);

	holders_free(&holders);
	return err;
}

void foreign_sockets_free(struct foreign_sockets *foreign)
{
	free(foreign->list);
	*foreign = (struct foreign_sockets){0};
}

const char *foreign_text(const struct pmr_port_socket *sk,
			 const struct pmreuseport_process *process, char text[FOREIGN_TEXT_SIZE])
{
	char device[1 + IF_NAMESIZE] = "%", pid[48] = "unknown process";

	if (!sk->device || !if_indextoname(sk->device, device + 1))
		device[0] = '\0';
	if (process->pid)
		snprintf(pid, sizeof(pid), "pid %d (%s)", (int)process->pid, process->comm);
	snprintf(text, FOREIGN_TEXT_SIZE, "user %u, %s, on %s%s", sk->user, pid, sk->address,
		 device);
	return text;
}
