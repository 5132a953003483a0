/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to differ between the instances of one configuration. */
#include "fork/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/array.h"
#include "fork/meaning.h"
#include "fork/outside.h"
#include "fork/plugins.h"
#include "fork/value.h"
#include "operator.h"

static char *value_of(const struct fork_line *line)
{
	return strndup(line->text + line->conf.value_at, line->conf.value_length);
}

static bool has_placeholder(const struct fork_line *line)
{
	return memmem(line->text + line->conf.value_at, line->conf.value_length, FORK_PLACEHOLDER,
		      strlen(FORK_PLACEHOLDER));
}

/* The index in the last line that sets it. FORK_NO_INDEX: not a number; it is just replaced. */
static int own_index(const struct fork_template *template)
{
	const struct fork_line *line = fork_line_of(template, "reuseport_hashbucket_index", NULL);
	const char *value;
	long index;

	if (!line || !line->conf.value_length || line->conf.value_length > 3)
		return FORK_NO_INDEX;
	value = line->text + line->conf.value_at;
	if (strspn(value, "0123456789") != line->conf.value_length)
		return FORK_NO_INDEX;
	index = strtol(value, NULL, 10);
	return index < PMREUSEPORT_MAX_BUCKETS ? index : FORK_NO_INDEX;
}

/* A line for all plugins cannot be changed for one type if other types use it, too. */
static bool is_shared(const struct fork_rule *rule, const struct fork_plugins *plugins)
{
	return !strcmp(rule->plugin_type, "sqlite3") &&
	       (fork_plugins_have(plugins, "mysql") || fork_plugins_have(plugins, "pgsql"));
}

static enum fork_how judge(const struct fork_template *template, const struct fork_line *line,
			   const struct fork_rule *rule, const struct fork_plugins *plugins)
{
	const char *type;

	if (!rule || (rule->endpoint && !fork_needs_port(template, rule)))
		return FORK_SAME;
	if (!rule->plugin_type)
		return rule->how;
	if (line->conf.plugin[0]) {
		type = fork_plugins_type_of(plugins, line->conf.plugin);
		return type && !strcmp(type, rule->plugin_type) ? rule->how : FORK_SAME;
	}
	return fork_plugins_have(plugins, rule->plugin_type) && !is_shared(rule, plugins)
		       ? rule->how
		       : FORK_SAME;
}

static int note_about_include(struct fork_template *template, size_t i,
			      struct pmreuseport_error *error)
{
	struct pmreuseport_error note;

	pmr_error(&note, 0,
		  "line %zu: pmacct ignores this line: it cannot include files, so the included "
		  "file is not checked",
		  "put its keys into this file", i + 1);
	return fork_template_note_of_one(template, &note, error);
}

static int note_about_line(struct fork_template *template, size_t i, const struct fork_rule *rule,
			   struct pmreuseport_error *error)
{
	const struct fork_line *line = &template->lines[i];
	const char *key = line->conf.key;
	struct stat st;
	char *value;
	bool fifo;

	if (strstr(key, "include"))
		return note_about_include(template, i, error);
	if (has_placeholder(line))
		return 0;
	if (rule && rule->note)
		return fork_template_note(template, error,
					  "line %zu: %s is the same in all files: %s", i + 1, key,
					  rule->note);
	if (fork_key_is_unknown(key))
		return fork_template_note(template, error,
					  "line %zu: %s is not known here, so it is \"%.*s\" in "
					  "all files; check whether instances can share that",
					  i + 1, key, (int)line->conf.value_length,
					  line->text + line->conf.value_at);
	if (!strncmp(key, "post_tag", 8) && template->own != FORK_NO_INDEX)
		return fork_template_note(template, error,
					  "line %zu: %s is the same in all files; to tell "
					  "instances apart, write " FORK_PLACEHOLDER
					  " where they shall differ, and run this again",
					  i + 1, key);
	if (line->how != FORK_FILE)
		return 0;
	value = value_of(line);
	fifo = value && !stat(value, &st) && S_ISFIFO(st.st_mode);
	free(value);
	if (!fifo)
		return 0;
	return fork_template_note(template, error,
				  "line %zu: %s is a named pipe, which pmacct does not create; "
				  "create one for each instance",
				  i + 1, key);
}

