// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "instances.h"

struct pmreuseport_error error;
bool sandboxed;

bool says(const char *words)
{
	return strstr(error.what, words) || strstr(error.advice, words);
}

int enter_sandbox(void **state)
{
	(void)state;
	if (geteuid() || unshare(CLONE_NEWNET | CLONE_NEWNS))
		return 0;
	sandboxed = !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		    !mount("bpf", PMR_BPFFS, "bpf", 0, NULL) &&
		    !system("ip link set lo up && ip -6 route add local fd00:1::/64 dev lo");
	return !sandboxed;
}

int leave_sandbox(void **state)
{
	(void)state;
	return sandboxed ? umount(PMR_BPFFS) : 0;
}

int open_socket(int family, int type)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	int fd = socket(family, type | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
	if (family == AF_INET)
		assert_return_code(bind(fd, (struct sockaddr *)&in, sizeof(in)), errno);
	else
		assert_return_code(bind(fd, (struct sockaddr *)&in6, sizeof(in6)), errno);
	if (type == SOCK_STREAM)
		assert_return_code(listen(fd, 1024), errno);
	return fd;
}

bool held(const struct pmreuseport_member *member)
{
	return pmreuseport_state(member) == PMREUSEPORT_HELD;
}

struct pmreuseport_config config_of(unsigned int count, unsigned int index)
{
	struct pmreuseport_config config = PMR_CONFIG_DEFAULTS;

	config.count = count;
	config.index = index;
	return config;
}

