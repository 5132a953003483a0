// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nfacctd on maps that are loaded again while it runs, and then on datagrams that are tagged
 * with what a pre_tag_map says. The first byte says which map.
 */
/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

/* These need one another in this order. */
#include "plugin_hooks.h"

#include "pkt_handlers.h"

#include "bgp/bgp.h"

#include "files.h"
#include "frames.h"
#include "input.h"
#include "nfacctd_target.h"

enum {
	ENTRIES = 32,
};

const char *__asan_default_options(void);

static const int types[] = {ACCT_NF,
			    ACCT_NF,
			    ACCT_NF,
			    MAP_SAMPLING,
			    MAP_FLOW_TO_RD,
			    MAP_BGP_TO_XFLOW_AGENT,
			    MAP_BGP_PEER_AS_SRC,
			    MAP_BGP_SRC_LOCAL_PREF,
			    MAP_BGP_SRC_MED,
			    ACCT_SF,
			    ACCT_PMBGP,
			    ACCT_PMBMP};
static struct id_table tables[sizeof(types) / sizeof(types[0])];
static int allocated[sizeof(types) / sizeof(types[0])];

/* A map is loaded when an administrator says so: what is not freed then is not reported. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	nfacctd_start();
	return 0;
}

/* An error in a map that was loaded before makes the daemon keep what it can. */
static void load(int type, struct id_table *table, int *is_allocated)
{
	struct plugin_requests req = {0};

	table->timestamp = 1;
	load_pre_tag_map(type, FILES_INPUT, table, &req, is_allocated, ENTRIES, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct configuration *plugin = &channels_list[0].plugin->cfg;
	size_t which;

	if (!size)
		return 0;
	which = *data++ % (sizeof(types) / sizeof(types[0]));
	size--;
	if (!files_take_input(&data, &size))
		return 0;
	if (which)
		load(types[which], &tables[which], &allocated[which]);
	else
		load(types[which], &plugin->ptm, &plugin->ptm_alloc);
	frames_feed(data, size);
	nfacctd_forget();
	return 0;
}
