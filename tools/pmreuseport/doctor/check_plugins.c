/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugins that the daemon lacks, and keys of plugins that a file lacks. pmacct starts without
 * them: it only complains on standard error, which a log file does not get.
 */
#include "doctor/check_plugins.h"

#include <string.h>

#include "fork/plugins.h"
#include "fork/template.h"

/* As "plugins" has them, and as -V lists them; NULL: -V never lists it. */
static const struct {
	const char *type;
	const char *listed;
	const char *option;
} known[] = {
	{"memory", "memory", NULL},
	{"print", "print", NULL},
	{"nfprobe", "nfprobe", NULL},
	{"sfprobe", "sfprobe", NULL},
	{"tee", "tee", NULL},
	{"mysql", "mysql", "--enable-mysql"},
	{"pgsql", "postgresql", "--enable-pgsql"},
	{"sqlite3", "sqlite", "--enable-sqlite3"},
	{"amqp", "amqp", "--enable-rabbitmq"},
	{"kafka", "kafka", "--enable-kafka"},
	{"mongodb", NULL, "--enable-mongodb"},
};

/* A line of the list, which ends with an empty line. */
static bool lists(const char *list, const char *word)
{
	const size_t length = strlen(word);

	while (*list && *list != '\n') {
		const size_t n = strcspn(list, "\n");

		if (n == length && !memcmp(list, word, n))
			return true;
		list += n + (list[n] == '\n');
	}
	return false;
}

static void check_type(struct findings *findings, const char *daemon, const char *list,
		       const struct instance *instance, const struct fork_plugin *plugin)
{
	const char *option = NULL;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].type, plugin->type))
			continue;
		if (!known[i].listed || lists(list, known[i].listed))
			return;
		option = known[i].option;
		break;
	}
	findings_add(findings, "plugins", FINDING_FAIL,
		     "%s has a plugin of type \"%.100s\", which %s does not have, and leaves out",
		     instance->file, plugin->type, daemon);
	if (option)
		findings_fix(findings, "configure pmacct with %s, or remove the plugin", option);
	else
		findings_fix(findings, "correct the type");
}

/* A key that has no plugin is ignored, or applies to the whole daemon, as its own kind has it. */
static void check_names(struct findings *findings, const struct instance *instance,
			const struct fork_plugins *plugins)
{
	const struct conf_entry *entry, *end = instance->conf.list + instance->conf.n;

	for (entry = instance->conf.list; entry < end; entry++) {
		const char *name = entry->line.plugin;

		/* The core is named "default". */
		if (entry->line.wrong || !name[0] || !strcmp(name, "default") ||
		    fork_plugins_type_of(plugins, name))
			continue;
		findings_add(findings, "plugins", FINDING_WARN,
			     "line %u of %s has %s[%.100s], but no plugin has that name",
			     entry->number, instance->file, entry->line.key, name);
		findings_fix(findings, "correct the name, or remove the line");
	}
}

static void check_file(struct findings *findings, const char *daemon, const char *list,
		       const struct instance *instance)
{
	struct pmreuseport_error error = {0};
	struct fork_plugins plugins = {0};
	struct fork_template template;
	size_t i;

	/* check_conf() has reported a file that cannot be read. */
	if (!fork_template_read(&template, instance->file, &error) &&
	    !fork_plugins_read(&plugins, &template, &error)) {
		for (i = 0; list && !plugins.by_default && i < plugins.n; i++)
			check_type(findings, daemon, list, instance, &plugins.list[i]);
		check_names(findings, instance, &plugins);
	}
	fork_plugins_free(&plugins);
	fork_template_free(&template);
}

void check_plugins(struct findings *findings, const char *daemon, const char *text,
		   const struct instances *instances)
{
	static const char title[] = "\nPlugins:\n";
	const char *list = strstr(text, title);
	size_t i;

	if (list)
		list += strlen(title);
	for (i = 0; i < instances->n; i++)
		check_file(findings, daemon, list, &instances->list[i]);
}
