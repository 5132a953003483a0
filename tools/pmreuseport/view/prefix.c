/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/prefix.h"

#include "common/array.h"
#include "common/decimal.h"
#include "common/ip_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int not_a_prefix(const char *text, struct pmreuseport_error *error)
{
	return pmr_error(error, -EINVAL, "'%.100s' is no address and no prefix",
			 "give one like 198.51.100.7, 198.51.100.0/24 or 2001:db8::/32", text);
}

int prefix_parse(const char *text, struct pmr_pin *pin, struct pmreuseport_error *error)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN], clean[PMR_PIN_TEXT];
	uint64_t length, bits;
	struct in6_addr in;
	bool is_ipv6;

	if ((size_t)snprintf(address, sizeof(address), "%.*s",
			     (int)(slash ? slash - text : (ptrdiff_t)strlen(text)),
			     text) >= sizeof(address))
		return not_a_prefix(text, error);
	is_ipv6 = inet_pton(AF_INET, address, &in) != 1;
	if (is_ipv6 && inet_pton(AF_INET6, address, &in) != 1)
		return not_a_prefix(text, error);
	bits = length = is_ipv6 ? 128 : 32;
	if (slash && !decimal(slash + 1, bits, &length))
		return not_a_prefix(text, error);
	pin->source = pmr_source_of(is_ipv6 ? AF_INET6 : AF_INET, &in);
	if (is_ipv6 && !pin->source.ipv6) {
		/* IPv4-mapped: ::ffff:0:0/96 is all of IPv4. */
		if (length < 96)
			return not_a_prefix(text, error);
		length -= 96;
	}
	pin->length = length;
	if (ip_mask((uint8_t *)pin->source.addr, pin->length))
		return pmr_error(error, -EINVAL, "'%.100s' has bits beyond its length",
				 "did you mean %s?", text, pmr_pin_text(pin, clean));
	return 0;
}

int prefix_parse_bucket(const char *text, struct pmr_pin *pin, struct pmreuseport_error *error)
{
	uint64_t n = PMR_PIN_DROP;

	if (strcmp(text, "drop") && !decimal(text, PMR_MAX_BUCKETS - 1, &n))
		return pmr_error(error, -EINVAL, "'%.60s' is no hash bucket",
				 "give a number from 0 to %d, or drop", text, PMR_MAX_BUCKETS - 1);
	pin->bucket = n;
	return 0;
}

const char *prefix_bucket_text(const struct pmr_pin *pin, char text[PREFIX_BUCKET_TEXT])
{
	if (pin->bucket == PMR_PIN_DROP)
		strcpy(text, "drop");
	else
		snprintf(text, PREFIX_BUCKET_TEXT, "%u", pin->bucket);
	return text;
}

int prefix_add(struct pmr_pins *pins, const struct pmr_pin *pin, struct pmreuseport_error *error)
{
	struct pmr_pin *added = array_add(&pins->list, &pins->n);

	if (!added)
		return pmr_error(error, -ENOMEM, "out of memory for %zu pins",
				 "add memory, or raise the memory limit", pins->n + 1);
	*added = *pin;
	return 0;
}

static json_t *prefix_json(const struct pmr_pin *pin)
{
	char text[PMR_PIN_TEXT];

	return json_pack("{s:s, s:o}", "prefix", pmr_pin_text(pin, text), "bucket",
			 pin->bucket == PMR_PIN_DROP ? json_string("drop")
						     : json_integer(pin->bucket));
}

json_t *prefixes_json(const struct pmr_pins *pins)
{
	json_t *list = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < pins->n; i++)
		bad |= json_array_append_new(list, prefix_json(&pins->list[i]));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}