/* Instances can share this port only if each datagram reaches all of them. */
static int note_about_templates(struct fork_template *template, struct pmreuseport_error *error)
{
	const struct fork_line *port = fork_line_of(template, "nfacctd_templates_port", NULL);

	if (!port || has_placeholder(port))
		return 0;
	if (!fork_line_of(template, "nfacctd_templates_receiver", NULL))
		return fork_template_note(template, error,
					  "line %zu: nfacctd_templates_port is the same in all "
					  "files: each datagram to it reaches only one instance; "
					  "see nfacctd_templates_receiver",
					  fork_line_number(template, port));
	if (!fork_line_of(template, "nfacctd_ip", NULL))
		return 0;
	return fork_template_note(template, error,
				  "line %zu: nfacctd_templates_port is the same in all files: with "
				  "nfacctd_ip it receives no broadcasts; remove nfacctd_ip, or "
				  "give each file its own port",
				  fork_line_number(template, port));
}

/* Takes value, which is NULL if out of memory. */
static int add(struct fork_template *template, const struct fork_rule *rule, const char *plugin,
	       char *value, struct pmreuseport_error *error)
{
	struct fork_addition *addition = array_add(&template->additions, &template->n_additions);

	if (!addition) {
		free(value);
		return fork_no_memory(error);
	}
	addition->key = rule->key;
	addition->how = rule->how;
	addition->value = value;
	if (plugin)
		addition->plugin = strdup(plugin);
	if (!value || (plugin && !addition->plugin))
		return fork_no_memory(error);
	return 0;
}

static int add_for_plugins(struct fork_template *template, const struct fork_rule *rule,
			   const struct fork_plugins *plugins, struct pmreuseport_error *error)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < plugins->n; i++) {
		const struct fork_plugin *plugin = &plugins->list[i];
		const char *name = plugins->by_default ? NULL : plugin->name;
		const struct fork_line *line = fork_line_of(template, rule->key, plugin->name);

		if (strcmp(plugin->type, rule->plugin_type))
			continue;
		if (!line && rule->absent)
			err = add(template, rule, name, strdup(rule->absent), error);
		else if (line && !line->conf.plugin[0] && is_shared(rule, plugins))
			err = add(template, rule, name, value_of(line), error);
	}
	return err;
}

static int add_what_is_missing(struct fork_template *template, const struct fork_plugins *plugins,
			       struct pmreuseport_error *error)
{
	const struct fork_rule *rule;
	const struct fork_line *line;
	int err = 0;

	for (rule = fork_rules; !err && rule->key; rule++) {
		if (rule->plugin_type) {
			err = add_for_plugins(template, rule, plugins, error);
			continue;
		}
		if (fork_line_of(template, rule->key, NULL))
			continue;
		if (rule->how == FORK_COUNT || rule->how == FORK_INDEX)
			err = add(template, rule, NULL, strdup(""), error);
		if (rule->endpoint && !fork_needs_port(template, rule))
			continue;
		if (!rule->if_key || !(line = fork_line_of(template, rule->if_key, NULL)))
			continue;
		if (!rule->if_value || (line->conf.value_length == strlen(rule->if_value) &&
					!strncasecmp(line->text + line->conf.value_at,
						     rule->if_value, line->conf.value_length)))
			err = add(template, rule, NULL, strdup(rule->absent), error);
	}
	return err;
}

/* Daemons of pmacct before 1.8.1 do not know the other key. */
static int add_seed(struct fork_template *template, struct pmreuseport_error *error)
{
	static const struct fork_rule seed = {"reuseport_seed", .how = FORK_SAME};
	const struct fork_line *name = fork_ha_cluster(template);

	if (!name || fork_line_of(template, seed.key, NULL))
		return 0;
	return add(template, &seed, NULL, value_of(name), error);
}

int fork_template_judge(struct fork_template *template, struct pmreuseport_error *error)
{
	struct fork_plugins plugins;
	size_t i;
	int err;

	template->own = own_index(template);
	err = fork_check_daemon(template, error);
	if (err)
		return err;
	err = fork_plugins_read(&plugins, template, error);
	for (i = 0; !err && i < template->n; i++) {
		struct fork_line *line = &template->lines[i];
		const struct fork_rule *rule = fork_rule_of(line->conf.key);

		if (!line->conf.key[0])
			continue;
		line->how = judge(template, line, rule, &plugins);
		err = note_about_line(template, i, rule, error);
	}
	if (!err)
		err = note_about_templates(template, error);
	if (!err)
		err = fork_note_sites(template, error);
	if (!err)
		err = fork_note_meaning(template, &plugins, error);
	if (!err)
		err = add_what_is_missing(template, &plugins, error);
	if (!err)
		err = add_seed(template, error);
	fork_plugins_free(&plugins);
	return err;
}
