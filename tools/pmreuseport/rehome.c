/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "rehome": close the TCP sessions that are not where they would go now. */
#include "commands.h"
#include "common/pacer.h"
#include "common/report.h"
#include "options.h"
#include "sockets/sessions.h"
#include "view/placement.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>

#define DEFAULT_RATE 20
#define MAX_RATE 1000000

struct options {
	const char *cluster;
	bool json;
	bool dry_run;
	unsigned int rate;
};

struct counts {
	size_t closed; /* or would be */
	size_t home;
	size_t unknown; /* of a process that is in no bucket */
	size_t hidden;	/* of a process that may be in a bucket */
	size_t nowhere; /* no bucket would take it now */
	size_t gone;	/* ended before they were closed */
};

static const struct parameter options[] = {
	{.name = "rate",
	 .value = "N",
	 .help = "Close at most N sessions per second (default: 20)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = MAX_RATE,
	 FIELD(struct options, rate)},
	OPTION_DRY_RUN(struct options, "Only print which sessions would be closed"),
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary = "Close the BMP and BGP sessions that are in the wrong instance, so that their "
		   "router connects again and reaches the right one.",
	.details =
		"When an instance is back, or the number of hash buckets has changed, flows move "
		"but open sessions stay where they are. Only sessions in this network namespace "
		"are seen. Sessions of a process that is in no bucket are left alone. The command "
		"fails if it cannot tell which bucket a session is in, because the process is in "
		"a pid namespace that cannot be seen from here.",
	.example = "pmreuseport rehome --dry-run",
	.advise = options_advise,
};

/* Where the output about single sessions goes. */
struct answer {
	const struct options *opt;
	json_t *list; /* NULL: print text */
};

static int tell(struct answer *answer, const struct session *s, const struct sessions *sessions,
		unsigned int to, const char *what)
{
	char address[INET6_ADDRSTRLEN];
	const bool v6 = s->sk.family == AF_INET6;
	const bool mapped = v6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)s->sk.id.idiag_dst);
	const unsigned int port = ntohs(s->sk.id.idiag_dport);

	if (mapped)
		inet_ntop(AF_INET, &s->sk.id.idiag_dst[3], address, sizeof(address));
	else
		inet_ntop(s->sk.family, s->sk.id.idiag_dst, address, sizeof(address));
	if (answer->list)
		return json_array_append_new(answer->list,
					     json_pack("{s:s, s:s, s:i, s:i, s:i, s:s}", "endpoint",
						       sessions->endpoints[s->endpoint].name,
						       "address", address, "port", (int)port,
						       "from", s->bucket, "to", (int)to, "result",
						       what));
	printf(v6 && !mapped ? "[%s]:%u" : "%s:%u", address, port);
	printf(" bucket %d -> %u %s\n", s->bucket, to, what);
	return 0;
}

/* 1: it belongs to another bucket now, *to. 0: it stays, and is counted. */
static int misplaced(const struct session *s, const struct sessions *sessions, unsigned int *to,
		     struct counts *counts, struct pmreuseport_error *error)
{
	const struct pmr_view *view;
	struct pmr_place place;
	int err;

	if (s->bucket < 0) {
		++*(s->bucket == OWNER_HIDDEN ? &counts->hidden : &counts->unknown);
		return 0;
	}
	err = fresh_view_look(&sessions->endpoints[s->endpoint].now, &view, error);
	if (err)
		return err;
	place = pmr_view_place(view, s->sk.family, s->sk.id.idiag_dst);
	*to = place.bucket;
	if (!placement_is_bucket(&place))
		counts->nowhere++;
	else if (place.bucket == (unsigned int)s->bucket)
		counts->home++;
	else
		return 1;
	return 0;
}

static int rehome(struct answer *answer, const struct sessions *sessions, struct diag *diag,
		  struct counts *counts, struct pmreuseport_error *error)
{
	struct pacer pacer;
	unsigned int to;
	size_t i;
	int ret;

	pacer_init(&pacer, answer->opt->rate);
	for (i = 0; i < sessions->n; i++) {
		const struct session *s = &sessions->list[i];
		const char *what = "would be closed";

		ret = misplaced(s, sessions, &to, counts, error);
		if (ret == 1 && !answer->opt->dry_run) {
			/* Instances may have joined or ended meanwhile. */
			pacer_wait(&pacer);
			ret = misplaced(s, sessions, &to, counts, error);
			what = "closed";
		}
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		if (!answer->opt->dry_run)
			ret = diag_destroy(diag, &s->sk, error);
		if (ret == -ENOENT) {
			what = "gone";
			counts->gone++;
		} else if (ret < 0) {
			return ret;
		} else {
			counts->closed++;
		}
		if (tell(answer, s, sessions, to, what))
			return pmr_error(error, -ENOMEM, "out of memory for the answer",
					 "add memory, or raise the memory limit");
	}
	return 0;
}

