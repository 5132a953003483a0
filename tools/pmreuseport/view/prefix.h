/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prefixes of exporters, as an operator gives them. */
#ifndef PMREUSEPORT_VIEW_PREFIX_H
#define PMREUSEPORT_VIEW_PREFIX_H

#include <jansson.h>

#include "operator.h"

#define PREFIX_BUCKET_TEXT 12

/*
 * "198.51.100.7", "198.51.100.0/24", "2001:db8::/32": source and length of a pin. -EINVAL: it
 * is none of these, or has bits beyond its length.
 */
int prefix_parse(const char *text, struct pmr_pin *pin, struct pmreuseport_error *error);

/* "2" or "drop": the bucket of a pin. */
int prefix_parse_bucket(const char *text, struct pmr_pin *pin, struct pmreuseport_error *error);

/* The same the other way round; returns text. */
const char *prefix_bucket_text(const struct pmr_pin *pin, char text[PREFIX_BUCKET_TEXT]);

/* Adds one at the end. */
int prefix_add(struct pmr_pins *pins, const struct pmr_pin *pin, struct pmreuseport_error *error);

/* A list of {"prefix": ..., "bucket": ...}, which is a number or "drop"; new, or NULL. */
json_t *prefixes_json(const struct pmr_pins *pins);

#endif
