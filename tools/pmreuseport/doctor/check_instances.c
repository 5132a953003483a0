/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several configuration files, of the instances of one cluster. */
#include "doctor/check_instances.h"

#include <stdio.h>
#include <string.h>

#include "doctor/check_shared.h"
#include "doctor/port_address.h"
#include "fork/rules.h"
#include "fork/value.h"

static const char *const port_keys[PORTS] = {
	[PORT_FLOWS] = "nfacctd_port",
	[PORT_BMP] = "bmp_daemon_port",
	[PORT_BGP] = "bgp_daemon_port",
};

static const char *prog_of(const struct instance *instance)
{
	return instance->config->bpf_prog ? instance->config->bpf_prog : "";
}

static void differ(struct findings *findings, const struct instance *a, const struct instance *b,
		   const char *key)
{
	findings_add(findings, "instances", FINDING_FAIL,
		     "%s and %s are for cluster \"%s\", but differ in %s", a->file, b->file,
		     a->config->cluster, key);
	findings_fix(findings, "use the same value in all files");
}

/* Sockets on different addresses are different reuseport groups; see overlap.h. */
static void check_address(struct findings *findings, const struct instance *a,
			  const struct instance *b, int p)
{
	struct port_address of_a, of_b;

	if (!port_address_read(&a->conf, p, &of_a) || !port_address_read(&b->conf, p, &of_b) ||
	    of_a.device != of_b.device || pmr_local_same(&of_a.local, &of_b.local) ||
	    !pmr_local_overlap(&of_a.local, &of_b.local))
		return;
	findings_add(findings, "instances", FINDING_FAIL,
		     "%s and %s are for cluster \"%s\", but use different addresses for %s that "
		     "overlap, so only one of the two could join",
		     a->file, b->file, a->config->cluster, port_keys[p]);
	findings_fix(findings, "use the same address in all files");
}

static void check_same(struct findings *findings, const struct instance *a,
		       const struct instance *b)
{
	int p;

	if (a->config->count != b->config->count)
		differ(findings, a, b, "reuseport_hashbucket_count");
	if (a->config->fallback != b->config->fallback)
		differ(findings, a, b, "reuseport_fallback");
	if (strcmp(pmr_seed_of(a->config), pmr_seed_of(b->config)))
		differ(findings, a, b, "reuseport_seed");
	if (strcmp(prog_of(a), prog_of(b)))
		differ(findings, a, b, "reuseport_bpf_prog");
	if (a->config->endpoints != b->config->endpoints)
		differ(findings, a, b, "reuseport_endpoints");
	for (p = 0; p < PORTS; p++) {
		if (instance_keeps_out(a, p) || instance_keeps_out(b, p))
			continue;
		if (a->ports[p] == b->ports[p]) {
			if (a->ports[p])
				check_address(findings, a, b, p);
			continue;
		}
		findings_add(findings, "instances", FINDING_WARN,
			     "%s has %u as %s, but %s has %u, so the instances do not share the "
			     "port (0: none)",
			     a->file, a->ports[p], port_keys[p], b->file, b->ports[p]);
		findings_fix(findings,
			     "use the same value in all files, or leave it out of the cluster with "
			     "reuseport_endpoints");
	}
}

/* Keys that "fork" changes. Whether sql_* is a file depends on the type of the plugin. */
static bool must_differ(const struct conf_entry *entry)
{
	const struct fork_rule *rule = entry->line.wrong ? NULL : fork_rule_of(entry->line.key);

	if (!rule || (rule->how != FORK_FILE && rule->how != FORK_SOCKET))
		return false;
	return strncmp(rule->key, "sql_", 4) && !fork_is_device(entry->value);
}

static const struct conf_entry *same_entry(const struct conf *conf, const struct conf_entry *entry)
{
	size_t i;

	for (i = 0; i < conf->n; i++)
		if (!conf->list[i].line.wrong && !strcmp(conf->list[i].line.key, entry->line.key) &&
		    !strcmp(conf->list[i].value, entry->value))
			return &conf->list[i];
	return NULL;
}

/* Two sockets in no bucket, which the kernel would take for one group. */
static void check_outside(struct findings *findings, const struct instance *a,
			  const struct instance *b, int p)
{
	struct port_address of_a, of_b;

	if (!a->ports[p] || a->ports[p] != b->ports[p] || !instance_keeps_out(a, p) ||
	    !instance_keeps_out(b, p) || !port_address_read(&a->conf, p, &of_a) ||
	    !port_address_read(&b->conf, p, &of_b) || of_a.device != of_b.device ||
	    !pmr_local_overlap(&of_a.local, &of_b.local))
		return;
	findings_add(findings, "instances", FINDING_FAIL,
		     "%s and %s have the same %s, %u, which reuseport_endpoints leaves out of the "
		     "cluster, so any of the two would get what arrives there",
		     a->file, b->file, port_keys[p], a->ports[p]);
	findings_fix(findings, "give each instance a different port or address, as pmreuseport "
			       "fork does");
}

static void check_different(struct findings *findings, const struct instance *a,
			    const struct instance *b)
{
	const struct conf_entry *entry;
	int p;

	for (entry = b->conf.list; entry < b->conf.list + b->conf.n; entry++) {
		if (!must_differ(entry) || !same_entry(&a->conf, entry))
			continue;
		findings_add(findings, "instances", FINDING_WARN,
			     "%s and %s have the same %s, %s, to which both would write", a->file,
			     b->file, entry->line.key, entry->value);
		findings_fix(findings,
			     "use a different one in each file, as pmreuseport fork does");
	}
	for (p = 0; p < PORTS; p++)
		check_outside(findings, a, b, p);
	if (strcmp(a->config->cluster, b->config->cluster) || a->any_index || b->any_index ||
	    a->config->index != b->config->index)
		return;
	findings_add(findings, "instances", FINDING_FAIL,
		     "%s and %s are both for hash bucket %u of cluster \"%s\", which the second "
		     "instance would take from the first",
		     a->file, b->file, a->config->index, a->config->cluster);
	findings_fix(findings, "give each instance a different reuseport_hashbucket_index");
}

/* The first file of the same cluster, to compare with. */
static const struct instance *measure_of(const struct instances *instances, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (instances->list[j].balanced &&
		    !strcmp(instances->list[j].config->cluster, instances->list[i].config->cluster))
			return &instances->list[j];
	return NULL;
}

void check_instances(struct findings *findings, const struct instances *instances)
{
	const size_t bad = findings->results[FINDING_FAIL] + findings->results[FINDING_WARN];
	size_t i, j, balanced = 0;

	for (i = 0; i < instances->n; i++) {
		const struct instance *instance = &instances->list[i];
		const struct instance *measure = measure_of(instances, i);

		if (!instance->balanced)
			continue;
		balanced++;
		if (measure) {
			check_same(findings, measure, instance);
			check_shared(findings, measure, instance);
		}
		for (j = 0; j < i; j++)
			if (instances->list[j].balanced)
				check_different(findings, &instances->list[j], instance);
	}
	if (balanced > 1 &&
	    bad == findings->results[FINDING_FAIL] + findings->results[FINDING_WARN])
		findings_add(findings, "instances", FINDING_OK, "the %zu files fit together",
			     balanced);
}
