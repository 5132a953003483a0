// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An ELF object with a selector, ours or somebody else's: open it, hold it
 * against the contract, load it with the maps of the cluster.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "internal.h"

/* The contract, and what only our own object has. */
struct map_spec {
	const char *name;
	size_t field; /* of struct pmr_object */
	bool required;
	bool cluster_wide; /* pinned with the cluster, not with the endpoint */
	enum bpf_map_type type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
};

#define FIELD(f) offsetof(struct pmr_object, f)

#define U32 sizeof(__u32)

/* clang-format off: a line each */
static const struct map_spec specs[] = {
	{"nonce", FIELD(nonce), true, true, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"size", FIELD(size), true, true, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"slots", FIELD(slots), false, true, BPF_MAP_TYPE_ARRAY, U32, sizeof(pmr_slot_t),
	 PMR_SLOTS},
	{"fallback", FIELD(fallback), false, true, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"drained", FIELD(drained), false, true, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_drained), 1},
	{"pinned", FIELD(pinned), false, true, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"overrides", FIELD(overrides), false, true, BPF_MAP_TYPE_LPM_TRIE,
	 sizeof(struct pmr_override), U32, 2 * PMR_MAX_PINS},
	{"account", FIELD(account), false, true, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"exporters", FIELD(exporters), false, true, BPF_MAP_TYPE_HASH, sizeof(struct pmr_source),
	 sizeof(struct pmr_account), PMR_MAX_EXPORTERS},
	{"counters", FIELD(counters), false, false, BPF_MAP_TYPE_PERCPU_ARRAY, U32,
	 sizeof(struct pmr_traffic), PMR_MAX_BUCKETS},
	{"decisions", FIELD(decisions), false, false, BPF_MAP_TYPE_PERCPU_ARRAY, U32, sizeof(__u64),
	 PMR_DECISIONS},
	{"members", FIELD(members), false, false, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_member), PMR_MAX_BUCKETS},
};

static const struct map_spec udp_spec = {"udp_balancing_targets",
					 FIELD(targets),
					 true,
					 false,
					 BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
					 U32,
					 sizeof(__u64),
					 PMR_MAX_BUCKETS};
static const struct map_spec tcp_spec = {"tcp_balancing_targets",
					 FIELD(targets),
					 true,
					 false,
					 BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
					 U32,
					 sizeof(__u64),
					 PMR_MAX_BUCKETS};
/* clang-format on */

static struct bpf_map **field_of(struct pmr_object *object, const struct map_spec *spec)
{
	return (struct bpf_map **)((char *)object + spec->field);
}

static int check_map(struct pmr_object *object, const struct map_spec *spec,
		     struct pmreuseport_error *error)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object->bpf, spec->name);
	bool fits = map && bpf_map__type(map) == spec->type &&
		    bpf_map__key_size(map) == spec->key_size &&
		    bpf_map__value_size(map) == spec->value_size &&
		    bpf_map__max_entries(map) == spec->max_entries;

	if (!map && spec->required)
		return pmr_error(error, -EINVAL, "object %.200s has no map \"%s\"",
				 "use an object that follows the "
				 "contract of reuseport_bpf_prog",
				 object->name, spec->name);
	if (!fits && spec->required)
		return pmr_error(error, -EINVAL,
				 "map \"%s\" of object %.200s is a %s with keys of %u bytes, "
				 "values of "
				 "%u bytes and %u entries, but the contract wants a %s with 4, %u "
				 "and %u",
				 "correct the object", spec->name, object->name,
				 libbpf_bpf_map_type_str(bpf_map__type(map)),
				 bpf_map__key_size(map), bpf_map__value_size(map),
				 bpf_map__max_entries(map), libbpf_bpf_map_type_str(spec->type),
				 spec->value_size, spec->max_entries);
	/* An object of others may use our optional names for maps of its own. */
	if (!fits)
		return 0;

	*field_of(object, spec) = map;
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
				 "use one that follows the "
				 "contract of reuseport_bpf_prog",
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
				 "it must be "
				 "sk_reuseport",
				 PMR_SELECTOR, object->name, libbpf_bpf_prog_type_str(type));
	}
	return 0;
}

int pmr_object_open(struct pmr_object *object, const char *file, bool tcp,
		    struct pmreuseport_error *error)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "pmreuseport");
	struct pmr_elf elf = {0};
	struct bpf_map *map;
	struct pmr_log log;
	size_t i;
	int err;

	memset(object, 0, sizeof(*object));
	object->prog_fd = -1;
	object->name = file ? file : "(built in)";

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
				 "name one "
				 "made by clang -target bpf (%s)",
				 object->name, pmr_log_tail(&log));

	err = check_program(object, error);
	if (!err)
		err = check_map(object, tcp ? &tcp_spec : &udp_spec, error);
	for (i = 0; !err && i < sizeof(specs) / sizeof(specs[0]); i++)
		err = check_map(object, &specs[i], error);
	if (err)
		return err;

	/* An object may ask libbpf to pin for it; where is for us to say. */
	bpf_object__for_each_map(map, object->bpf) bpf_map__set_pin_path(map, NULL);
	return 0;
}

