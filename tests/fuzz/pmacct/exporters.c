// SPDX-License-Identifier: GPL-2.0-or-later
#include <sanitizer/asan_interface.h>

/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

/* These need one another in this order. */
#include "plugin_hooks.h"

#include "pkt_handlers.h"

#include "ip_flow.h"

#include "classifier.h"

#include "daemon.h"
#include "exporters.h"
#include "table.h"
#include "xflow_status.h"

static const char tags[] = "set_tag=1 ip=192.0.2.1\n"
			   "set_label=exporter ip=0.0.0.0/0 direction=0\n"
			   "set_tag2=2 ip=::/0 in=7\n";

static const char sampling[] = "id=10 ip=192.0.2.2\n";

static void free_sampling(struct xflow_status_entry_sampling *sampling)
{
	struct xflow_status_entry_sampling *next;

	for (; sampling; sampling = next) {
		next = sampling->next;
		free(sampling);
	}
}

static void free_classes(struct xflow_status_entry_class *class_entry)
{
	struct xflow_status_entry_class *next;

	for (; class_entry; class_entry = next) {
		next = class_entry->next;
		pmct_unregister(class_entry->class_int_id);
		free(class_entry);
	}
}

static void free_value(const cdada_map_t *map, const void *key, void *value, void *opaque)
{
	(void)map;
	(void)key;
	(void)opaque;
	free(value);
}

static void free_map(cdada_map_t *map)
{
	if (!map)
		return;
	cdada_map_traverse(map, free_value, NULL);
	cdada_map_destroy(map);
}

static void free_exporters(struct xflow_status_entry *entry)
{
	struct xflow_status_entry *next;

	for (; entry; entry = next) {
		next = entry->next;
		free_sampling(entry->sampling);
		free_classes(entry->class);
		free_map(entry->in_rd_map);
		free_map(entry->out_rd_map);
		free(entry->sf_cnt);
		free(entry);
	}
}

void exporters_forget(void)
{
	struct xflow_status_entry **table = xflow_status_table.t;
	size_t i = 0;

	if (!xflow_status_table.entries)
		return;
	while ((i = table_find(table, XFLOW_STATUS_TABLE_SZ, i)) < XFLOW_STATUS_TABLE_SZ) {
		free_exporters(table[i]);
		table[i] = NULL;
	}
	memset(&xflow_status_table, 0, offsetof(xflow_status_table_t, t));
}

static void guard_ring(void)
{
	struct channels_list_entry *channel = channels_list;
	size_t guard;

	for (; channel->aggregation || channel->aggregation_2; channel++) {
		channel->rg.end = channel->rg.base + channel->bufsize;
		guard = channel->plugin->cfg.pipe_size + PKT_MSG_SIZE - channel->bufsize;
		__asan_poison_memory_region(channel->rg.end, guard);
	}
}

void exporters_start(const char *name, const char *config_format, const char *primitives)
{
	char sampling_path[64], tags_path[64], primitives_path[64], config_text[4096];

	daemon_file(sampling, sampling_path, sizeof(sampling_path));
	daemon_file(tags, tags_path, sizeof(tags_path));
	daemon_file(primitives, primitives_path, sizeof(primitives_path));
	snprintf(config_text, sizeof(config_text), config_format, sampling_path, tags_path,
		 primitives_path);
	daemon_start(name, config_text);
	guard_ring();
}
