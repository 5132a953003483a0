/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options and arguments that several commands have; see common/command_line.h. */
#ifndef PMREUSEPORT_OPTIONS_H
#define PMREUSEPORT_OPTIONS_H

#include "common/command_line.h"
#include "operator.h"

#define SECONDS_MAX 3600

#define OPTION_CLUSTER_AS(type, field, text)                                                   \
	.name = "cluster", .letter = 'c', .value = "NAME", .help = (text), .kind = VALUE_TEXT, \
	FIELD(type, field)

/* Of a command that changes something: its options begin with PMREUSEPORT_DEFAULT_CLUSTER. */
#define OPTION_CLUSTER(type) OPTION_CLUSTER_IN(type, cluster)
#define OPTION_CLUSTER_IN(type, field)                                                           \
	{                                                                                        \
		OPTION_CLUSTER_AS(type, field, "The name of the cluster (default: \"default\")") \
	}

/* Of a command that only reads: NULL, and then options_choose_cluster(). */
#define OPTION_CLUSTER_READ(type)                                                        \
	{                                                                                \
		OPTION_CLUSTER_AS(type, cluster,                                         \
				  "The name of the cluster (default: the only one that " \
				  "exists, else \"default\")")                           \
	}

/* Of a command that shows all clusters: NULL. */
#define OPTION_CLUSTER_ALL(type)                                                                   \
	{                                                                                          \
		OPTION_CLUSTER_AS(type, cluster, "Only the cluster with this name (default: all)") \
	}

#define OPTION_CLUSTER_REQUIRED(type)                                        \
	{                                                                    \
		OPTION_CLUSTER_AS(type, cluster, "The name of the cluster"), \
			.missing = "name the cluster with -c NAME"           \
	}

#define OPTION_JSON(type)                                                                          \
	{                                                                                          \
		.name = "json", .help = "Print JSON, one object on each line", .kind = VALUE_NONE, \
		FIELD(type, json)                                                                  \
	}

#define OPTION_DRY_RUN(type, text)                                                          \
	{                                                                                   \
		.name = "dry-run", .help = (text), .kind = VALUE_NONE, FIELD(type, dry_run) \
	}

/* The fields seconds and by_bytes: how exporters are measured, and which of them is heavy. */
#define OPTION_SECONDS(type, standard)                                                         \
	{                                                                                      \
		.name = "seconds", .letter = 's', .value = "S",                                \
		.help = "Measure for S seconds (default: " standard ")", .kind = VALUE_NUMBER, \
		.min = 1, .max = SECONDS_MAX, FIELD(type, seconds)                             \
	}
#define OPTION_BY(type)                                                              \
	{                                                                            \
		.name = "by", .value = "packets|bytes",                              \
		.help = "Rank exporters by packets or bytes (default: packets)",     \
		.kind = VALUE_WORD, .words = options_by_words, FIELD(type, by_bytes) \
	}

extern const char *const options_by_words[];

/* The field bucket: which hash bucket. */
#define ARGUMENT_BUCKET(type)                                                                      \
	{                                                                                          \
		.name = "BUCKET", .kind = VALUE_NUMBER, .max = PMR_MAX_BUCKETS - 1,                \
		.missing = "give the number of a hash bucket, counted from 0", FIELD(type, bucket) \
	}

/* For struct command_line: says how to name a cluster that was given as an argument. */
bool options_advise(const struct command_line *line, const char *text, bool expected, char *advice,
		    size_t size);

/*
 * The cluster for a command that only reads: 'given', or if that is NULL the only one that
 * exists, or "default". The name is kept in 'only'.
 */
const char *options_choose_cluster(const char *given, char only[PMREUSEPORT_CLUSTER_NAME_MAX + 1]);

#endif
