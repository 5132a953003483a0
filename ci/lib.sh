# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts in this directory share. To be sourced:
#	. "$(dirname "$0")/lib.sh"

# One line about what goes on.
say() {
	printf '%s: %s\n' "${0##*/}" "$*"
}

die() {
	printf '%s: error: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# step WHAT COMMAND...: run a command with its output in the file $log. If it
# fails, say which step that was and where the log is, and exit.
step() {
	local what=$1 rc=0 log=${log:?step needs a log file}
	shift
	say "$what"
	printf '\n==> %s\n' "$what" >>"$log"
	"$@" >>"$log" 2>&1 || rc=$?
	if ((rc)); then
		{
			printf '%s: error: this step failed (exit status %d): %s\n' "${0##*/}" "$rc" "$what"
			printf 'The log is %s and ends with:\n' "$log"
			tail -n 15 "$log" | sed 's/^/    /'
		} >&2
		exit 1
	fi
}

sha256() {
	sha256sum -- "$1" | cut -d ' ' -f 1
}
