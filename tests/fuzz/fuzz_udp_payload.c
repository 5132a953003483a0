// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target for what reads captures: the first byte picks the link type, the
 * rest is the frame. To be built with clang -fsanitize=fuzzer,address,undefined.
 */
#include <pcap/dlt.h>
#include <stdlib.h>

#include "gen/udp_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int links[] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL};
	struct udp_view view;

	if (!size)
		return 0;
	if (udp_payload(data + 1, size - 1, links[data[0] % (sizeof(links) / sizeof(links[0]))],
			&view))
		return 0;
	/* What it found lies within what it was given. */
	if (view.payload < data + 1 || view.len > size - 1 || view.payload + view.len > data + size)
		abort();
	return 0;
}
