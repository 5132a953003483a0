# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of pmreuseport. --help names the commands and the options.

_pmreuseport_clusters() {
	find /sys/fs/bpf/pmacct -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null
}

# Of all clusters: an option that names one may still follow.
_pmreuseport_endpoints() {
	find /sys/fs/bpf/pmacct -mindepth 2 -maxdepth 2 -type d -printf '%f\n' 2>/dev/null
}

_pmreuseport() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words=''

	# bash makes three words of --cluster=NAME.
	if [[ $word == = ]]; then
		word=''
	elif [[ $before == = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)); then
		words=$("$1" --help 2>/dev/null | sed -n 's/^  \([a-z]\+\)  .*/\1/p')
	else
		case $before in
		-c | --cluster)
			words=$(_pmreuseport_clusters)
			;;
		--dir)
			mapfile -t COMPREPLY < <(compgen -d -- "$word")
			return
			;;
		-f | -o | --file | --output | --daemon | --pidfile)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		--by)
			words='packets bytes'
			;;
		--fallback)
			words='rehash drop'
			;;
		*)
			if [[ $word == -* ]]; then
				words=$("$1" "$command" --help 2>/dev/null |
					sed -n 's/^  \(-., \|    \)\(--[a-z-]\+\).*/\2/p')
			elif [[ $command == account ]]; then
				words='on off'
			elif [[ $command == pin ]] && ((COMP_CWORD > 2)); then
				words='drop'
			elif [[ $command == forget ]]; then
				words=$(_pmreuseport_endpoints)
			elif [[ $command == fork ]]; then
				mapfile -t COMPREPLY < <(compgen -f -- "$word")
				return
			fi
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _pmreuseport pmreuseport
