#!/bin/sh
# A generator (systemd.generator(7)): run at every start of the machine and at every daemon-reload. The recorder has no network; a camera over RTSP is the one
# that needs it, so for such a configuration it gets a way to the camera's address, and to nothing else.
#   matlang-camera NORMAL-DIR [EARLY-DIR LATE-DIR]
set -u
config=${MATLANG_CONFIG:-/etc/matlang/node.yaml}
[ -r "$config" ] || exit 0
text=$(sed 's/^[[:space:]]*#.*//; s/[[:space:]]#.*//' "$config")
printf '%s\n' "$text" | grep -Eq "(^|[[:space:]{,])driver:[[:space:]]*[\"']?rtsp" || exit 0
# Name and password, if any, end at the last @ before the path.
address=$(printf '%s\n' "$text" | sed -nE 's#.*rtsps?://([^/ ]*@)?(\[[0-9A-Fa-f:.]+\]|[0-9.]+)([:/"'"'"', }].*)?$#\2#p' | head -n 1 | tr -d '[]')
[ -n "$address" ] || exit 0
mkdir -p "$1/matlang-recorder.service.d"
cat >"$1/matlang-recorder.service.d/50-camera.conf" <<END
# Made from $config: its camera is over the network, at this address alone.
[Service]
PrivateNetwork=no
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
IPAddressDeny=any
IPAddressAllow=$address
END
