// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nfacctd on a templates file, and then on datagrams that need these templates. The file
 * comes first, after two bytes with its length (the low one first).
 */
/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

#include "nfacctd.h"

#include "files.h"
#include "frames.h"
#include "input.h"
#include "nfacctd_target.h"

enum {
	HEADER = 2,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	nfacctd_start();
	return 0;
}

void target_input(const uint8_t *data, size_t size)
{
	size_t len;

	if (size < HEADER)
		return;
	len = data[0] | data[1] << 8;
	data += HEADER;
	size -= HEADER;
	if (len > size)
		len = size;
	files_set_input(data, len);
	load_templates_from_file(FILES_INPUT);
	frames_feed(data + len, size - len);
	nfacctd_forget();
}
