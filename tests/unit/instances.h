/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instances for the unit tests: real sockets, joined to a cluster in a network and
 * mount namespace of the test's own, and exporters to send to them. Needs root.
 */
#ifndef PMR_TEST_INSTANCES_H
#define PMR_TEST_INSTANCES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "counters.h"
#include "operator.h"
#include "pmreuseport.h"

#define PORT 2055
#define SOURCES 300
#define CLUSTER_PATH PMR_ROOT "/default"

struct instance {
	int fd;
	struct pmreuseport_member *member;
};

extern struct pmreuseport_error error;
extern bool sandboxed;

/* True if the last error says these words, as what is wrong or what to do. */
bool says(const char *words);

#define NEEDS_SANDBOX()         \
	do {                    \
		(void)state;    \
		if (!sandboxed) \
			skip(); \
	} while (0)

#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, enter_sandbox, leave_sandbox)

/* A fresh namespace for each test, so that none sees the pins of another. */
int enter_sandbox(void **state);

int leave_sandbox(void **state);

int open_socket(int family, int type);

/* True while the socket has its bucket. */
bool held(const struct pmreuseport_member *member);

struct pmreuseport_config config_of(unsigned int count, unsigned int index);

void join(struct instance *in, int family, int type, unsigned int count, unsigned int index);

void forget(struct instance *in, unsigned int n);

/* The address of exporter i. */
socklen_t source(unsigned int i, int family, struct sockaddr_storage *addr);

/* The bucket of exporter i, computed from the count and the live buckets; reads only the nonce. */
unsigned int predict(unsigned int i, int family, unsigned int count, const bool *live);

int send_from(unsigned int i, int family, int type);

/* Loopback delivers before send() or connect() returns: one must be readable. */
unsigned int who_got_it(const struct instance *in, unsigned int n, int type);

/* The library's prediction, from the maps of the member's endpoint. */
void open_where(struct pmr_where *where, const struct pmreuseport_member *member);

struct pmr_place foretell(const struct pmr_where *where, unsigned int i, int family);

/* A snapshot of all maps, for many questions. Free it with view_free(). */
struct pmr_view *look(const struct instance *in);

struct pmr_place place_in(const struct pmr_view *view, unsigned int i, int family);

void view_free(struct pmr_view *view);

/* Checks that every exporter reaches the bucket that both predict. */
void check_all(const struct instance *in, unsigned int n, int family, int type,
	       unsigned int sources);

/* What the selector of its endpoint has counted. */
struct pmr_counted counted_by(const struct instance *in);

/* How many files and directories there are under the bpffs (some are the kernel's). */
unsigned int pins(void);

#endif /* PMR_TEST_INSTANCES_H */
