// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of strikes, in memory that all instances of a cluster share. */
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "error.h"
#include "pin.h"
#include "strikes.h"

/* Then the holder of the lock was killed: it needs less than a microsecond, once it runs. */
#define LOCK_PATIENCE_NS 5000000000

int pmr_strikes_map(const struct pmr_cluster *cluster, struct pmr_strikes **table,
		    struct pmreuseport_error *error)
{
	void *memory;
	int fd, err = 0;

	*table = NULL;
	fd = pmr_cluster_map(cluster, "strikes", BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(**table),
			     error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	memory = mmap(NULL, sizeof(**table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		err = pmr_error(error, -errno, "cannot map %s/strikes into memory (%s)",
				"add memory, or raise the memory limit", cluster->path,
				strerror(errno));
	else
		*table = memory;
	close(fd);
	return err;
}

void pmr_strikes_unmap(struct pmr_strikes *table)
{
	if (table)
		munmap(table, sizeof(*table));
}

bool pmr_strikes_source(const struct sockaddr *address, struct pmr_source *source)
{
	switch (address->sa_family) {
	case AF_INET:
		*source = pmr_source_of(AF_INET, &((const struct sockaddr_in *)address)->sin_addr);
		return true;
	case AF_INET6:
		*source =
			pmr_source_of(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr);
		return true;
	default:
		return false;
	}
}

static __u64 now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The lock is the time at which it was taken, so that each holder is another one. */
static __u32 lock(struct pmr_strikes *table)
{
	__u64 since = now_ns(CLOCK_MONOTONIC);
	__u32 mine = since | 1, holder = 0, last = 0;

	while (!__atomic_compare_exchange_n(&table->lock, &holder, mine, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		const __u64 now = now_ns(CLOCK_MONOTONIC);

		if (holder != last) {
			last = holder;
			since = now;
		}
		if (now - since < LOCK_PATIENCE_NS) {
			sched_yield();
			holder = 0;
		}
	}
	return mine;
}

static void unlock(struct pmr_strikes *table, __u32 mine)
{
	__atomic_compare_exchange_n(&table->lock, &mine, 0, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
}

static __u32 used(const struct pmr_strikes *table)
{
	const __u32 n = __atomic_load_n(&table->used, __ATOMIC_ACQUIRE);

	return n < PMR_MAX_STRUCK ? n : PMR_MAX_STRUCK;
}

static struct pmr_struck *find(struct pmr_strikes *table, const struct pmr_source *source)
{
	const __u32 n = used(table);
	__u32 i;

	for (i = 0; i < n; i++)
		if (table->rows[i].strikes && pmr_same_source(&table->rows[i].source, source))
			return &table->rows[i];
	return NULL;
}

/* The row whose strikes are oldest: rows that are free have none. There is one: see quarantine().
 */
static struct pmr_struck *take(struct pmr_strikes *table, const struct pmr_source *source)
{
	struct pmr_struck *row = NULL;
	__u32 i;

	for (i = 0; i < PMR_MAX_STRUCK; i++)
		if (!table->rows[i].since_ns && (!row || table->rows[i].last_ns < row->last_ns))
			row = &table->rows[i];
	*row = (struct pmr_struck){.source = *source};
	i = row - table->rows;
	if (i >= table->used)
		__atomic_store_n(&table->used, i + 1, __ATOMIC_RELEASE);
	return row;
}

/* From here on no instance decodes what the exporter sends. */
static void quarantine(struct pmr_strikes *table, struct pmr_struck *row)
{
	unsigned int i, n = 0;

	for (i = 0; i < PMR_MAX_STRUCK; i++)
		n += !!table->rows[i].since_ns;
	row->full = n >= PMR_MAX_QUARANTINED;
	if (!row->full)
		__atomic_store_n(&row->since_ns, row->last_ns, __ATOMIC_RELEASE);
}

void pmr_strikes_add(struct pmr_strikes *table, const struct pmr_source *source, __u32 signal)
{
	struct pmr_struck *row;
	__u64 last_ns;
	__u32 mine;

	mine = lock(table);
	row = find(table, source);
	if (!row)
		row = take(table, source);
	last_ns = row->last_ns;
	row->last_ns = now_ns(CLOCK_REALTIME);
	row->signal = signal;
	row->strikes++;
	table->total++;
	if (last_ns && !row->since_ns && row->last_ns < last_ns + PMR_STRIKE_WINDOW_NS)
		quarantine(table, row);
	unlock(table, mine);
}

/* The address of a row is written while it is not in quarantine. */
bool pmr_strikes_drop(struct pmr_strikes *table, const struct pmr_source *source)
{
	const __u32 n = used(table);
	__u32 i;

	for (i = 0; i < n; i++) {
		struct pmr_struck *row = &table->rows[i];

		if (__atomic_load_n(&row->since_ns, __ATOMIC_ACQUIRE) &&
		    pmr_same_source(&row->source, source)) {
			__atomic_fetch_add(&row->dropped, 1, __ATOMIC_RELAXED);
			return true;
		}
	}
	return false;
}

static bool is_news(const struct pmr_struck *row)
{
	return row->told != row->strikes || (row->since_ns && !row->pinned);
}

bool pmr_strikes_news(struct pmr_strikes *table, struct pmr_struck *struck)
{
	const __u32 n = used(table);
	bool found = false;
	__u32 i, mine;

	for (i = 0; i < n && !is_news(&table->rows[i]); i++)
		;
	if (i == n)
		return false;
	mine = lock(table);
	for (i = 0; i < n && !found; i++) {
		found = is_news(&table->rows[i]);
		if (found)
			*struck = table->rows[i];
	}
	unlock(table, mine);
	return found;
}

void pmr_strikes_told(struct pmr_strikes *table, const struct pmr_struck *struck, bool pinned)
{
	struct pmr_struck *row;
	__u32 mine;

	mine = lock(table);
	row = find(table, &struck->source);
	if (row) {
		row->told = struck->strikes;
		row->pinned |= pinned;
	}
	unlock(table, mine);
}

int pmr_strikes_row(struct pmr_strikes *table, const struct pmr_source *source)
{
	const struct pmr_struck *row;
	__u32 mine;

	mine = lock(table);
	row = find(table, source);
	unlock(table, mine);
	return row ? row - table->rows : -1;
}

void pmr_strikes_forget(struct pmr_strikes *table, const struct pmr_source *source)
{
	struct pmr_struck *row;
	__u32 mine;

	mine = lock(table);
	row = find(table, source);
	if (row) {
		__atomic_store_n(&row->since_ns, 0, __ATOMIC_RELEASE);
		*row = (struct pmr_struck){0};
	}
	unlock(table, mine);
}

unsigned int pmr_strikes_copy(struct pmr_strikes *table, struct pmr_struck rows[PMR_MAX_STRUCK])
{
	unsigned int i, n = 0;
	__u32 mine;

	mine = lock(table);
	for (i = 0; i < used(table); i++)
		if (table->rows[i].strikes)
			rows[n++] = table->rows[i];
	unlock(table, mine);
	return n;
}
