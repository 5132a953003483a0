# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The source of pmacct and the patches for it. To be sourced after lib.sh by scripts
# that set $scratch, a directory for what is made on the way, and $log.

pmacct_version=1.7.8
tarball_name=pmacct_$pmacct_version.orig.tar.gz
tarball_sha256=4df50a3c6c7bdace3345bbf3bd4f6fa7a6722ec1fb45dfd266ad956b327da98a
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/pmacct-reuseport
patches=$(cd "$(dirname "${BASH_SOURCE[0]}")/../patches" && pwd)

# The mirror of this machine's distribution. apt is asked rather than its files
# read: it knows all formats of them, and needs no package lists for this.
apt_mirror() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && printf %s "${VERSION_CODENAME:-}")
	apt-get --print-uris update |
		awk -v suffix="/dists/$codename/InRelease'" '
			!uri && (i = index($1, suffix)) { uri = substr($1, 2, i - 2) }
			END { print uri }'
}

# A private apt state: neither the lists nor the installed packages of this
# machine have a say in which version is fetched. Its apt.conf.d stays in force.
# The newest suites are asked because older ones drop the tarball.
apt_fetch() {
	local dir=$1 mirror=$2 suite deb_version signed_by=''
	local -a apt=(
		-q -o "Dir::State::lists=$dir/lists" -o Dir::State::status=/dev/null
		-o "Dir::Cache=$dir/cache" -o "Dir::Etc::sourcelist=$dir/sources.list"
		-o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root -o Acquire::Retries=2
	)

	[[ ! -r $keyring ]] || signed_by="[signed-by=$keyring] "
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	for suite in trixie sid; do
		printf 'deb-src %s%s %s main\n' "$signed_by" "$mirror" "$suite"
	done >"$dir/sources.list"

	apt-get "${apt[@]}" update || return
	deb_version=$(apt-cache "${apt[@]}" showsrc --only-source pmacct |
		awk -v sum="$tarball_sha256" '$1 == "Version:" { v = $2 } $1 == sum { print v; exit }')
	if [[ -z $deb_version ]]; then
		printf 'the mirror %s has no pmacct source with %s\n' "$mirror" "$tarball_name"
		return 1
	fi
	(cd "$dir" && apt-get "${apt[@]}" source --download-only --tar-only "pmacct=$deb_version") || return
	printf '%s  %s\n' "$tarball_sha256" "$dir/$tarball_name" | sha256sum --check
}

# Sets $tarball to the tarball in the cache, and fetches it if it is not there.
fetch_tarball() {
	local attempt dir mirror

	tarball=$cache/$tarball_name
	if [[ -f $tarball ]]; then
		[[ $(sha256 "$tarball") != "$tarball_sha256" ]] || return 0
		say "$tarball is damaged, fetching it again"
		rm -f "$tarball"
	fi

	command -v apt-get >/dev/null || die "apt-get is not available to fetch the source of pmacct; give a source (see --help)"
	mirror=$(apt_mirror)
	[[ -n $mirror ]] || die "found no mirror in the apt sources of this machine; give a source (see --help)"
	for attempt in 1 2 3; do
		say "fetching the source of pmacct $pmacct_version from $mirror (attempt $attempt of 3)"
		dir=${scratch:?}/apt.$attempt
		mkdir -p "$dir"
		if apt_fetch "$dir" "$mirror" >>"${log:?}" 2>&1; then
			mkdir -p "$cache"
			cp "$dir/$tarball_name" "$tarball.$$"
			mv "$tarball.$$" "$tarball"
			return 0
		fi
		((attempt == 3)) || sleep $((attempt * 5))
	done
	tail -n 15 "$log" | sed 's/^/    /' >&2
	die "could not fetch $tarball_name (sha256 $tarball_sha256) from $mirror; the log is $log. Try again later, or give a source (see --help)"
}

# unpack_source SOURCE DIR: SOURCE is a tree or a tarball.
unpack_source() {
	mkdir -p "$2" || return
	if [[ -d $1 ]]; then
		cp -R "$1/." "$2"
	else
		tar -xf "$1" -C "$2" --strip-components=1 --no-same-owner
	fi
}

# The version of a pmacct tree, without what follows the numbers.
tree_version() {
	local version
	version=$(cat "$1/VERSION") || return
	printf '%s\n' "${version%%[^0-9.]*}"
}

# Names of the patches, in order.
series() {
	sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' "$patches/series"
}

# patch_for NAME VERSION: the file to apply to a tree of that version. A directory
# VERSION in patches/ replaces patches from that version on.
patch_for() {
	local dir file=$patches/$1
	while read -r dir; do
		[[ $(printf '%s\n' "$dir" "$2" | sort -V | head -n 1) = "$dir" ]] || break
		[[ ! -f $patches/$dir/$1 ]] || file=$patches/$dir/$1
	done < <(find "$patches" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -V)
	printf '%s\n' "$file"
}

# A file without a diff says why a version does not need the patch.
is_needed() {
	grep -q '^diff --git ' "$1"
}

# apply_patch FILE TREE
apply_patch() {
	patch -d "$2" -p1 --fuzz=0 --forward --batch <"$1"
}
