#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Compiles the BPF programs into bpf/build/eunomia.bpf.o, and those of bpf/usage into objects of their own. Does nothing for an object that is newer than
# every source.
# ARCH=x86 (default from uname) or arm64; CLANG and BPFTOOL name other tools.
set -eu
cd "$(dirname "$0")"

case "${ARCH:-$(uname -m)}" in
x86 | x86_64) arch=x86 multiarch=x86_64-linux-gnu ;;
arm64 | aarch64) arch=arm64 multiarch=aarch64-linux-gnu ;;
*) echo "bpf: architecture ${ARCH:-$(uname -m)} is not supported (x86_64, arm64)" >&2; exit 1 ;;
esac
# asm/types.h is the same for both: without the headers of a foreign architecture, the native ones work.
[ -d "/usr/include/$multiarch/asm" ] || multiarch=$(uname -m)-linux-gnu

clang=${CLANG:-$(command -v clang-19 || command -v clang || true)}
bpftool=${BPFTOOL:-$(command -v bpftool || ls /usr/sbin/bpftool 2>/dev/null || true)}
if [ -z "$clang" ]; then
	echo "bpf: clang is missing; install it with: apt-get install clang-19" >&2
	exit 1
fi
if [ -z "$bpftool" ]; then
	echo "bpf: bpftool is missing; install it with: apt-get install bpftool" >&2
	exit 1
fi
if [ ! -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "bpf: libbpf's headers are missing; install them with: apt-get install libbpf-dev" >&2
	exit 1
fi

out=build
[ "$arch" = x86 ] || out=build/$arch
mkdir -p "$out"

# $1 source, $2 object. Without DWARF, and with BTF cleaned of doubles. Written aside first: an interrupted build leaves no half object.
compile() {
	object=$out/$2
	if [ -e "$object" ] && [ -z "$(find . -path ./build -prune -o -type f -newer "$object" -print | head -n 1)" ]; then
		echo "bpf: $object is up to date"
		return
	fi
	"$clang" -g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_$arch -I. -I"/usr/include/$multiarch" -Wall -Wextra -Werror -Wno-unused-parameter \
		-Wno-missing-field-initializers -c "$1" -o "$object.full"
	"$bpftool" gen object "$object.new" "$object.full"
	rm -f "$object.full"
	mv "$object.new" "$object"
	echo "bpf: built $object"
}

compile eunomia.bpf.c eunomia.bpf.o
# Loaded only on request: each is a separate object.
for usage in usage/*.bpf.c; do
	name=${usage#usage/}
	compile "$usage" "usage-${name%.c}.o"
done
