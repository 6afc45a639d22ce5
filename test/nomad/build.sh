#!/bin/sh
# Builds the Nomad that tests run against, and beside it the plugin that pretends to be GPUs, once: minutes when cold,
# nothing afterwards. There is no package of it for npm or Debian, but Go can build a released module; go.mod and go.sum
# beside this file fix every byte of it.
# Serai does not ship Nomad: the binaries stay in the cache of whoever runs the tests. Prints Nomad's path.
set -eu
version=1.11.3
cd "$(dirname "$0")"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/serai"
mkdir -p "$cache"

# Beside the name and then renamed: a build that was interrupted must not look like a finished one.
build() { # binary, package, flags
  [ ! -x "$1" ] || return 0
  command -v go >/dev/null || { echo "Building Nomad needs Go 1.25 or newer, and there is no go on the PATH." >&2; exit 1; }
  mkdir -p "$(dirname "$1")"
  GOFLAGS="$3" go build -ldflags "-s -w" -o "$1.building" "$2" >&2
  mv "$1.building" "$1"
}

build "$cache/nomad-$version" github.com/hashicorp/nomad -mod=mod
# In a directory of its own, because Nomad takes all that it finds in one for plugins; named by its source, so that a change is built.
source=$(sha256sum fake-gpu/main.go | cut -c 1-12)
build "$cache/nomad-$version-fake-gpu-$source/fake-gpu" ./fake-gpu -mod=readonly
echo "$cache/nomad-$version"
