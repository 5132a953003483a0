// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which selector is in a file. A library tells it with an ELF note, an object with its
 * bytes: builds of one source make the same ones, in any directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <gelf.h>

#include "object_file.h"
#include "selector_compare.h"
#include "selector_id.h"

#define NOTE_OWNER "pmacct-reuseport"
#define NOTE_SELECTOR 1

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

/* In assembly, as compilers differ in the type that they give a section of notes. */
__asm__(".pushsection .note.pmacct-reuseport, \"a\", %note\n"
	"	.balign 4\n"
	"	.4byte 1f - 0f, 3f - 2f, " TEXT(NOTE_SELECTOR) "\n"
							       "0:	.asciz \"" NOTE_OWNER "\"\n"
							       "1:	.balign 4\n"
							       "2:	.asciz \"" PMR_SELECTOR_ID
							       "\"\n"
							       "3:	.balign 4\n"
							       ".popsection\n");

static bool in_notes(Elf_Data *notes)
{
	size_t at = 0, name, desc;
	const char *bytes;
	GElf_Nhdr head;

	while (notes && (at = gelf_getnote(notes, at, &head, &name, &desc))) {
		bytes = notes->d_buf;
		if (head.n_type == NOTE_SELECTOR && head.n_namesz == sizeof(NOTE_OWNER) &&
		    !memcmp(bytes + name, NOTE_OWNER, sizeof(NOTE_OWNER)))
			return head.n_descsz == sizeof(PMR_SELECTOR_ID) &&
			       !memcmp(bytes + desc, PMR_SELECTOR_ID, sizeof(PMR_SELECTOR_ID));
	}
	return false;
}

/* By the program headers: a file may be stripped of its section headers. */
static bool in_library(Elf *elf)
{
	GElf_Phdr segment;
	size_t n, i;

	if (elf_getphdrnum(elf, &n))
		return false;
	for (i = 0; i < n; i++)
		if (gelf_getphdr(elf, i, &segment) && segment.p_type == PT_NOTE &&
		    in_notes(elf_getdata_rawchunk(elf, segment.p_offset, segment.p_filesz,
						  segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR)))
			return true;
	return false;
}

static bool is_own_object(Elf *elf)
{
	struct pmr_elf own = {0};
	const char *bytes;
	size_t size;
	bool same;

	if (pmr_elf_read(&own, NULL, NULL))
		return false;
	bytes = elf_rawfile(elf, &size);
	same = bytes && size == own.size && !memcmp(bytes, own.bytes, size);
	pmr_elf_free(&own);
	return same;
}

int pmr_selector_compare(const char *file)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	GElf_Ehdr head;
	Elf *elf;
	int ret;

	if (fd < 0)
		return -errno;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &head))
		ret = -ENOEXEC;
	else if (head.e_machine == EM_BPF)
		ret = is_own_object(elf);
	else
		ret = in_library(elf);
	elf_end(elf);
	close(fd);
	return ret;
}
