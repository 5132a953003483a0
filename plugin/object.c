// SPDX-License-Identifier: GPL-2.0-or-later
/* An ELF object with a selector, the built-in one or another: open it, and check it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "error.h"
#include "libbpf_log.h"
#include "object.h"
#include "object_file.h"
#include "object_maps.h"
#include "selector_id.h"

static int check_map(struct pmr_object *object, const struct pmr_map_spec *spec,
		     struct pmreuseport_error *error)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object->bpf, spec->name);
	bool fits = map && bpf_map__type(map) == spec->type &&
		    bpf_map__key_size(map) == spec->key_size &&
		    bpf_map__value_size(map) == spec->value_size &&
		    bpf_map__max_entries(map) == spec->max_entries;

	if (!map && spec->required)
		return pmr_error(error, -EINVAL, "object %.200s has no map \"%s\"",
				 "use an object that follows the contract of reuseport_bpf_prog",
				 object->name, spec->name);
	if (!fits && spec->required)
		return pmr_error(error, -EINVAL,
				 "map \"%s\" of object %.200s is a %s with keys of %u bytes, "
				 "values of %u bytes and %u entries, but the contract wants a %s "
				 "with 4, %u and %u",
				 "correct the object", spec->name, object->name,
				 libbpf_bpf_map_type_str(bpf_map__type(map)),
				 bpf_map__key_size(map), bpf_map__value_size(map),
				 bpf_map__max_entries(map), libbpf_bpf_map_type_str(spec->type),
				 spec->value_size, spec->max_entries);
	/* An object of others may use our optional names for maps of its own. */
	if (!fits)
		return 0;

	*pmr_map_field(object, spec) = map;
	return 0;
}

static int check_program(struct pmr_object *object, struct pmreuseport_error *error)
{
	struct bpf_program *prog, *selector = NULL;
	enum bpf_prog_type type;

	bpf_object__for_each_program(prog, object->bpf)
	{
		if (!strcmp(bpf_program__name(prog), PMR_SELECTOR))
			selector = prog;
		else
			bpf_program__set_autoload(prog, false);
	}
	if (!selector)
		return pmr_error(error, -EINVAL, "object %.200s has no program \"%s\"",
				 "use one that follows the contract of reuseport_bpf_prog",
				 object->name, PMR_SELECTOR);

	/*
	 * libbpf 1.0 and later know no section "sk_reuseport/selector", which
	 * public objects use, and leave the type open.
	 */
	type = bpf_program__type(selector);
	if (type == BPF_PROG_TYPE_UNSPEC) {
		bpf_program__set_type(selector, BPF_PROG_TYPE_SK_REUSEPORT);
		bpf_program__set_expected_attach_type(selector, BPF_SK_REUSEPORT_SELECT);
	} else if (type != BPF_PROG_TYPE_SK_REUSEPORT) {
		return pmr_error(error, -EINVAL, "program \"%s\" of object %.200s is a %s program",
				 "it must be sk_reuseport", PMR_SELECTOR, object->name,
				 libbpf_bpf_prog_type_str(type));
	}
	return 0;
}

int pmr_object_open(struct pmr_object *object, const char *file, bool tcp,
		    struct pmreuseport_error *error)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "pmreuseport");
	struct pmr_elf elf = {0};
	const struct pmr_map_spec *spec = NULL;
	struct bpf_map *map;
	struct pmr_log log;
	int err;

	memset(object, 0, sizeof(*object));
	object->prog_fd = -1;
	object->tcp = tcp;
	object->name = file ? file : "(built in)";
	object->id = file ? NULL : PMR_SELECTOR_ID;

	err = pmr_elf_read(&elf, file, error);
	if (err)
		return err;

	pmr_log_begin(&log);
	object->bpf = bpf_object__open_mem(elf.bytes, elf.size, &opts);
	err = object->bpf ? 0 : -errno;
	pmr_log_end();
	pmr_elf_free(&elf);
	if (err)
		return pmr_error(error, -EINVAL, "%.200s is not a BPF object that libbpf can open",
				 "name one made by clang -target bpf (%s)", object->name,
				 pmr_log_tail(&log));

	err = check_program(object, error);
	while (!err && (spec = pmr_map_spec_next(object, spec)))
		err = check_map(object, spec, error);
	if (err)
		return err;

	/* An object may ask libbpf to pin for it; where is for us to say. */
	bpf_object__for_each_map(map, object->bpf) bpf_map__set_pin_path(map, NULL);
	return 0;
}

void pmr_object_close(struct pmr_object *object)
{
	if (object->shares_selector)
		close(object->prog_fd);
	object->shares_selector = false;
	bpf_object__close(object->bpf);
	object->bpf = NULL;
}