void join(struct instance *in, int family, int type, unsigned int count, unsigned int index)
{
	struct pmreuseport_config config = config_of(count, index);

	in->fd = open_socket(family, type);
	if (pmreuseport_join(in->fd, &config, &in->member, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

void forget(struct instance *in, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (in[i].fd >= 0)
			close(in[i].fd);
		pmreuseport_free(in[i].member);
	}
}

socklen_t source(unsigned int i, int family, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;

	memset(addr, 0, sizeof(*addr));
	if (family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(0x7f010000 + 7 * i + 1);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "fd00:1::", &in6->sin6_addr);
	in6->sin6_addr.s6_addr32[3] = htonl(7 * i + 1);
	return sizeof(*in6);
}

unsigned int predict(unsigned int i, int family, unsigned int count, const bool *live)
{
	static pmr_slot_t slots[PMR_SLOTS];
	static unsigned int filled;
	struct sockaddr_storage addr;
	__u32 key = 0, nonce, hash, bucket, last, stride;
	int fd = bpf_obj_get(CLUSTER_PATH "/nonce");

	assert_return_code(bpf_map_lookup_elem(fd, &key, &nonce), errno);
	close(fd);
	if (filled != count)
		pmr_slots_fill(slots, count);
	filled = count;

	source(i, family, &addr);
	hash = family == AF_INET
		       ? pmr_hash(&((struct sockaddr_in *)&addr)->sin_addr.s_addr, 1, nonce)
		       : pmr_hash(((struct sockaddr_in6 *)&addr)->sin6_addr.s6_addr32, 4, nonce);
	bucket = slots[pmr_slot(hash)] - 1;
	for (unsigned int t = 0; !live[bucket] && t < PMR_REHASH_TRIES; t++)
		bucket = slots[pmr_slot(pmr_rehash(hash, t))] - 1;
	last = bucket;
	stride = pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
	for (unsigned int t = 1; !live[bucket]; t++)
		bucket = (last + t * stride) % PMR_MAX_BUCKETS;
	return bucket;
}

int send_from(unsigned int i, int family, int type)
{
	struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(PORT),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_storage addr;
	socklen_t len = source(i, family, &addr);
	int fd = socket(family, type, 0);

	to4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &(int){1}, sizeof(int));
	assert_return_code(bind(fd, (struct sockaddr *)&addr, len), errno);
	assert_return_code(family == AF_INET ? connect(fd, (struct sockaddr *)&to4, sizeof(to4))
					     : connect(fd, (struct sockaddr *)&to6, sizeof(to6)),
			   errno);
	if (type == SOCK_DGRAM)
		assert_int_equal(send(fd, &i, sizeof(i), 0), sizeof(i));
	return fd;
}

unsigned int who_got_it(const struct instance *in, unsigned int n, int type)
{
	unsigned int got = n, buf;
	int fd;

	for (unsigned int b = 0; b < n; b++) {
		if (in[b].fd < 0)
			continue;
		if (type == SOCK_DGRAM && recv(in[b].fd, &buf, sizeof(buf), 0) < 0)
			continue;
		if (type == SOCK_STREAM) {
			fd = accept(in[b].fd, NULL, NULL);
			if (fd < 0)
				continue;
			close(fd);
		}
		assert_int_equal(got, n);
		got = b;
	}
	assert_in_range(got, 0, n - 1);
	return got;
}

void open_where(struct pmr_where *where, const struct pmreuseport_member *member)
{
	const char *endpoint = strrchr(pmreuseport_path(member), '/') + 1;

	if (pmr_where_open(where, "default", endpoint, &error))
		fail_msg("%s; %s", error.what, error.advice);
}

struct pmr_view *look(const struct instance *in)
{
	struct pmr_view *view = malloc(sizeof(*view));
	struct pmr_where where;

	open_where(&where, in->member);
	if (pmr_where_look(&where, view, &error))
		fail_msg("%s; %s", error.what, error.advice);
	pmr_where_close(&where);
	return view;
}

void view_free(struct pmr_view *view)
{
	free(view->pins.list);
	free(view);
}

/* The address in it. */
static const void *address_in(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET
		       ? (const void *)&((const struct sockaddr_in *)addr)->sin_addr
		       : (const void *)&((const struct sockaddr_in6 *)addr)->sin6_addr;
}

struct pmr_place place_in(const struct pmr_view *view, unsigned int i, int family)
{
	struct sockaddr_storage addr;

	source(i, family, &addr);
	return pmr_view_place(view, family, address_in(&addr));
}

struct pmr_place foretell(const struct pmr_where *where, unsigned int i, int family)
{
	struct pmr_view *view = malloc(sizeof(*view));
	struct pmr_place place;

	if (pmr_where_look(where, view, &error))
		fail_msg("%s; %s", error.what, error.advice);
	place = place_in(view, i, family);
	view_free(view);
	return place;
}

void check_all(const struct instance *in, unsigned int n, int family, int type,
	       unsigned int sources)
{
	const struct instance *one = NULL;
	bool live[PMR_MAX_BUCKETS] = {0};
	struct pmr_view *view;

	for (unsigned int b = 0; b < n; b++) {
		live[b] = in[b].fd >= 0;
		if (live[b])
			one = &in[b];
	}
	view = look(one);
	for (unsigned int i = 0; i < sources; i++) {
		struct pmr_place place = place_in(view, i, family);
		int fd = send_from(i, family, type);
		unsigned int got = who_got_it(in, n, type);

		assert_int_equal(got, predict(i, family, n, live));
		assert_int_equal(got, place.bucket);
		assert_int_equal(place.decision, got == place.home ? PMR_PRIMARY : PMR_FAILOVER);
		assert_true(got == place.home || !live[place.home]);
		close(fd);
	}
	view_free(view);
}

struct pmr_counted counted_by(const struct instance *in)
{
	struct pmr_counted counted;

	assert_int_equal(pmr_counters_read(pmreuseport_path(in->member), &counted, &error), 0);
	return counted;
}

static unsigned int names;

static int count_name(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path, (void)st, (void)type, (void)ftw;
	names++;
	return 0;
}

unsigned int pins(void)
{
	names = 0;
	assert_int_equal(nftw(PMR_BPFFS, count_name, 8, FTW_PHYS), 0);
	return names;
}
