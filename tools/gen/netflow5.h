/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_NETFLOW5_H
#define GEN_NETFLOW5_H

#include "flow_record.h"

#define NETFLOW5_HEADER_LEN 24
#define NETFLOW5_RECORD_LEN 48
#define NETFLOW5_RECORDS_MAX 30

/*
 * 0; -EINVAL for no or too many records or one that is not IPv4, -EMSGSIZE if
 * the buffer is too small.
 */
int netflow5_encode(struct wbuf *b, const struct flow_header *h, const struct flow_record *rec,
		    size_t n);

#endif
