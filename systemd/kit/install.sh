#!/bin/sh
# Runs once as root at the card's first start (cloud-init or firstrun.sh): packages from the card, configuration, ticket off the card. No internet, nothing to type.
set -u
here=$(dirname "$(readlink -f "$0")")
log=/var/log/matlang-install.log
exec >>"$log" 2>&1
echo "matlang kit: $(date -Is)"

export DEBIAN_FRONTEND=noninteractive
# Raspberry Pi OS would ask at the screen for a user, for ever.
systemctl disable --now userconfig.service 2>/dev/null
# Everything that is on the card, and nothing from anywhere else: no sources. (With --no-download apt does not take files either.)
apt-get install -y --no-install-recommends -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null "$here"/debs/*.deb || dpkg -i "$here"/debs/*.deb || exit 1

install -d -m 0755 /etc/matlang
# Partitions of the card's own for footage and keys, known by their labels. Named by their place on the card: a file system that is hurt has no label.
card_of() { lsblk --noheadings --output PKNAME "$1"; }
partition() {
  device=$(blkid -L "$1") || return 1
  # A stick that somebody left in it is not this card.
  [ "$(card_of "$device")" = "$(card_of "$(findmnt --noheadings --output SOURCE /)")" ] || return 1
  place=/dev/disk/by-partuuid/$(blkid -s PARTUUID -o value "$device")
  if [ -b "$place" ]; then echo "$place"; else echo "$device"; fi
}
if [ ! -e /etc/matlang/card.env ] && data=$(partition matlang-data); then
  cat >/etc/matlang/card.env <<END
MATLANG_DATA_DEVICE=$data
MATLANG_DATA_AT=/var/lib/matlang/data
MATLANG_IDENTITY=/var/lib/matlang/identity
MATLANG_IDENTITY_DEVICE=$(partition matlang-id)
END
  echo "partitions of its own: $(tr '\n' ' ' </etc/matlang/card.env)"
fi
# Before there are keys: what is mounted later hides them. Both units passed by when the package was set up, because there was no such file.
[ ! -e /etc/matlang/card.env ] || systemctl start matlang-card.service matlang-care.path
[ -e /etc/matlang/node.yaml ] || install -m 0640 -g matlang "$here/node.yaml" /etc/matlang/node.yaml
install -d -m 0700 /var/lib/matlang-kit
# The ticket is worth a place in the commune: off the partition that anybody can read, at once.
if [ -e "$here/ticket" ]; then
  install -m 0600 "$here/ticket" /var/lib/matlang-kit/ticket
  shred -u "$here/ticket" || rm -f "$here/ticket"
  sync
fi
# The makers' root: from now on an update is known by its signatures.
if [ -e "$here/root.json" ]; then
  /opt/matlang/current/bin/matlang update trust "$here/root.json" --root /opt/matlang || echo "W: no updates: the makers' root was not taken"
fi
rm -f "$here/node.yaml"
# For a camera over the network the configuration opens a way (matlang-camera, a generator).
systemctl daemon-reload
# Not waited for: there may be no network yet, and the first start must end.
systemctl enable matlang-enrol.service
systemctl start --no-block matlang-enrol.service
echo "matlang kit: done $(date -Is)"
