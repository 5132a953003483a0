# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of pmreuseport. Verbs and options are what the command's --help names.

_pmreuseport() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
	local words=''

	if ((COMP_CWORD == 1)); then
		words=$("$1" --help 2>/dev/null | sed -n 's/^  \([a-z]\+\)  .*/\1/p')
	elif [[ $before == --dir ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
	elif [[ $before == -[fo] || $before == --file || $before == --output || $before == --daemon ||
		$before == --pidfile ||
		($COMP_CWORD == 2 && $verb == fork && $word != -*) ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
	elif [[ $word == -* ]]; then
		words=$("$1" "$verb" --help 2>/dev/null | grep -o -e '--[a-z-]\+')
	elif [[ $before == -c || $before == --cluster ||
		($COMP_CWORD == 2 && $("$1" "$verb" --usage 2>/dev/null) == *CLUSTER*) ]]; then
		words=$(find /sys/fs/bpf/pmacct -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null)
	elif [[ $verb == account ]]; then
		words='on off'
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _pmreuseport pmreuseport