static int pin_path(char path[PMR_PATH_MAX], const struct map_spec *spec,
		    const struct pmr_cluster *cluster, const char *endpoint_path,
		    struct pmreuseport_error *error)
{
	int n = snprintf(path, PMR_PATH_MAX, "%s/%s",
			 spec->cluster_wide ? cluster->path : endpoint_path, spec->name);

	return n < PMR_PATH_MAX ? 0
				: pmr_error(error, -ENAMETOOLONG, "path %s... is too long",
					    "use a shorter cluster name", path);
}

uint64_t pmr_program_tag(int prog_fd)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);
	uint64_t tag = 0;

	if (!bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		memcpy(&tag, info.tag, sizeof(tag));
	return tag;
}

/* Puts the pinned map, if there is one, in the place of the object's own. */
static int share_map(struct bpf_map *map, const char *path, const struct pmr_cluster *cluster,
		     struct pmreuseport_error *error)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);
	int fd, err;

	fd = pmr_bpffs_get(path, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;

	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (err) {
		pmr_error(error, err, "cannot tell the layout of %s (%s)",
			  "stop all instances of the cluster, then: rm -r %s", path, strerror(-err),
			  cluster->path);
		goto out;
	}
	if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
	    info.value_size != bpf_map__value_size(map) ||
	    info.max_entries != bpf_map__max_entries(map) ||
	    info.map_flags != bpf_map__map_flags(map)) {
		err = pmr_error(error, -EEXIST,
				"the map pinned at %s has another layout than this version's",
				"stop "
				"all instances of the cluster, then: rm -r %s",
				path, cluster->path);
		goto out;
	}
	err = bpf_map__reuse_fd(map, fd);
	if (err)
		pmr_error(error, err, "cannot use the map pinned at %s (%s)",
			  "stop all instances of the cluster, then: rm -r %s", path, strerror(-err),
			  cluster->path);
out:
	close(fd);
	return err;
}

static int load_error(const struct pmr_object *object, int err, struct pmr_log *log,
		      struct pmreuseport_error *error)
{
	struct utsname host = {0};

	if (err == -EPERM)
		return pmr_error(error, err,
				 "the kernel does not let this process load BPF programs (%s)",
				 "run "
				 "as root or with CAP_BPF",
				 strerror(-err));

	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return pmr_error(error, err, "cannot load object %.200s (%s)",
				 "give this process more of it", object->name, strerror(-err));

	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SK_REUSEPORT, NULL) != 1) {
		uname(&host);
		return pmr_error(error, -ENOTSUP, "kernel %s has no sk_reuseport BPF programs (%s)",
				 "use Linux "
				 "5.14 or newer",
				 host.release, strerror(-err));
	}

	return pmr_error(error, err, "the kernel refused program \"%s\" of object %.200s (%s)",
			 "correct the "
			 "object: "
			 "%s",
			 PMR_SELECTOR, object->name, strerror(-err), pmr_log_tail(log));
}

/* Calls libbpf with its output captured: the error, if any, is in the log. */
int pmr_object_try(struct pmr_object *object, struct pmreuseport_error *error)
{
	struct pmr_log log;
	int err;

	pmr_log_begin(&log);
	err = bpf_object__load(object->bpf);
	pmr_log_end();
	if (err)
		return load_error(object, err, &log, error);

	object->prog_fd =
		bpf_program__fd(bpf_object__find_program_by_name(object->bpf, PMR_SELECTOR));
	return 0;
}

int pmr_object_load(struct pmr_object *object, const struct pmr_cluster *cluster,
		    const char *endpoint_path, struct pmr_undo *undo,
		    struct pmreuseport_error *error)
{
	const bool tcp = !strcmp(bpf_map__name(object->targets), tcp_spec.name);
	const struct map_spec *all[1 + sizeof(specs) / sizeof(specs[0])];
	char path[PMR_PATH_MAX];
	struct bpf_map *map;
	size_t i, n = 0;
	int err = 0;

	all[n++] = tcp ? &tcp_spec : &udp_spec;
	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		all[n++] = &specs[i];

	for (i = 0; !err && i < n; i++) {
		map = *field_of(object, all[i]);
		if (!map)
			continue;
		err = pin_path(path, all[i], cluster, endpoint_path, error);
		if (!err)
			err = share_map(map, path, cluster, error);
	}
	if (!err)
		err = pmr_object_try(object, error);

	for (i = 0; !err && i < n; i++) {
		map = *field_of(object, all[i]);
		if (!map)
			continue;
		err = pin_path(path, all[i], cluster, endpoint_path, error);
		if (!err && !pmr_bpffs_exists(path))
			err = pmr_bpffs_pin(bpf_map__fd(map), path, undo, error);
	}
	return err;
}

void pmr_object_drop_stale(const struct pmr_object *object, const struct pmr_cluster *cluster,
			   const char *endpoint_path)
{
	char path[PMR_PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		if (specs[i].cluster_wide == !endpoint_path &&
		    !*field_of((struct pmr_object *)object, &specs[i]) &&
		    !pin_path(path, &specs[i], cluster, endpoint_path, NULL))
			unlink(path);
}

void pmr_object_close(struct pmr_object *object)
{
	bpf_object__close(object->bpf);
	object->bpf = NULL;
}
