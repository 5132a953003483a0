// SPDX-License-Identifier: GPL-2.0-or-later
/* The first join of a cluster whose members have all ended: refused, it leaves all as it was. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"

/* What a first join writes, in the endpoint and in the cluster. */
static const char *const maps[] = {"../seed",	 "../nonce",	"../size", "../slots",
				   "../drained", "../fallback", "members"};

#define MAPS (sizeof(maps) / sizeof(maps[0]))

struct snapshot {
	char *map[MAPS];
	size_t size[MAPS];
	__u32 selector; /* the number of the pinned program */
	char selector_id[64];
};

/* Of the cluster that dead_cluster() makes. */
static char endpoint[PMR_PATH_MAX];

static int open_pin(const char *name)
{
	char path[2 * PMR_PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", endpoint, name);
	fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	return fd;
}

static void read_map(const char *name, char **entries, size_t *size)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info), key;
	int fd = open_pin(name);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	*size = (size_t)info.max_entries * info.value_size;
	*entries = malloc(*size);
	assert_non_null(*entries);
	for (key = 0; key < info.max_entries; key++)
		assert_int_equal(bpf_map_lookup_elem(fd, &key,
						     *entries + (size_t)key * info.value_size),
				 0);
	close(fd);
}

static void take(struct snapshot *snapshot)
{
	struct bpf_prog_info info = {0};
	char path[2 * PMR_PATH_MAX];
	__u32 len = sizeof(info);
	int fd;

	memset(snapshot, 0, sizeof(*snapshot));
	for (size_t i = 0; i < MAPS; i++)
		read_map(maps[i], &snapshot->map[i], &snapshot->size[i]);
	fd = open_pin("_selector");
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	snapshot->selector = info.id;
	close(fd);
	snprintf(path, sizeof(path), "%s/_selector_id", endpoint);
	if (readlink(path, snapshot->selector_id, sizeof(snapshot->selector_id) - 1) < 0)
		assert_int_equal(errno, ENOENT);
}

/* All differences are printed before the test fails. */
static void check_same(const struct snapshot *before, const struct snapshot *after)
{
	unsigned int differences = 0;

	for (size_t i = 0; i < MAPS; i++) {
		if (!memcmp(before->map[i], after->map[i], before->size[i]))
			continue;
		differences++;
		printf("map %s has changed\n", strrchr(maps[i], '/') ? maps[i] + 3 : maps[i]);
	}
	if (before->selector != after->selector) {
		differences++;
		printf("program %u is pinned in place of %u\n", after->selector, before->selector);
	}
	if (strcmp(before->selector_id, after->selector_id)) {
		differences++;
		printf("\"%s\" names it in place of \"%s\"\n", after->selector_id,
		       before->selector_id);
	}
	assert_int_equal(differences, 0);
}

static void drop_snapshot(struct snapshot *snapshot)
{
	for (size_t i = 0; i < MAPS; i++)
		free(snapshot->map[i]);
}

/* Three buckets with rehash, of which one is drained and one was released; nothing is live. */
static void dead_cluster(void)
{
	struct instance in[3];
	unsigned int released;
	bool changed;

	for (unsigned int b = 0; b < 3; b++)
		join(&in[b], AF_INET, SOCK_DGRAM, 3, b);
	snprintf(endpoint, sizeof(endpoint), "%s", pmreuseport_path(in[0].member));
	assert_int_equal(pmr_drain("default", 2, true, &changed, &error), 0);
	assert_int_equal(pmr_bucket_release("default", 1, false, &released, &error), 0);
	assert_int_equal(released, 1);
	forget(in, 3);
}

/* Joins bucket 1 with all that differs, which is refused, and compares. */
static void refused(int fd, int code)
{
	struct pmreuseport_config config = config_of(2, 1);
	struct pmreuseport_member *member;
	struct snapshot before, after;
	const unsigned int n = pins();

	config.fallback = PMREUSEPORT_DROP;
	config.seed = "another";
	take(&before);
	assert_int_equal(pmreuseport_join(fd, &config, &member, &error), code);
	take(&after);
	check_same(&before, &after);
	assert_int_equal(pins(), n);
	drop_snapshot(&before);
	drop_snapshot(&after);
}

/* The kernel refuses the socket when it is to enter the bucket. */
static void refused_at_the_bucket(void)
{
	__u32 key = 0;
	__u64 value;
	int array;

	value = open_socket(AF_INET, SOCK_DGRAM);
	array = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "strangers", sizeof(key),
			       sizeof(value), 1, NULL);
	assert_int_equal(bpf_map_update_elem(array, &key, &value, BPF_ANY), 0);
	refused(value, -EBUSY);
	assert_int_equal(error.refusal, PMREUSEPORT_OTHER_ARRAY);
	close(array);
	close(value);
}

static void test_refused_at_the_bucket(void **state)
{
	NEEDS_SANDBOX();
	dead_cluster();
	refused_at_the_bucket();
}

/* As with the selector of another version, which is not shared. */
static void test_refused_with_another_selector(void **state)
{
	char path[2 * PMR_PATH_MAX];

	NEEDS_SANDBOX();
	dead_cluster();
	snprintf(path, sizeof(path), "%s/_selector_id", endpoint);
	assert_return_code(unlink(path), errno);
	assert_return_code(symlink("another-version", path), errno);
	refused_at_the_bucket();
}

/* The kernel refuses the program, when the socket is in its bucket already. */
static void test_refused_at_the_program(void **state)
{
	int fd;

	NEEDS_SANDBOX();
	dead_cluster();
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &(int){1}, sizeof(int)),
			   errno);
	refused(fd, -EPERM);
	assert_true(says("cannot attach the selector"));
	close(fd);
}

/* The kernel refuses to write one of the tables; the others are written by then. */
static void test_refused_at_a_table(void **state)
{
	int fd, size;

	NEEDS_SANDBOX();
	dead_cluster();
	size = open_pin("../size");
	assert_int_equal(bpf_map_freeze(size), 0);
	close(size);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	refused(fd, -EPERM);
	assert_true(says("cannot write the tables"));
	close(fd);
}

/* A socket that was released does not go back after another one was refused. */
static void test_released_stays_released(void **state)
{
	struct instance in;
	unsigned int released;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 1, 0);
	assert_int_equal(pmr_bucket_release("default", 0, false, &released, &error), 0);
	assert_int_equal(pmreuseport_state(in.member), PMREUSEPORT_RELEASED);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &(int){1}, sizeof(int)),
			   errno);
	snprintf(endpoint, sizeof(endpoint), "%s", pmreuseport_path(in.member));
	refused(fd, -EPERM);
	assert_int_equal(pmreuseport_state(in.member), PMREUSEPORT_RELEASED);
	close(fd);
	forget(&in, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_refused_at_the_bucket),
		IN_SANDBOX(test_refused_with_another_selector),
		IN_SANDBOX(test_refused_at_the_program),
		IN_SANDBOX(test_refused_at_a_table),
		IN_SANDBOX(test_released_stays_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
