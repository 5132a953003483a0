/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_TEMPLATE_FLOW_H
#define GEN_TEMPLATE_FLOW_H

#include "flow_record.h"

/* Each domain has its own template ids. */
#define TEMPLATE_ID_IPV4(domain) ((uint16_t)(256 + (domain)))
#define TEMPLATE_ID_IPV6(domain) ((uint16_t)(512 + (domain)))

#define NETFLOW9_HEADER_LEN 20
#define IPFIX_HEADER_LEN 16

/*
 * NetFlow v9 (h->version 9) or IPFIX (10). 0, -EINVAL for another version or no
 * records, -EMSGSIZE if the buffer is too small.
 */
int template_flow_templates(struct wbuf *b, const struct flow_header *h, bool ipv6);
int template_flow_data(struct wbuf *b, const struct flow_header *h, const struct flow_record *rec,
		       size_t n);

/* The maximum number of records, of any mix, in TEMPLATE_DATAGRAM_MAX bytes. */
unsigned int template_flow_limit(uint16_t version, bool ipv6);

#endif
