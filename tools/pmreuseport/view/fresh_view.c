/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/fresh_view.h"

#include <errno.h>
#include <stdlib.h>

#include "common/pacer.h"

/* With 16384 pins, a reading takes some ten milliseconds: too long for each of many questions. */
#define MAX_AGE_NS 100000000

int fresh_view_open(struct fresh_view *fresh, const char *cluster, const char *endpoint,
		    struct pmreuseport_error *error)
{
	fresh->view = NULL;
	return pmr_where_open(&fresh->where, cluster, endpoint, error);
}

static void forget(struct fresh_view *fresh)
{
	if (fresh->view)
		free(fresh->view->pins.list);
	free(fresh->view);
	fresh->view = NULL;
}

int fresh_view_look(struct fresh_view *fresh, const struct pmr_view **view,
		    struct pmreuseport_error *error)
{
	int err = 0;

	if (!fresh->view || clock_ns() - fresh->read_ns > MAX_AGE_NS) {
		forget(fresh);
		fresh->view = calloc(1, sizeof(*fresh->view));
		err = fresh->view ? pmr_where_look(&fresh->where, fresh->view, error)
				  : pmr_error(error, -ENOMEM, "out of memory for the slot table",
					      "add memory, or raise the memory limit");
		fresh->read_ns = clock_ns();
	}
	*view = fresh->view;
	return err;
}

void fresh_view_close(struct fresh_view *fresh)
{
	forget(fresh);
	pmr_where_close(&fresh->where);
}
