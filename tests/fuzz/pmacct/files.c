// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

static const char *input;
static size_t input_len, input_taken;

bool files_take_input(const uint8_t **data, size_t *size)
{
	const size_t header = 2;

	if (*size < header)
		return false;
	input_len = (*data)[0] | (*data)[1] << 8;
	if (input_len > *size - header)
		input_len = *size - header;
	input = (const void *)(*data + header);
	input_taken = 0;
	*data += header + input_len;
	*size -= header + input_len;
	return true;
}

static ssize_t read_input(void *cookie, char *buf, size_t size)
{
	size_t len = input_len - input_taken;

	(void)cookie;
	if (len > size)
		len = size;
	memcpy(buf, input + input_taken, len);
	input_taken += len;
	return (ssize_t)len;
}

static ssize_t discard(void *cookie, const char *buf, size_t size)
{
	(void)cookie;
	(void)buf;
	return (ssize_t)size;
}

FILE *files_null(void)
{
	static FILE *null;

	if (!null)
		null = fopencookie(NULL, "w", (cookie_io_functions_t){.write = discard});
	if (!null)
		abort();
	return null;
}

static bool is_null(const char *path)
{
	return !strcmp(path, "/dev/null");
}

FILE *fuzz_fopen(const char *path, const char *mode)
{
	if (is_null(path))
		return files_null();
	if (strcmp(path, FILES_INPUT) != 0)
		return fopen(path, mode);
	input_taken = 0;
	return fopencookie(NULL, "r", (cookie_io_functions_t){.read = read_input});
}

int fuzz_fclose(FILE *file)
{
	return file == files_null() ? 0 : fclose(file);
}

int fuzz_stat(const char *path, struct stat *status)
{
	if (!is_null(path) && strcmp(path, FILES_INPUT) != 0)
		return stat(path, status);
	memset(status, 0, sizeof(*status));
	status->st_mode = S_IFCHR;
	return 0;
}

int fuzz_access(const char *path, int mode)
{
	return is_null(path) || !strcmp(path, "/dev") ? 0 : access(path, mode);
}

int fuzz_chown(const char *path, uid_t owner, gid_t group)
{
	(void)path;
	(void)owner;
	(void)group;
	return 0;
}
