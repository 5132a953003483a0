/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration file, read as pmacct and the library read it. */
#include "doctor/check_conf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/spelling.h"
#include "fork/judge.h"
#include "fork/template.h"

#define KEY_COUNT "reuseport_hashbucket_count"
#define KEY_INDEX "reuseport_hashbucket_index"
#define KEY_PROG "reuseport_bpf_prog"
#define KEY_FALLBACK "reuseport_fallback"
#define KEY_ENDPOINTS "reuseport_endpoints"
#define KEY_SEED "reuseport_seed"
#define KEY_CLUSTER "cluster_name"
#define KEY_BMP_HA_CLUSTER "bmp_daemon_ha_cluster_name"
#define KEY_BGP_HA_CLUSTER "bgp_daemon_ha_cluster_name"
#define KEY_PIPE_SIZE "nfacctd_pipe_size"

/* Keys that are checked here, and apply to the whole daemon. */
static const char *const global[] = {
	KEY_COUNT,
	KEY_INDEX,
	KEY_PROG,
	KEY_FALLBACK,
	KEY_ENDPOINTS,
	KEY_SEED,
	KEY_CLUSTER,
	"pidfile",
	"nfacctd_port",
	"nfacctd_ip",
	KEY_PIPE_SIZE,
	"bmp_daemon",
	"daemonize",
	"bgp_daemon",
	"logfile",
	"bmp_daemon_port",
	"bgp_daemon_port",
	"bmp_daemon_max_peers",
	"bgp_daemon_max_peers",
};

/* Keys of unpatched pmacct for a program that selects the socket. */
static const char *const others[] = {
	"nfacctd_rp_ebpf_prog",
	"bmp_daemon_rp_ebpf_prog",
	"bgp_daemon_rp_ebpf_prog",
};

static const char *const no_sockets[] = {
	"pcap_savefile",
	"nfacctd_kafka_broker_host",
	"nfacctd_zmq_address",
};

static const struct {
	const char *daemon; /* NULL: always on */
	const char *key;
	unsigned int port;
} ports[PORTS] = {
	[PORT_FLOWS] = {NULL, "nfacctd_port", 2100},
	[PORT_BMP] = {"bmp_daemon", "bmp_daemon_port", 1790},
	[PORT_BGP] = {"bgp_daemon", "bgp_daemon_port", 179},
};

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static bool is_global(const char *key)
{
	size_t i;

	for (i = 0; i < LENGTH(global); i++)
		if (!strcmp(key, global[i]))
			return true;
	return false;
}

static void check_line(struct findings *findings, const char *file, const struct conf *conf,
		       const struct conf_entry *entry)
{
	const struct conf_line *line = &entry->line;
	const struct conf_entry *last;
	const char *meant;

	if (line->wrong) {
		findings_add(findings, "config", FINDING_FAIL,
			     "line %u of %s is wrong: %s; pmacct does not start with it",
			     entry->number, file, line->wrong);
		findings_fix(findings, "%s", entry->advice);
		return;
	}
	meant = spelling_of(line->key);
	if (meant) {
		findings_add(findings, "config", FINDING_FAIL,
			     "line %u of %s has a key \"%s\", which pmacct does not know, and "
			     "ignores",
			     entry->number, file, line->key);
		findings_fix(findings, "write %s", meant);
	}
	if (!is_global(line->key))
		return;
	if (line->plugin[0]) {
		findings_add(findings, "config", FINDING_WARN,
			     "line %u of %s has %s[%s], but that key applies to the whole daemon",
			     entry->number, file, line->key, line->plugin);
		findings_fix(findings, "write %s without a plugin", line->key);
	}
	last = conf_find(conf, line->key);
	if (last != entry && strcmp(last->value, entry->value)) {
		findings_add(findings, "config", FINDING_WARN,
			     "line %u of %s sets %s to \"%.100s\", but line %u overrides it with "
			     "\"%.100s\"",
			     entry->number, file, line->key, entry->value, last->number,
			     last->value);
		findings_fix(findings, "keep one of the two");
	}
}

/* The first of the keys that is set, or NULL. */
static const char *first_set(const struct conf *conf, const char *const *keys, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (conf_get(conf, keys[i]))
			return keys[i];
	return NULL;
}

