#!/bin/sh
# After a new system was written beside the one that runs (rauc's post-install handler): what makes this node this node goes over into it. Footage and keys do not: they have
# partitions of their own. Where anything of it fails, or the power goes meanwhile, the new system is not tried: that is the last thing said here.
set -eu
from=${MATLANG_CARRY_FROM:-}
choice=${MATLANG_BOOT_CHOICE:-$(dirname "$(readlink -f "$0")")/matlang-boot-choice}
carried='etc/matlang etc/hostname etc/hosts etc/machine-id etc/NetworkManager/system-connections var/lib/systemd/timesync etc/credstore/matlang.picovoice opt/matlang'

rootfs= boot= slot=
for n in ${RAUC_TARGET_SLOTS:-}; do
  eval "class=\${RAUC_SLOT_CLASS_$n} device=\${RAUC_SLOT_DEVICE_$n}"
  case $class in
  rootfs) rootfs=$device && eval "slot=\${RAUC_SLOT_BOOTNAME_$n}" ;;
  boot) boot=$device ;;
  esac
done
refuse() {
  echo "carry: $*" >&2
  exit 1
}
[ -n "$rootfs" ] && [ -n "$boot" ] || refuse 'no whole system was written'
at=$(mktemp -d "${TMPDIR:-/run}/matlang-carry.XXXXXX")
trap 'umount "$at" 2>/dev/null || :; rmdir "$at"' EXIT
mount -o nosuid,nodev,noexec,noatime "$rootfs" "$at"

owner_in() { sed -n 's/^matlang:[^:]*:\([0-9]*:[0-9]*\):.*/\1/p' "$1/etc/passwd"; }
[ -e "$from/etc/matlang/card.env" ] || refuse 'footage and keys have no partitions of their own here: they would stay behind'
[ "$(owner_in "$from")" = "$(owner_in "$at")" ] || refuse "the user matlang is $(owner_in "$from") here and $(owner_in "$at") there: footage and keys would be another's"
[ ! -e "$from/opt/matlang/state.json" ] || grep -q '"name": "steady"' "$from/opt/matlang/state.json" || refuse 'a release is on trial: one thing at a time'

put() { # $1: path below the root
  [ -e "$from/$1" ] || return 0
  mkdir -p "$at/$(dirname "$1")"
  rm -rf "${at:?}/$1"
  cp -a "$from/$1" "$at/$1"
}
for path in $carried; do put "$path"; done
# Drop-ins are how a node is told apart from the package: a camera's address, an update's pace.
for each in "$from"/etc/ssh/ssh_host_* "$from"/etc/systemd/system/matlang-*.d; do put "${each#"$from"/}"; done
# A release that a package brought is a link into that package, which the new system may have in another version.
for release in "$at"/opt/matlang/releases/*; do
  if [ -L "$release" ]; then
    name=$(basename "$release")
    rm "$release"
    cp -a "$(readlink -f "$from/opt/matlang/releases/$name")" "$release"
  fi
done
# The image is the same for both places; where it lies now it mounts its own.
case $slot in A) own='05 02' ;; *) own='06 03' ;; esac
sed -i "s/6d61746c-0[56]/6d61746c-${own% *}/; s/6d61746c-0[23]/6d61746c-${own#* }/" "$at/etc/fstab"
for number in $own; do
  grep -q "^PARTUUID=6d61746c-$number" "$at/etc/fstab" || refuse "the new system's fstab does not name PARTUUID=6d61746c-$number"
done
sync -f "$at"
umount "$at"

# Of config.txt the lines that `matlang hub kit` wrote for this node's inputs: without their resistors they would float, and that is false alarms.
pulls=$(sed -n '/^# matlang: pull-ups/,+1p' "$from/boot/firmware/config.txt")
if [ -n "$pulls" ]; then
  mount -o nosuid,nodev,noexec,noatime "$boot" "$at"
  printf '\n[all]\n%s\n' "$pulls" >>"$at/config.txt"
  sync -f "$at"
  umount "$at"
fi
"$choice" set-primary "$slot"
