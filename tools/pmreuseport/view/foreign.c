/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/foreign.h"

#include <net/if.h>
#include <stdio.h>

void foreign_print(const struct foreign_sockets *foreign, size_t endpoint)
{
	char text[FOREIGN_TEXT_SIZE];
	size_t i;

	for (i = 0; i < foreign->n; i++)
		if (foreign->list[i].endpoint == endpoint)
			printf("foreign socket, takes packets from the buckets: %s\n",
			       foreign_text(&foreign->list[i].sk, &foreign->list[i].process, text));
}

static json_t *socket_json(const struct foreign_socket *socket)
{
	const struct pmreuseport_process *process = &socket->process;
	char device[IF_NAMESIZE];

	return json_pack("{s:s, s:s?, s:I, s:o, s:s?}", "address", socket->sk.address, "device",
			 if_indextoname(socket->sk.device, device), "user",
			 (json_int_t)socket->sk.user, "pid",
			 process->pid ? json_integer(process->pid) : json_null(), "command",
			 process->pid ? process->comm : NULL);
}

json_t *foreign_json(const struct foreign_sockets *foreign, size_t endpoint)
{
	json_t *list = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < foreign->n; i++)
		if (foreign->list[i].endpoint == endpoint)
			bad |= json_array_append_new(list, socket_json(&foreign->list[i]));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}
