/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* In its own process group, so that its children can be killed, too. */
static int spawn(pid_t *pid, const char *path, char *const argv[], char *const envp[], int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	err = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
	if (!err)
		err = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	if (!err)
		err = posix_spawn(pid, path, &actions, &attributes, argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* Until the last writer closes the pipe. Output that does not fit is discarded. */
static int read_all(int fd, char *text, size_t size, long long deadline)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	char rest[4096];
	size_t used = 0;
	ssize_t n;

	text[0] = '\0';
	for (;;) {
		const bool room = used + 1 < size;
		const long long left = deadline - now_ms();

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&wait, 1, left) <= 0)
			continue;
		n = read(fd, room ? text + used : rest, room ? size - used - 1 : sizeof(rest));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		if (room)
			text[used += n] = '\0';
	}
}

static int wait_exit(pid_t pid, long long deadline)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	int status;
	pid_t gone;

	while (!(gone = waitpid(pid, &status, WNOHANG)) && now_ms() < deadline)
		nanosleep(&pause, NULL);
	if (!gone)
		return -ETIMEDOUT;
	if (gone < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int subprocess_run(const char *path, char *const argv[], char *const envp[], char *text,
		   size_t size, int timeout_ms)
{
	const long long deadline = now_ms() + timeout_ms;
	int pipes[2], ret;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	/* If it is inherited as ignored, there is no exit status. */
	signal(SIGCHLD, SIG_DFL);
	ret = spawn(&pid, path, argv, envp, pipes[1]);
	close(pipes[1]);
	if (!ret) {
		ret = read_all(pipes[0], text, size, deadline);
		if (!ret)
			ret = wait_exit(pid, deadline);
		if (ret < 0) {
			kill(-pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	close(pipes[0]);
	return ret;
}
