/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints: how a socket's reuseport group is named. */
#ifndef PMR_ENDPOINT_H
#define PMR_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "pmreuseport.h"

/* Room for the name of an endpoint, which is that of its directory. */
#define PMR_ENDPOINT_NAME_SIZE 96

/* Room for the end of it. */
#define PMR_ENDPOINT_END_SIZE 32

struct pmr_endpoint {
	bool tcp;
	uint64_t cookie; /* SO_COOKIE of the socket, unique on this host */
	char name[PMR_ENDPOINT_NAME_SIZE];
};

/* Checks that the socket can be a member, and names its reuseport group. */
int pmr_endpoint_inspect(int fd, struct pmr_endpoint *endpoint, struct pmreuseport_error *error);

/* True if a directory of a cluster is an endpoint's. */
bool pmr_endpoint_is_name(const char *name);

/* -EINVAL: the text, which an operator has given, cannot be the name of an endpoint. */
int pmr_endpoint_check_name(const char *name, struct pmreuseport_error *error);

/* "-net3": how the names of endpoints in the network namespace of this process end. */
int pmr_endpoint_here(char end[PMR_ENDPOINT_END_SIZE], struct pmreuseport_error *error);

/* Whether an endpoint is in the network namespace of this process. */
int pmr_endpoint_is_here(const char *name, bool *here, struct pmreuseport_error *error);

/* True if both names are of endpoints in one network namespace. */
bool pmr_endpoint_same_netns(const char *a, const char *b);

#endif /* PMR_ENDPOINT_H */
