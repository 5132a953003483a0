/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets outside the buckets that take packets from them, in this network namespace. */
#ifndef PMREUSEPORT_SOCKETS_FOREIGN_SOCKETS_H
#define PMREUSEPORT_SOCKETS_FOREIGN_SOCKETS_H

#include "operator.h"

struct foreign_socket {
	size_t endpoint; /* of the status: the one that loses packets */
	struct pmr_port_socket sk;
	struct pmreuseport_process process; /* pid 0: unknown */
};

struct foreign_sockets {
	struct foreign_socket *list;
	size_t n;
};

/* foreign_sockets_free() also after a failure. */
int foreign_sockets_read(struct foreign_sockets *foreign, const struct pmr_status *status,
			 struct pmreuseport_error *error);

void foreign_sockets_free(struct foreign_sockets *foreign);

#define FOREIGN_TEXT_SIZE 160

/* "user 1000, pid 4711 (python3), on 127.0.0.1%eth0" */
const char *foreign_text(const struct pmr_port_socket *sk,
			 const struct pmreuseport_process *process, char text[FOREIGN_TEXT_SIZE]);

#endif
