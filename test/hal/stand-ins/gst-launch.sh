#!/bin/sh
# Stands in for gst-launch-1.0 with libcamera's two streams: H.264 on 1, grey on 3, JPEGs on 4, as the recipe's fdsinks say.
case "$*" in *libcamerasrc*fd=1*fd=4*fd=3*) ;; *) echo "unexpected pipeline: $*" >&2 && exit 1 ;; esac
exec "$REAL_FFMPEG" -v error -nostdin -re -f lavfi -i testsrc2=size=640x360:rate=15 -filter_complex \
  '[0:v]split=3[a][b][c];[b]fps=5,scale=160:90,format=gray[grey];[c]fps=1[jpeg]' \
  -map '[a]' -c:v libx264 -preset ultrafast -tune zerolatency -g 15 -f h264 -flush_packets 1 pipe:1 \
  -map '[grey]' -f rawvideo -flush_packets 1 pipe:3 -map '[jpeg]' -f mjpeg -flush_packets 1 pipe:4
