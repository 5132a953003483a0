/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/meaning.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "fork/outside.h"
#include "operator.h"

/* Daemons whose sockets only "adopt" can balance, and keys that only they have. */
static const struct {
	const char *daemon;
	const char *keys[4];
} others[] = {
	{"sfacctd", {"sfacctd_port", "sfacctd_ip"}},
	{"pmacctd", {"pcap_interface", "pcap_interfaces_map", "interface"}},
	{"uacctd", {"uacctd_group"}},
	{"pmbgpd", {NULL}},
	{"pmtelemetryd", {NULL}},
};

/* "sfacctd.conf" and "sfacctd-0.conf", but not "sfacctdx.conf". */
static bool is_named_after(const char *path, const char *daemon)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	return !strncmp(base, daemon, strlen(daemon)) &&
	       !isalnum((unsigned char)base[strlen(daemon)]);
}

int fork_check_daemon(const struct fork_template *template, struct pmreuseport_error *error)
{
	const struct fork_line *line;
	const char *const *key;
	size_t i;

	/* That of Debian has "pcap_interface", which nfacctd does not look at. */
	if (is_named_after(template->path, "nfacctd") || is_named_after(template->path, "pmbmpd"))
		return 0;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		for (key = others[i].keys; *key; key++) {
			line = fork_line_of(template, *key, NULL);
			if (line)
				return pmr_error(
					error, -EINVAL,
					"line %zu of %.300s: %s is a key of %s, which does "
					"not know the reuseport_* keys",
					"balance the sockets of %s with: pmreuseport adopt",
					fork_line_number(template, line), template->path, *key,
					others[i].daemon, others[i].daemon);
		}
		if (is_named_after(template->path, others[i].daemon))
			return pmr_error(error, -EINVAL,
					 "%.300s is named after %s, which does not know the "
					 "reuseport_* keys",
					 "balance the sockets of %s with: pmreuseport adopt; a "
					 "file of "
					 "nfacctd or pmbmpd needs another name",
					 template->path, others[i].daemon, others[i].daemon);
	}
	return 0;
}

/* A word of a list such as "peer_src_ip, src_host". */
static bool lists(const struct fork_line *line, const char *word)
{
	const size_t length = strlen(word);
	const char *at, *end;

	if (!line)
		return false;
	at = line->text + line->conf.value_at;
	end = at + line->conf.value_length;
	while (at < end) {
		const size_t n = strcspn(at, ", \t\r\n");

		if (n == length && !strncasecmp(at, word, length))
			return true;
		at += n + 1;
	}
	return false;
}

static int note_proxies(struct fork_template *template, struct pmreuseport_error *error)
{
	static const char *const keys[] = {"bmp_daemon_parse_proxy_header",
					   "bgp_daemon_parse_proxy_header"};
	struct pmreuseport_error note;
	const struct fork_line *line;
	int err = 0;
	size_t i;

	for (i = 0; !err && i < sizeof(keys) / sizeof(keys[0]); i++) {
		line = fork_line_of(template, keys[i], NULL);
		if (!fork_line_is_true(line))
			continue;
		pmr_error(&note, 0,
			  "line %zu: %s is true, but the selector sees the address of the proxy, "
			  "so "
			  "all sessions through it reach one instance",
			  "let the proxy keep the address of the router",
			  fork_line_number(template, line), keys[i]);
		err = fork_template_note_of_one(template, &note, error);
	}
	return err;
}

/* Rows of several instances have one key, and an INSERT of the second one fails. */
static int note_sql(struct fork_template *template, const struct fork_plugin *plugin,
		    struct pmreuseport_error *error)
{
	const struct fork_line *insert, *aggregate, *tag;
	struct pmreuseport_error note;

	if (strcmp(plugin->type, "pgsql") && strcmp(plugin->type, "mysql"))
		return 0;
	insert = fork_line_of(template, "sql_dont_try_update", plugin->name);
	aggregate = fork_line_of(template, "aggregate", plugin->name);
	tag = fork_line_of(template, "post_tag", plugin->name);
	if (!fork_line_is_true(insert) || lists(aggregate, "peer_src_ip") ||
	    (tag && (lists(aggregate, "tag") || lists(aggregate, "label"))))
		return 0;
	pmr_error(&note, 0,
		  "line %zu: sql_dont_try_update is true for plugin \"%.100s\", but its aggregate "
		  "has neither peer_src_ip nor a tag of the instance: two instances would insert "
		  "rows with one key, and the database refuses those of the second",
		  "add one of them, also to the primary key", fork_line_number(template, insert),
		  plugin->name);
	return fork_template_note_of_one(template, &note, error);
}