static bool opens(const struct instance *instance, int p)
{
	if (instance->pmbmpd)
		return p == PORT_BMP;
	return !ports[p].daemon || conf_is_true(&instance->conf, ports[p].daemon);
}

/* As pmacct reads it: with atoi(), and the default instead of a value out of range. */
static void read_ports(struct findings *findings, struct instance *instance)
{
	const char *value;
	int p, port;

	for (p = 0; p < PORTS; p++) {
		if (!opens(instance, p))
			continue;
		instance->ports[p] = ports[p].port;
		value = conf_get(&instance->conf, ports[p].key);
		if (!value)
			continue;
		port = atoi(value);
		if (port > 0 && port <= 65535) {
			instance->ports[p] = port;
			continue;
		}
		findings_add(findings, "config", FINDING_WARN,
			     "%s is \"%.100s\" in %s, which is not a port, so pmacct uses %u",
			     ports[p].key, value, instance->file, ports[p].port);
		findings_fix(findings, "set it to a number from 1 to 65535");
	}
}

static void read_pipe_size(struct findings *findings, struct instance *instance)
{
	const char *value = conf_get(&instance->conf, KEY_PIPE_SIZE);
	char *end;

	if (!value)
		return;
	instance->pipe_size = strtoll(value, &end, 10);
	if (instance->pipe_size <= 0 || instance->pipe_size > INT_MAX) {
		instance->pipe_size = 0;
		findings_add(findings, "config", FINDING_WARN,
			     "%s is \"%.100s\" in %s, which pmacct ignores, so the queue of the "
			     "socket is short",
			     KEY_PIPE_SIZE, value, instance->file);
	} else if (*end) {
		findings_add(findings, "config", FINDING_WARN,
			     "%s is \"%.100s\" in %s, of which pmacct reads only the number, so it "
			     "requests a queue of %lld bytes",
			     KEY_PIPE_SIZE, value, instance->file, instance->pipe_size);
	} else {
		return;
	}
	findings_fix(findings, "set it to a number of bytes");
}

/* The names of BMP and BGP are one value of the daemon: the last line counts. */
static int set_ha_cluster(struct instance *instance, struct pmreuseport_error *error)
{
	const struct conf_entry *bmp = conf_find(&instance->conf, KEY_BMP_HA_CLUSTER);
	const struct conf_entry *bgp = conf_find(&instance->conf, KEY_BGP_HA_CLUSTER);
	const struct conf_entry *last = !bmp || (bgp && bgp > bmp) ? bgp : bmp;

	return last ? pmreuseport_config_set_key(instance->config, last->line.key, last->value,
						 error)
		    : 0;
}

/* Validates the keys with the library. -x may be on the command line of the daemon. */
static int configure(struct instance *instance, struct pmreuseport_error *error)
{
	static const char *const keys[] = {KEY_COUNT,	  KEY_PROG, KEY_FALLBACK,
					   KEY_ENDPOINTS, KEY_SEED, KEY_CLUSTER};
	const char *index =
		instance->index ? instance->index : conf_get(&instance->conf, KEY_INDEX);
	size_t i;
	int err;

	instance->config = pmreuseport_config_new(error);
	if (!instance->config)
		return -ENOMEM;
	instance->any_index = conf_get(&instance->conf, KEY_COUNT) && !index;
	err = pmreuseport_config_set_key(instance->config, KEY_INDEX,
					 instance->any_index ? "0" : index, error);
	for (i = 0; !err && i < LENGTH(keys); i++)
		err = pmreuseport_config_set_key(instance->config, keys[i],
						 conf_get(&instance->conf, keys[i]), error);
	if (!err)
		err = set_ha_cluster(instance, error);
	return err ? err : pmreuseport_config_check(instance->config, error);
}

static void say_off(struct findings *findings, const struct instance *instance)
{
	const char *other = first_set(&instance->conf, others, LENGTH(others));

	findings_add(findings, "config", FINDING_WARN, "no reuseport_* key is set in %s%s%s, so %s",
		     instance->file, other ? ", but " : "", other ? other : "",
		     other ? "that program selects the socket of an exporter"
			   : "it is not an instance of a cluster");
	findings_fix(findings, "set %s and %s%s%s", KEY_COUNT, KEY_INDEX,
		     other ? ", and remove " : "", other ? other : "");
}

