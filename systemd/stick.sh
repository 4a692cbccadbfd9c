#!/bin/sh
# Installs from a stick: `stick.sh DEVICE`, in a mount namespace of its own (matlang-stick@.service). Read-only, without programs, devices and set-uid bits; only file systems
# that sticks have; an ext4 without playing its journal back. A stick without the folder of releases is somebody's own, and is left alone.
set -eu
device=$1
at=${MATLANG_STICK_AT:-/run/matlang-stick}
folder=matlang-releases

for type in vfat exfat ext4; do
  options=ro,nosuid,nodev,noexec,noatime
  [ "$type" != ext4 ] || options=$options,noload
  if mount -t "$type" -o "$options" "$device" "$at" 2>/dev/null; then mounted=yes && break; fi
done
[ "${mounted:-}" = yes ] || exit 0
trap 'umount "$at" 2>/dev/null || umount -l "$at"' EXIT
[ -f "$at/$folder/metadata/timestamp.json" ] || exit 0
"${MATLANG_PROGRAM:-/opt/matlang/current/bin/matlang}" update apply --from "$at/$folder" --told "${MATLANG_RUN_DIR:-/run/matlang}" --by hand --json
