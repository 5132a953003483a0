// SPDX-License-Identifier: GPL-2.0-or-later
/* What a join is refused for: it must agree with the instances that are live. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "configuration.h"
#include "endpoint_dir.h"
#include "error.h"
#include "join_check.h"
#include "live_sockets.h"
#include "seed.h"

/* What decides where an exporter goes: all have it, or none. */
static int check_same_maps(const struct pmr_cluster *cluster, const struct pmr_object *object,
			   struct pmreuseport_error *error)
{
	const struct {
		const char *map;
		bool has;
	} maps[] = {{"seed", object->seed},
		    {"drained", object->drained},
		    {"pin_set", object->pin_set},
		    {"pins", object->pins},
		    {"pin_filter", object->pin_filter},
		    {"strikes", object->strikes}};
	size_t i;

	if (pmr_cluster_has(cluster, "slots") != !!object->slots)
		return pmr_refuse(error, PMREUSEPORT_OTHER_SELECTOR, -EEXIST,
				  "object %.200s maps exporters to buckets %s a slot table, unlike "
				  "the live instances of cluster \"%s\"",
				  "give all of them the same reuseport_bpf_prog", object->name,
				  object->slots ? "with" : "without", cluster->name);
	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (pmr_cluster_has(cluster, maps[i].map) != maps[i].has)
			return pmr_refuse(error, PMREUSEPORT_OTHER_SELECTOR, -EEXIST,
					  "object %.200s has %s map \"%s\", unlike the live "
					  "instances of cluster \"%s\"",
					  "give all of them the same reuseport_bpf_prog, or stop "
					  "them all first",
					  object->name, maps[i].has ? "a" : "no", maps[i].map,
					  cluster->name);
	return 0;
}

/*
 * While an instance lives, its count and its way of hashing stand. With none left
 * ours are taken: no exporters can be reshuffled.
 */
int pmr_join_check_live(const struct pmr_cluster *cluster, const struct pmr_object *object,
			const struct pmreuseport_config *config, unsigned int *live,
			struct pmreuseport_error *error)
{
	unsigned int size;
	bool drop;
	int err;

	err = pmr_live_in_cluster(cluster, live, error);
	if (err || !*live)
		return err;

	size = pmr_cluster_number(cluster, "size");
	if (!size)
		return pmr_refuse(error, PMREUSEPORT_PINS_LOST, -EEXIST,
				  "live instances of cluster \"%s\" have lost their pins",
				  "stop them all, then: rm -r %s", cluster->name, cluster->path);
	if (size != config->count)
		return pmr_refuse(error, PMREUSEPORT_OTHER_COUNT, -EEXIST,
				  "reuseport_hashbucket_count is %u, but live instances of cluster "
				  "\"%s\" use %u",
				  "set it to %u, or change theirs with: pmreuseport resize -c %s "
				  "%u, or stop them all first",
				  config->count, cluster->name, size, size, cluster->name,
				  config->count);

	drop = pmr_cluster_number(cluster, "fallback") == PMREUSEPORT_DROP;
	if (drop != (config->fallback == PMREUSEPORT_DROP))
		return pmr_refuse(error, PMREUSEPORT_OTHER_FALLBACK, -EEXIST,
				  "reuseport_fallback is %s, but live instances of cluster \"%s\" "
				  "use %s",
				  "use the same value, or stop them all first",
				  drop ? "rehash" : "drop", cluster->name,
				  drop ? "drop" : "rehash");

	err = check_same_maps(cluster, object, error);
	return err ? err : pmr_seed_check_live(cluster, object, config, error);
}

/* "drop" is more than the classic programs can be told. */
int pmr_join_check_fallback(const struct pmr_object *object,
			    const struct pmreuseport_config *config,
			    struct pmreuseport_error *error)
{
	if (object->fallback || config->fallback != PMREUSEPORT_DROP)
		return 0;
	return pmr_error(error, -EINVAL,
			 "reuseport_fallback is drop, but object %.200s has no map \"fallback\" to "
			 "tell its program",
			 "leave the key out, or leave out reuseport_bpf_prog", object->name);
}

int pmr_join_check_elsewhere(const struct pmr_cluster *cluster, const char *endpoint_name,
			     struct pmreuseport_error *error)
{
	char path[PMR_DIR_PATH_MAX];
	unsigned int live = 0;
	struct dirent *entry;
	struct stat st;
	int err = 0;
	DIR *dir;

	dir = opendir(PMR_ROOT);
	if (!dir)
		return pmr_error(error, -errno, "cannot read %s (%s)", "%s", PMR_ROOT,
				 strerror(errno),
				 pmr_advice(-errno, "run as its owner or as root"));
	while (!err && !live && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, cluster->name))
			continue;
		/* Another user's: sockets of one group belong to one user. */
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode) || !pmr_only_ours(&st))
			continue;
		snprintf(path, sizeof(path), "%s/%.*s/%s", PMR_ROOT, PMREUSEPORT_CLUSTER_NAME_MAX,
			 entry->d_name, endpoint_name);
		err = pmr_live_in_endpoint(path, endpoint_name, &live, error);
		if (err == -EACCES)
			err = 0;
		if (live)
			err = pmr_refuse(error, PMREUSEPORT_OTHER_CLUSTER, -EEXIST,
					 "the port of endpoint %s is balanced by cluster \"%s\" "
					 "already",
					 "set cluster_name to that, or use another port",
					 endpoint_name, entry->d_name);
	}
	closedir(dir);
	return err;
}

static uint64_t program_tag(int prog_fd)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);
	uint64_t tag = 0;

	if (!bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		memcpy(&tag, info.tag, sizeof(tag));
	return tag;
}

struct tag_check {
	const struct pmr_object *object;
	uint64_t tag;
};

static int same_tag(const char *path, const char *name, void *context,
		    struct pmreuseport_error *error)
{
	const struct tag_check *check = context;
	char pin[PMR_PIN_PATH_MAX];
	unsigned int live;
	uint64_t tag;
	int fd, err;

	err = pmr_live_in_endpoint(path, name, &live, error);
	if (err || !live)
		return err;
	snprintf(pin, sizeof(pin), "%s/%s", path, PMR_SELECTOR);
	fd = bpf_obj_get(pin);
	if (fd < 0)
		return pmr_error(error, fd, "cannot open %.200s (%s)",
				 "stop all instances, then: rm -r %.100s", pin, strerror(-fd),
				 path);
	tag = program_tag(fd);
	close(fd);
	if (tag == check->tag)
		return 0;
	return pmr_refuse(error, PMREUSEPORT_OTHER_SELECTOR, -EEXIST,
			  "object %.200s has another selector than the live instances",
			  "give all of them the same reuseport_bpf_prog, or stop them all first",
			  check->object->name);
}

int pmr_join_check_selector(const struct pmr_cluster *cluster, const struct pmr_object *object,
			    struct pmreuseport_error *error)
{
	struct tag_check check = {object, program_tag(object->prog_fd)};

	/* Ours say by the name of that map that they agree; see reuseport.h. */
	return object->slots ? 0 : pmr_endpoint_each(cluster, same_tag, &check, error);
}
