#!/bin/sh
# Builds the Nomad that tests run against, once: minutes when cold, nothing afterwards. There is no package of it for npm
# or Debian, but Go can build a released module; go.mod and go.sum beside this file fix every byte of it.
# Serai does not ship Nomad: the binary stays in the cache of whoever runs the tests. Prints its path.
set -eu
version=1.11.3
binary="${XDG_CACHE_HOME:-$HOME/.cache}/serai/nomad-$version"
if [ ! -x "$binary" ]; then
  command -v go >/dev/null || { echo "Building Nomad needs Go 1.25 or newer, and there is no go on the PATH." >&2; exit 1; }
  mkdir -p "$(dirname "$binary")"
  cd "$(dirname "$0")"
  # Beside the name and then renamed: a build that was interrupted must not look like a finished one.
  GOFLAGS=-mod=mod go build -ldflags "-s -w" -o "$binary.building" github.com/hashicorp/nomad >&2
  mv "$binary.building" "$binary"
fi
echo "$binary"