/* Templates come from other instances, the option data with the sampling rate do not. */
static int note_sampling(struct fork_template *template, struct pmreuseport_error *error)
{
	const struct fork_line *line = fork_line_of(template, "nfacctd_renormalize", NULL);
	struct pmreuseport_error note;

	/* One rate for all exporters overrides what they send. */
	if (!fork_line_is_true(line) || fork_line_of(template, "sampling_map", NULL) ||
	    fork_line_of(template, "nfacctd_ext_sampling_rate", NULL) ||
	    (!fork_line_of(template, "nfacctd_templates_receiver", NULL) &&
	     !fork_line_of(template, "nfacctd_templates_port", NULL) &&
	     !fork_line_of(template, "nfacctd_templates_file", NULL)))
		return 0;
	pmr_error(&note, 0,
		  "line %zu: nfacctd_renormalize is true, and instances share templates, but not "
		  "the sampling rates that exporters send: after a failover, records are counted "
		  "without their rate until the exporter sends it again",
		  "name the rates in a sampling_map", fork_line_number(template, line));
	return fork_template_note_of_one(template, &note, error);
}

const struct fork_line *fork_ha_cluster(const struct fork_template *template)
{
	const struct fork_line *bmp = fork_line_of(template, "bmp_daemon_ha_cluster_name", NULL);
	const struct fork_line *bgp = fork_line_of(template, "bgp_daemon_ha_cluster_name", NULL);

	return !bmp || (bgp && bgp > bmp) ? bgp : bmp;
}

/* The line that makes a daemon one of two that have the same routers, at two sites. */
static const struct fork_line *ha_line(const struct fork_template *template)
{
	const struct fork_line *bmp = fork_line_of(template, "bmp_daemon_ha", NULL);
	const struct fork_line *bgp = fork_line_of(template, "bgp_daemon_ha", NULL);

	return fork_line_is_true(bmp) ? bmp : fork_line_is_true(bgp) ? bgp : NULL;
}

/* A router must be in the bucket with the same index at both sites. */
static int note_seed(struct fork_template *template, struct pmreuseport_error *error)
{
	const struct fork_line *name = fork_ha_cluster(template), *ha = ha_line(template);
	struct pmreuseport_error note;

	if (fork_line_of(template, "reuseport_seed", NULL) || (!name && !ha))
		return 0;
	if (name)
		pmr_error(&note, 0,
			  "line %zu: %s is \"%.*s\", which only pmacct 1.8.1 and later takes as "
			  "the "
			  "seed of the mapping",
			  "set reuseport_seed to the same name at all sites",
			  fork_line_number(template, name), name->conf.key,
			  (int)name->conf.value_length, name->text + name->conf.value_at);
	else
		pmr_error(&note, 0,
			  "line %zu: %s is true without reuseport_seed, so the seed of the mapping "
			  "is the name of the cluster: if sites have different names, a router is "
			  "in "
			  "another bucket at the other site, and both may drop what it sends",
			  "set reuseport_seed to one name at all sites",
			  fork_line_number(template, ha), ha->conf.key);
	return fork_template_note_of_one(template, &note, error);
}

int fork_note_sites(struct fork_template *template, struct pmreuseport_error *error)
{
	const struct fork_line *ha = ha_line(template);

	if (!ha)
		return 0;
	return fork_template_note(template, error,
				  "line %zu: %s is true: use the same number of instances, and the "
				  "same "
				  "reuseport_seed, at all sites",
				  fork_line_number(template, ha), ha->conf.key);
}

int fork_note_meaning(struct fork_template *template, const struct fork_plugins *plugins,
		      struct pmreuseport_error *error)
{
	int err = note_proxies(template, error);
	size_t i;

	for (i = 0; !err && i < plugins->n; i++)
		err = note_sql(template, &plugins->list[i], error);
	if (!err)
		err = note_sampling(template, error);
	if (!err)
		err = fork_note_reflector(template, error);
	if (!err)
		err = note_seed(template, error);
	return err;
}
