#!/bin/sh
# A new operating system as rauc's signed bundle, on an office machine:
#   sh systemd/os/make-bundle.sh --root ROOT.ext4 --boot BOOT.vfat --version 2026.11 --cert OS-CERT.pem --key OS-KEY.pem OUT.raucb
# Needs rauc, squashfs-tools, openssl and mtools. The key is its holder's, not one of a release's: one signature makes root on every node that has the certificate as /etc/matlang/os-cert.pem.
set -eu
root= boot= version= cert= key= out=
while [ $# -gt 0 ]; do
  case $1 in
  --root | --boot | --version | --cert | --key)
    [ $# -ge 2 ] || { echo "make-bundle: $1 needs a value" >&2 && exit 2; }
    eval "${1#--}=\$2"
    shift 2
    ;;
  -*) echo "make-bundle: there is no $1" >&2 && exit 2 ;;
  *) out=$1 && shift ;;
  esac
done
for word in root boot version cert key out; do
  eval "value=\$$word"
  [ -n "$value" ] || { echo "make-bundle: $word is missing" >&2 && exit 2; }
done
refuse() {
  echo "make-bundle: $*" >&2
  exit 1
}
[ ! -e "$out" ] || refuse "$out is there already"

# One boot image serves both places, so it has to tell the kernel in which of them it lies. An image that does not would start the wrong system: found out here, not at a pole.
for place in 'a A 2 05' 'b B 3 06'; do
  # shellcheck disable=SC2086 # its words
  set -- $place
  letter=$1 slot=$2 partition=$3 number=$4
  mtype -i "$boot" ::config.txt | tr -d '\r' | grep -A1 -Fx "[boot_partition=$partition]" | grep -qFx "cmdline=cmdline-$letter.txt" ||
    refuse "config.txt in $boot does not say cmdline=cmdline-$letter.txt under [boot_partition=$partition]"
  cmdline=$(mtype -i "$boot" "::cmdline-$letter.txt") || refuse "$boot has no cmdline-$letter.txt"
  for must in "root=PARTUUID=6d61746c-$number" "rauc.slot=$slot"; do
    case " $cmdline " in *" $must "*) ;; *) refuse "cmdline-$letter.txt in $boot does not say $must" ;; esac
  done
done

work=$(mktemp -d "$(dirname "$out")/bundle.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/content"
cp --sparse=always --reflink=auto "$root" "$work/content/root.ext4"
cp --reflink=auto "$boot" "$work/content/boot.vfat"
cat >"$work/content/manifest.raucm" <<END
[update]
compatible=matlang-node
version=$version

[bundle]
format=verity

[image.rootfs]
filename=root.ext4

[image.boot]
filename=boot.vfat
END
rauc bundle --cert="$cert" --key="$key" "$work/content" "$out"
echo "$out: system $version, signed with $key for those who trust $cert:"
openssl x509 -in "$cert" -noout -subject -enddate -fingerprint -sha256