static const char *kept_out_text(const struct instance *instance, int p)
{
	return instance->ports[p] && instance_keeps_out(instance, p) ? " outside of the cluster"
								     : "";
}

static void say_on(struct findings *findings, const struct instance *instance)
{
	const struct pmreuseport_config *config = instance->config;
	char bucket[32];

	if (instance->any_index) {
		findings_add(findings, "config", FINDING_WARN,
			     "%s has no %s, so the daemon must be started with -x", instance->file,
			     KEY_INDEX);
		findings_fix(findings, "set it, or start nfacctd with -x INDEX");
	}
	snprintf(bucket, sizeof(bucket), instance->any_index ? "any" : "%u", config->index);
	findings_add(findings, "config", FINDING_OK,
		     "%s is for hash bucket %s of %u in cluster \"%s\"; fallback %s; ports: "
		     "flows "
		     "%u%s, BMP %u%s, BGP %u%s (0: none)",
		     instance->file, bucket, config->count, config->cluster,
		     config->fallback == PMREUSEPORT_DROP ? "drop" : "rehash",
		     instance->ports[PORT_FLOWS], kept_out_text(instance, PORT_FLOWS),
		     instance->ports[PORT_BMP], kept_out_text(instance, PORT_BMP),
		     instance->ports[PORT_BGP], kept_out_text(instance, PORT_BGP));
}

/* The patched daemons check this, too. */
static void check_together(struct findings *findings, const struct instance *instance)
{
	const char *other = first_set(&instance->conf, others, LENGTH(others));
	const char *source = first_set(&instance->conf, no_sockets, LENGTH(no_sockets));

	if (other) {
		findings_add(findings, "config", FINDING_FAIL,
			     "%s has both reuseport_* keys and %s, which attaches another program",
			     instance->file, other);
		findings_fix(findings, "remove one of them");
	}
	if (source) {
		findings_add(findings, "config", FINDING_WARN,
			     "%s has %s, and only traffic from a socket is balanced",
			     instance->file, source);
		findings_fix(findings, "remove it, or the reuseport_* keys");
	}
}

static void add_note(struct findings *findings, const char *file, const struct fork_note *note)
{
	if (!note->fix)
		return;
	findings_add(findings, "config", FINDING_WARN, "%s: %.*s", file,
		     (int)(note->fix - note->text - strlen("; ")), note->text);
	findings_fix(findings, "%s", note->fix);
}

/* What "fork" says about it that holds for one instance. */
static void check_meaning(struct findings *findings, const char *file)
{
	struct pmreuseport_error error = {0};
	struct fork_template template;
	size_t i;
	int err;

	err = fork_template_read(&template, file, &error);
	if (!err)
		err = fork_template_judge(&template, &error);
	for (i = 0; !err && i < template.n_notes; i++)
		add_note(findings, file, &template.notes[i]);
	if (err)
		findings_add_error(findings, "config", FINDING_FAIL, &error);
	fork_template_free(&template);
}

void check_conf(struct findings *findings, struct instance *instance)
{
	const size_t failures = findings->results[FINDING_FAIL];
	struct pmreuseport_error error = {0};
	size_t i;
	int ret;

	if (conf_read(&instance->conf, instance->file, &error)) {
		findings_add_error(findings, "config", FINDING_FAIL, &error);
		return;
	}
	for (i = 0; i < instance->conf.n; i++)
		check_line(findings, instance->file, &instance->conf, &instance->conf.list[i]);
	read_ports(findings, instance);
	read_pipe_size(findings, instance);
	ret = configure(instance, &error);
	if (ret)
		check_together(findings, instance);
	if (ret < 0)
		findings_add_error(findings, "config", FINDING_FAIL, &error);
	else if (!ret)
		say_off(findings, instance);
	else if (failures == findings->results[FINDING_FAIL])
		say_on(findings, instance);
	instance->balanced = ret > 0;
	if (instance->balanced)
		check_meaning(findings, instance->file);
}
