#!/bin/sh
# Makes the file system of a container with python3 from the distribution's own packages, once: no image registry is asked.
# Needs root and debootstrap. Prints the path of a tarball for `docker import`.
set -eu
. /etc/os-release
tarball="${XDG_CACHE_HOME:-$HOME/.cache}/serai/python-image-$VERSION_CODENAME.tar.gz"
if [ ! -f "$tarball" ]; then
  mkdir -p "$(dirname "$tarball")"
  root=$(mktemp -d)
  trap 'rm -rf "$root" "$tarball.$$"' EXIT
  # From where this machine's own packages come, which may be a mirror.
  mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v codename="$VERSION_CODENAME" '$1 == codename && $2 == "main" { print $3; exit }')
  debootstrap --variant=minbase --include=python3 "$VERSION_CODENAME" "$root" $mirror >&2
  tar -C "$root" --exclude=./var/cache --exclude=./var/lib/apt --exclude=./usr/share/doc --exclude=./usr/share/locale -c . |
    gzip -1 >"$tarball.$$"
  mv "$tarball.$$" "$tarball"
fi
echo "$tarball"
