/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is installed: the daemon, the library that it uses, and the selector object. */
#include "doctor/check_daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/check_keys.h"
#include "doctor/check_plugins.h"
#include "doctor/subprocess.h"
#include "operator.h"

#define LIBRARY "libpmreuseport.so"
#define TIMEOUT_MS 10000

/* Also searched: the PATH of an ordinary user lacks these directories. */
#define MORE_PATH "/usr/local/sbin:/usr/sbin:/sbin"

static const char *find_in(const char *directories, const char *name, char *path, size_t size)
{
	size_t length;

	for (; *directories; directories += length + (directories[length] == ':')) {
		length = strcspn(directories, ":");
		if (length &&
		    (size_t)snprintf(path, size, "%.*s/%s", (int)length, directories, name) <
			    size &&
		    !access(path, X_OK))
			return path;
	}
	return NULL;
}

static const char *find_daemon(const char *name, char *path, size_t size)
{
	const char *directories = getenv("PATH");

	if (directories && find_in(directories, name, path, size))
		return path;
	return find_in(MORE_PATH, name, path, size);
}

/* A file that is run, maybe as root, or loaded, must be one that only root or this user can change.
 */
static bool is_only_ours(struct findings *findings, const char *check, const char *path)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode)) {
		findings_add(findings, check, FINDING_FAIL, "%s is not a regular file", path);
		findings_fix(findings, "install it, or name another program with --daemon");
		return false;
	}
	if (pmr_only_ours(&st))
		return true;
	findings_add(findings, check, FINDING_FAIL,
		     "%s is owned by user %u with mode %04o, so others could change it", path,
		     (unsigned int)st.st_uid, (unsigned int)st.st_mode & 07777);
	findings_fix(findings, "chown it to root and chmod go-w it");
	return false;
}

/* The text after the first occurrence of a word, or NULL. */
static const char *after(const char *text, const char *word)
{
	const char *found = strstr(text, word);

	return found ? found + strlen(word) : NULL;
}

/* The only variable of this environment that the dynamic linker needs. */
static char *library_path(void)
{
	char **variable;

	for (variable = environ; *variable; variable++)
		if (!strncmp(*variable, "LD_LIBRARY_PATH=", 16))
			return *variable;
	return NULL;
}

/* As ldd(1) does: the dynamic linker lists the libraries instead of running the program. */
static bool library_of(const char *daemon, char *library, size_t size)
{
	char *const argv[] = {(char *)daemon, "-V", NULL};
	char *const envp[] = {"LD_TRACE_LOADED_OBJECTS=1", "LC_ALL=C", library_path(), NULL};
	char *text = malloc(65536);
	const char *line;
	bool found = false;

	if (text && !subprocess_run(daemon, argv, envp, text, 65536, TIMEOUT_MS)) {
		line = after(text, LIBRARY);
		line = line ? after(line, " => ") : NULL;
		found = line;
		if (line)
			snprintf(library, size, "%.*s", (int)strcspn(line, " \n"), line);
	}
	free(text);
	return found;
}

static void check_library(struct findings *findings, const char *daemon)
{
	char library[4096];
	int same;

	if (!library_of(daemon, library, sizeof(library))) {
		findings_add(findings, "library", FINDING_WARN,
			     "the dynamic linker does not list a %s for %s", LIBRARY, daemon);
		findings_fix(findings, "check the output of ldd");
		return;
	}
	if (!is_only_ours(findings, "library", library))
		return;
	same = pmr_selector_compare(library);
	if (same < 0) {
		findings_add(findings, "library", FINDING_FAIL,
			     "cannot read %s (%s), the library of %s", library, strerror(-same),
			     daemon);
		findings_fix(findings, "install it so that this user can read it");
	} else if (!same) {
		findings_add(findings, "library", FINDING_WARN,
			     "%s, the library of %s, has another selector than this command",
			     library, daemon);
		findings_fix(findings,
			     "install both from one version, and restart one instance after "
			     "another");
	} else {
		findings_add(findings, "library", FINDING_OK,
			     "%s, the library of %s, has the same selector as this command",
			     library, daemon);
	}
}