static int print_summary(const struct options *opt, const struct sessions *sessions,
			 const struct counts *counts)
{
	printf("%zu session%s: %zu %s, %zu at home", sessions->n, sessions->n == 1 ? "" : "s",
	       counts->closed, opt->dry_run ? "would be closed" : "closed", counts->home);
	if (counts->unknown)
		printf(", %zu left alone because no instance in a bucket has them",
		       counts->unknown);
	if (counts->hidden)
		printf(", %zu unknown", counts->hidden);
	if (counts->nowhere)
		printf(", %zu kept because no bucket would take them now", counts->nowhere);
	if (counts->gone)
		printf(", %zu gone meanwhile", counts->gone);
	putchar('\n');
	return report_done();
}

static int print_json(struct answer *answer, const struct sessions *sessions,
		      const struct counts *counts)
{
	return report_json(
		json_pack("{s:s, s:b, s:O, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "cluster",
			  answer->opt->cluster, "dry_run", answer->opt->dry_run, "misplaced",
			  answer->list, "sessions", (json_int_t)sessions->n, "closed",
			  (json_int_t)(answer->opt->dry_run ? 0 : counts->closed), "home",
			  (json_int_t)counts->home, "unknown", (json_int_t)counts->unknown,
			  "hidden", (json_int_t)counts->hidden, "nowhere",
			  (json_int_t)counts->nowhere, "gone", (json_int_t)counts->gone));
}

/* -ENOENT: all of the cluster is in other network namespaces. */
static int check_elsewhere(const struct sessions *sessions, struct pmreuseport_error *error)
{
	const struct pmr_live_socket *other = &sessions->elsewhere;
	char how[80] = "";

	if (!other->endpoint[0])
		return 0;
	if (other->pid && !other->elsewhere)
		snprintf(how, sizeof(how), ": nsenter --net=/proc/%d/ns/net pmreuseport ...",
			 (int)other->pid);
	pmr_error(error, 0,
		  "endpoint %s is in another network namespace, whose sessions cannot be seen from "
		  "here",
		  "run this in it, too%s", other->endpoint, how);
	if (!sessions->n_endpoints)
		return -ENOENT;
	warnx("%s; %s", error->what, error->advice);
	return 0;
}

/* -ESRCH: some sessions were left alone because nobody can tell whether they are in place. */
static int check_hidden(const struct sessions *sessions, const struct counts *counts,
			struct pmreuseport_error *error)
{
	const struct session_owner *owner = sessions->owners;

	if (!counts->hidden)
		return 0;
	while (owner->pid)
		owner++;
	return pmr_error(error, -ESRCH,
			 "cannot tell which bucket %zu of %zu session%s in: the process of bucket "
			 "%d of %s cannot be seen from here",
			 "run this in the pid namespace of the host, as root with CAP_SYS_PTRACE",
			 counts->hidden, sessions->n, sessions->n == 1 ? " is" : "s are",
			 owner->bucket, sessions->endpoints[owner->endpoint].name);
}

int command_rehome(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER, .rate = DEFAULT_RATE};
	struct pmreuseport_error error = {0};
	struct answer answer = {.opt = &opt};
	struct sessions sessions = {0};
	struct counts counts = {0};
	struct diag diag = {0};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (opt.json)
		answer.list = json_array();
	ret = diag_open(&diag, &error);
	if (!ret)
		ret = sessions_read(&sessions, &diag, opt.cluster, &error);
	if (!ret)
		ret = check_elsewhere(&sessions, &error);
	if (!ret)
		ret = rehome(&answer, &sessions, &diag, &counts, &error);
	if (ret)
		ret = report_failure(&error);
	else if (opt.json)
		ret = print_json(&answer, &sessions, &counts);
	else
		ret = print_summary(&opt, &sessions, &counts);
	if (!ret && check_hidden(&sessions, &counts, &error))
		ret = report_failure(&error);
	json_decref(answer.list);
	sessions_free(&sessions);
	diag_close(&diag);
	return ret;
}
