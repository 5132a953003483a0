/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/adopt_sockets.h"

#include "common/process_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void adopted_name(struct adopted *adopted, const struct candidate *socket)
{
	memset(adopted, 0, sizeof(*adopted));
	snprintf(adopted->endpoint, sizeof(adopted->endpoint), "%s", socket->endpoint.name);
	adopted->port = socket->port;
	adopted->cookie = socket->endpoint.cookie;
}

int adopt_socket(struct adopted *adopted, const struct process *process,
		 const struct candidate *socket, const struct pmreuseport_config *config,
		 bool if_free, struct pmreuseport_error *error)
{
	const struct pmr_adoption adoption = {.owner = process->id, .if_free = if_free};
	struct pmreuseport_error why = {0};
	int err;

	adopted_name(adopted, socket);
	err = pmr_adopt(socket->fd, &adoption, config, &adopted->member, &why);
	if (err)
		return pmr_error(error, err, "%s of process %d (%s): %.600s", "%s",
				 socket->endpoint.name, (int)process->id.pid, process->id.comm,
				 why.what, why.advice);
	return 0;
}

/* Adds what could not be undone to the advice. */
static void undo(const struct adopted *adopted, int fd, struct pmreuseport_error *error)
{
	const size_t used = strlen(error->advice);
	struct pmreuseport_process previous;
	char text[PROCESS_TEXT_SIZE];
	struct pmreuseport_error why = {0};

	if (pmr_adopt_undo(fd, adopted->member, &why))
		snprintf(error->advice + used, sizeof(error->advice) - used,
			 "; %s stays adopted: %s", adopted->endpoint, why.what);
	else if (pmreuseport_previous(adopted->member, &previous))
		snprintf(error->advice + used, sizeof(error->advice) - used,
			 "; %s was taken from %s, which does not have it back", adopted->endpoint,
			 process_text(&previous, text));
}

int adopt_all(struct adopted *adopted, const struct process *process, const struct candidates *fit,
	      const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	const bool existed = pmr_cluster_exists(config->cluster);
	size_t n;
	int err = 0;

	for (n = 0; !err && n < fit->n; n++)
		err = adopt_socket(&adopted[n], process, &fit->list[n], config, false, error);
	if (!err)
		return 0;
	/* The socket that failed has left nothing behind. */
	for (n--; n--;) {
		undo(&adopted[n], fit->list[n].fd, error);
		pmreuseport_free(adopted[n].member);
	}
	if (!existed)
		pmr_remove(config->cluster, NULL);
	return err;
}
