#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
# Takes the BTF of other kernels out of Debian's packages, for the check of test/integration/bpf: .eunomia/btf/VERSION.btf of each.
# Run by hand on Debian: bpf/fetch-btf.sh [SUITE...]. From the mirror that apt-get of this machine is set to, or MIRROR. Needs llvm-objcopy,
# lz4, zstd. Changes nothing of the system.
set -eu
cd "$(dirname "$0")/.."
objcopy=$(command -v llvm-objcopy-19 || command -v llvm-objcopy)
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep -E '^https?:' | grep -v security | head -n 1)}
if [ -z "$mirror" ]; then
	echo 'fetch-btf: apt-get knows no mirror of Debian; name one: MIRROR=ADDRESS bpf/fetch-btf.sh' >&2
	exit 1
fi
work=$PWD/.eunomia/btf/work
out=$PWD/.eunomia/btf
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
[ $# -gt 0 ] || set -- bullseye bookworm trixie trixie-backports
keyring=/usr/share/keyrings/debian-archive-keyring.pgp
[ -e "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.gpg
: >"$work/sources.list"
for suite in "$@"; do echo "deb [signed-by=$keyring] $mirror $suite main" >>"$work/sources.list"; done
apt() {
	tool=$1
	shift
	"$tool" -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" \
		-o "Dir::Cache=$work/cache" -o APT::Architecture=amd64 -o APT::Sandbox::User=root "$@"
}
apt apt-get update

# The image as it is compressed: what follows the magic of the method, up to its end.
unpack() { # IMAGE MAGIC COMMAND...
	image=$1 magic=$2
	shift 2
	for at in $(LC_ALL=C grep -obUaP "$magic" "$image" | cut -d: -f1); do
		tail -c "+$((at + 1))" "$image" | "$@" >"$work/vmlinux" 2>/dev/null || true
		if [ "$(head -c 4 "$work/vmlinux" | tail -c 3)" = ELF ]; then return 0; fi
	done
	return 1
}

cd "$work"
for version in $(apt apt-cache madison linux-image-cloud-amd64 | awk '{ print $3 }' | sort -u); do
	package=$(apt apt-cache show "linux-image-cloud-amd64=$version" | sed -n 's/^Depends:.*\(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1)
	name=$(echo "$package" | sed 's/linux-image-\([0-9.]*[0-9]\).*/\1/')
	rm -rf files ./*.deb
	apt apt-get download "$package"
	# Since 7.x the image is in a package of its own.
	dpkg-deb -c ./*.deb | grep /vmlinuz >/dev/null || apt apt-get download "$(echo "$package" | sed s/linux-image/linux-binary/)"
	mkdir files
	for deb in ./*.deb; do dpkg-deb -x "$deb" files; done
	image=$(find files -name 'vmlinuz*' -type f | head -n 1)
	unpack "$image" '\x28\xb5\x2f\xfd' zstd -dc || unpack "$image" '\x02\x21\x4c\x18' lz4 -dc || unpack "$image" '\xfd7zXZ\x00' xz -dc
	"$objcopy" -O binary --only-section=.BTF vmlinux "$out/$name.btf"
	echo "btf: $out/$name.btf"
done
rm -rf "$work"
