#!/bin/sh
# The first process of the virtual node: what a program needs to run, then the program. It never comes back.
export PATH=/usr/sbin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
mount -t tmpfs run /run
mkdir /dev/shm
mount -t tmpfs shm /dev/shm
for module in /modules/*.ko; do insmod "$module"; done
exec node /app/CHILD.js
