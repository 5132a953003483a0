/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with an exporter depends on files that pmacct reads. If these differ, it depends
 * on which instance the exporter reaches.
 */
#include "doctor/check_shared.h"

#include <stdio.h>
#include <string.h>

static const char *const keys[] = {
	"aggregate_primitives",
	"bgp_agent_map",
	"bgp_daemon_allow_file",
	"bgp_daemon_md5_file",
	"bgp_daemon_tag_map",
	"bgp_daemon_xconnect_map",
	"bgp_peer_as_src_map",
	"bgp_src_local_pref_map",
	"bgp_src_med_map",
	"bgp_to_flow_as_map",
	"bmp_daemon_allow_file",
	"flow_to_rd_map",
	"igp_daemon_map",
	"networks_file",
	"nfacctd_allow_file",
	"ports_file",
	"pre_tag_map",
	"protos_file",
	"rpki_roas_file",
	"sampling_map",
	"tos_file",
};

static bool same_files(const char *a, const char *b)
{
	char of_a[4096], of_b[sizeof(of_a)];
	FILE *file_a = fopen(a, "re"), *file_b = fopen(b, "re");
	bool same = file_a && file_b;
	size_t n = 1;

	while (same && n) {
		n = fread(of_a, 1, sizeof(of_a), file_a);
		same = fread(of_b, 1, sizeof(of_b), file_b) == n && !memcmp(of_a, of_b, n);
	}
	if (file_a)
		fclose(file_a);
	if (file_b)
		fclose(file_b);
	return same;
}

/* The value for a plugin, or for the daemon if the plugin is "". */
static const char *value_of(const struct conf *conf, const char *key, const char *plugin)
{
	size_t i;

	for (i = conf->n; i-- > 0;)
		if (!conf->list[i].line.wrong && !strcmp(conf->list[i].line.key, key) &&
		    !strcmp(conf->list[i].line.plugin, plugin))
			return conf->list[i].value;
	return NULL;
}

static void compare(struct findings *findings, const struct instance *a, const struct instance *b,
		    const char *key, const char *plugin)
{
	const char *of_a = value_of(&a->conf, key, plugin);
	const char *of_b = value_of(&b->conf, key, plugin);

	if ((!of_a && !of_b) || (of_a && of_b && (!strcmp(of_a, of_b) || same_files(of_a, of_b))))
		return;
	findings_add(findings, "instances", FINDING_WARN,
		     "%s of %s is \"%.200s\" and of %s \"%.200s\", which differ, so what is done "
		     "with an exporter depends on the instance that it reaches",
		     key, a->file, of_a ? of_a : "", b->file, of_b ? of_b : "");
	findings_fix(findings, "use the same file for all instances");
}

static bool is_shared(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

/* Each key and plugin of a; those of b that a has not, if only. */
static void each(struct findings *findings, const struct instance *a, const struct instance *b,
		 bool only)
{
	const struct conf *conf = &a->conf;
	size_t i;

	for (i = 0; i < conf->n; i++) {
		const struct conf_line *line = &conf->list[i].line;

		/* A key that is set twice is compared once. */
		if (line->wrong || !is_shared(line->key) ||
		    value_of(conf, line->key, line->plugin) != conf->list[i].value ||
		    (only && value_of(&b->conf, line->key, line->plugin)))
			continue;
		compare(findings, only ? b : a, only ? a : b, line->key, line->plugin);
	}
}

void check_shared(struct findings *findings, const struct instance *a, const struct instance *b)
{
	each(findings, a, b, false);
	each(findings, b, a, true);
}