static void not_built(struct findings *findings, const char *what, const struct instance *needs)
{
	/* It would ignore the keys, and run without being balanced. */
	if (needs) {
		findings_add(findings, "daemon", FINDING_FAIL,
			     "%s is built without reuseport, so it cannot run with %s", what,
			     needs->file);
		findings_fix(findings, "build it with the patches and --enable-reuseport, or "
				       "remove the reuseport_* keys and use: pmreuseport adopt");
		return;
	}
	findings_add(findings, "daemon", FINDING_WARN, "%s is built without reuseport", what);
	findings_fix(findings,
		     "build it with the patches and --enable-reuseport, or put its sockets "
		     "into a cluster with: pmreuseport adopt");
}

/* The text is the output of -V, or of a program that is not the daemon. */
static void judge(struct findings *findings, const char *daemon, int status, const char *text,
		  const struct instances *instances)
{
	const bool patched =
		strstr(text, "'--enable-reuseport'") || strstr(text, "'--enable-reuseport=yes'");
	char title[512], what[768];

	snprintf(title, sizeof(title), "%.*s", (int)strcspn(text, "\n"), text);
	snprintf(what, sizeof(what), "%.200s (%.100s)", daemon, title);
	if (status < 0) {
		findings_add(findings, "daemon", FINDING_FAIL, "cannot ask %s for its version (%s)",
			     daemon, strerror(-status));
		findings_fix(findings, "run it with -V to see why");
	} else if (strstr(text, LIBRARY) && status) {
		findings_add(findings, "daemon", FINDING_FAIL, "%s does not start: %s", daemon,
			     title);
		findings_fix(findings, "install the library, name its directory in "
				       "/etc/ld.so.conf.d/, and run: ldconfig");
	} else if (!strstr(title, "nfacctd") && !strstr(title, "pmbmpd")) {
		findings_add(findings, "daemon", FINDING_WARN, "%s is neither nfacctd nor pmbmpd",
			     what);
		findings_fix(findings,
			     "name one of them with --daemon, or put the sockets of another "
			     "program into a cluster with: pmreuseport adopt");
	} else {
		if (patched) {
			findings_add(findings, "daemon", FINDING_OK, "%s is built with reuseport",
				     what);
			check_library(findings, daemon);
		} else {
			not_built(findings, what, instances_balanced(instances));
		}
		check_keys(findings, daemon, patched, instances);
		check_plugins(findings, daemon, text, instances);
	}
}

static void check_object(struct findings *findings)
{
	int same;

	if (access(INSTALLED_OBJECT, R_OK)) {
		findings_add(findings, "object", FINDING_WARN, "cannot read %s (%s)",
			     INSTALLED_OBJECT, strerror(errno));
		findings_fix(findings, "install it again, if reuseport_bpf_prog is to name it");
		return;
	}
	if (!is_only_ours(findings, "object", INSTALLED_OBJECT))
		return;
	same = pmr_selector_compare(INSTALLED_OBJECT);
	if (same > 0) {
		findings_add(findings, "object", FINDING_OK,
			     "%s has the same selector as this command", INSTALLED_OBJECT);
		return;
	}
	findings_add(findings, "object", FINDING_WARN, "%s has another selector than this command",
		     INSTALLED_OBJECT);
	findings_fix(findings, "install both from one version");
}

void check_daemon(struct findings *findings, const char *daemon, const struct instances *instances)
{
	char found[4096], *text;

	check_object(findings);
	if (!daemon || !strchr(daemon, '/')) {
		const char *name = daemon ? daemon : "nfacctd";

		daemon = find_daemon(name, found, sizeof(found));
		if (!daemon) {
			findings_add(findings, "daemon", FINDING_WARN, "%s is not in PATH", name);
			findings_fix(findings, "name the program with --daemon");
			return;
		}
	}
	if (!is_only_ours(findings, "daemon", daemon))
		return;
	text = calloc(1, 65536);
	if (text) {
		char *const argv[] = {(char *)daemon, "-V", NULL};
		int status = subprocess_run(daemon, argv, environ, text, 65536, TIMEOUT_MS);

		judge(findings, daemon, status, text, instances);
	}
	findings->incomplete |= !text;
	free(text);
}
