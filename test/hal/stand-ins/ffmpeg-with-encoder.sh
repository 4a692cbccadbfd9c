#!/bin/sh
# Stands in for ffmpeg on a Pi: h264_v4l2m2m becomes libx264 with a fault: `empty-avcc`, `ignores-g`, `exit`, `hang`, `garbage` (what it encodes does not
# decode). ENCODER_FAULTS says which camera has which, by the size of its picture: `640x360=exit 640x368=hang`. All else goes to the real ffmpeg, REAL_FFMPEG.
for argument; do
  [ "$argument" = h264_v4l2m2m ] && wanted=yes
  [ "$previous" = -video_size ] && size=${size:-$argument}
  previous=$argument
done
for entry in $ENCODER_FAULTS; do
  [ "${entry%%=*}" = "$size" ] && fault=${entry#*=}
done
[ -n "$wanted" ] || exec "$REAL_FFMPEG" "$@"
case $fault in
exit)
  echo '[h264_v4l2m2m @ 0x1] Could not find a valid device' >&2
  exit 1
  ;;
hang) exec sleep 1000 ;;
esac
last=
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  case $last:$argument in
  -c:v:h264_v4l2m2m)
    set -- "$@" libx264 -preset ultrafast -tune zerolatency
    [ "$fault" = empty-avcc ] && set -- "$@" -flags:v -global_header
    [ "$fault" = garbage ] && set -- "$@" -bsf:v noise=amount=20
    ;;
  -g:*) [ "$fault" = ignores-g ] && set -- "$@" 60 || set -- "$@" "$argument" ;;
  -force_key_frames:*) [ "$fault" = ignores-g ] && set -- "$@" 0 || set -- "$@" "$argument" ;;
  *) set -- "$@" "$argument" ;;
  esac
  last=$argument
done
exec "$REAL_FFMPEG" "$@"
