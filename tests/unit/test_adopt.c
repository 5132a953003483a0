// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of other processes, and sockets that others have already balanced. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "instances.h"
#include "records.h"

static const struct pmr_adoption of_4711 = {.owner = {.pid = 4711, .comm = "collector"}};

static struct pmr_member_record record_of(const struct pmreuseport_member *member, __u32 index)
{
	struct pmr_member_record record;
	int fd = pmr_records_open(pmreuseport_path(member));

	assert_return_code(fd, -fd);
	assert_int_equal(bpf_map_lookup_elem(fd, &index, &record), 0);
	close(fd);
	return record;
}

/* True if the group of the socket has a program. Detaches it. */
static bool had_program(int fd)
{
	return !setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0}, sizeof(int));
}

static void test_the_record_names_the_owner(void **state)
{
	struct pmreuseport_config config = config_of(1, 0);
	struct instance in;
	struct pmr_member_record record;
	int copy;

	NEEDS_SANDBOX();
	in.fd = open_socket(AF_INET, SOCK_DGRAM);
	copy = dup(in.fd);
	assert_int_equal(pmr_adopt(copy, &of_4711, &config, &in.member, &error), 0);
	close(copy);
	record = record_of(in.member, 0);
	assert_int_equal(record.pid, 4711);
	assert_int_not_equal(record.pid_ns, 0);
	assert_string_equal(record.comm, "collector");
	check_all(&in, 1, AF_INET, SOCK_DGRAM, 20);
	forget(&in, 1);
}

static void test_only_if_it_is_free(void **state)
{
	const struct pmr_adoption if_free = {.owner = of_4711.owner, .if_free = true};
	struct pmreuseport_config config = config_of(2, 0);
	struct pmreuseport_member *member;
	struct pmreuseport_process holder;
	struct instance in;
	int fd;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_adopt(fd, &if_free, &config, &member, &error), -EEXIST);
	assert_true(says("is held by another process"));
	assert_false(pmr_bucket_taken_by(in.member, &holder));
	assert_int_equal(record_of(in.member, 0).pid, getpid());

	/* The socket itself may already be in the bucket. */
	assert_int_equal(pmr_adopt(in.fd, &if_free, &config, &member, &error), 0);
	pmreuseport_free(member);

	/* Without if_free it takes over, and the old holder can tell who did. */
	assert_int_equal(pmr_adopt(fd, &of_4711, &config, &member, &error), 0);
	assert_true(pmreuseport_previous(member, &holder));
	assert_true(pmr_bucket_taken_by(in.member, &holder));
	assert_int_equal(holder.pid, 4711);
	assert_string_equal(holder.comm, "collector");
	pmreuseport_free(member);
	close(fd);
	forget(&in, 1);
}

static void test_undo(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct instance in[2];
	struct pmreuseport_member *again;

	NEEDS_SANDBOX();
	in[0].fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_adopt(in[0].fd, &of_4711, &config, &in[0].member, &error), 0);

	/* The earlier socket stays. */
	assert_int_equal(pmr_adopt(in[0].fd, &of_4711, &config, &again, &error), 0);
	assert_int_equal(pmr_adopt_undo(in[0].fd, again, &error), 0);
	pmreuseport_free(again);
	assert_true(held(in[0].member));

	/* The program stays too while a live socket depends on it. */
	config.index = 1;
	in[1].fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_adopt(in[1].fd, &of_4711, &config, &in[1].member, &error), 0);
	assert_int_equal(pmr_adopt_undo(in[1].fd, in[1].member, &error), 0);
	assert_false(held(in[1].member));
	for (unsigned int i = 0; i < 20; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(in, 2, SOCK_DGRAM), 0);
	}
	assert_int_equal(pmr_adopt_undo(in[0].fd, in[0].member, &error), 0);
	assert_false(had_program(in[0].fd));
	forget(in, 2);
}

/* The program is attached if it does. */
static void test_process_that_was_taken_over_may_come_back(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct instance in, by;

	NEEDS_SANDBOX();
	join(&in, AF_INET, SOCK_DGRAM, 2, 0);
	by.fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_adopt(by.fd, &of_4711, &config, &by.member, &error), 0);
	assert_int_equal(pmr_adopt_undo(by.fd, by.member, &error), 0);
	assert_int_equal(pmreuseport_return(&in.member, &in.fd, 1, &error), 1);
	assert_true(held(in.member));
	assert_true(had_program(in.fd));
	forget(&in, 1);
	forget(&by, 1);
}

static void test_undo_without_pins(void **state)
{
	struct pmreuseport_config config = config_of(2, 0);
	struct instance in;

	NEEDS_SANDBOX();
	in.fd = open_socket(AF_INET, SOCK_DGRAM);
	assert_int_equal(pmr_adopt(in.fd, &of_4711, &config, &in.member, &error), 0);
	assert_int_equal(system("rm -r " CLUSTER_PATH "/udp-*"), 0);
	assert_int_equal(pmr_adopt_undo(in.fd, in.member, &error), 0);
	forget(&in, 1);
}

/* A program that takes what is in entry 0 of its array. */
static int load_foreign_selector(int array)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4, .imm = 0},
		{.code = BPF_LD | BPF_IMM | BPF_DW,
		 .dst_reg = BPF_REG_2,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = array},
		{0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_3, .src_reg = BPF_REG_10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_3, .imm = -4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_4, .imm = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_sk_select_reuseport},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = SK_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_SK_REUSEPORT, "foreign", "GPL", insns,
			     sizeof(insns) / sizeof(insns[0]), NULL);
}

static void test_a_foreign_group_keeps_its_program(void **state)
{
	struct pmreuseport_config config = config_of(1, 0);
	struct pmreuseport_member *member;
	struct instance in[2] = {0};
	__u32 key = 0;
	__u64 value;
	unsigned int before;
	int array, prog;

	NEEDS_SANDBOX();
	in[0].fd = open_socket(AF_INET, SOCK_DGRAM);
	in[1].fd = open_socket(AF_INET, SOCK_DGRAM);
	array = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "foreign", 4, 8, 1, NULL);
	assert_return_code(array, errno);
	value = in[0].fd;
	assert_int_equal(bpf_map_update_elem(array, &key, &value, BPF_ANY), 0);
	prog = load_foreign_selector(array);
	assert_return_code(prog, errno);
	assert_return_code(setsockopt(in[0].fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog,
				      sizeof(prog)),
			   errno);

	before = pins();
	assert_int_equal(pmreuseport_join(in[0].fd, &config, &member, &error), -EBUSY);
	assert_true(says("in an array of another program"));
	assert_int_equal(pins(), before);
	for (unsigned int i = 0; i < 50; i++) {
		close(send_from(i, AF_INET, SOCK_DGRAM));
		assert_int_equal(who_got_it(in, 2, SOCK_DGRAM), 0);
	}
	close(prog);
	close(array);
	forget(in, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SANDBOX(test_the_record_names_the_owner),
		IN_SANDBOX(test_only_if_it_is_free),
		IN_SANDBOX(test_undo),
		IN_SANDBOX(test_process_that_was_taken_over_may_come_back),
		IN_SANDBOX(test_undo_without_pins),
		IN_SANDBOX(test_a_foreign_group_keeps_its_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
