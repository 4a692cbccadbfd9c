#!/bin/sh
# Stands in for rpicam-still: one JPEG on standard output, a log line on stderr in spite of -v 0. STILL_FAULT: `absent`, `hang`, `noise` (no JPEG).
width='' height='' output=''
while [ $# -gt 0 ]; do
  case $1 in
  --width) width=$2 && shift ;;
  --height) height=$2 && shift ;;
  -o) output=$2 && shift ;;
  -e | -t | -q | -v) shift ;;
  -n) ;;
  *) echo "ERROR: *** unrecognised option '$1' ***" >&2 && exit 1 ;;
  esac
  shift
done
[ "$output" = - ] || exit 1
echo '[0:00:01] INFO Camera libcamera v0.3.2' >&2
case $STILL_FAULT in
absent) echo 'ERROR: *** no cameras available ***' >&2 && exit 1 ;;
hang) exec sleep 1000 ;;
noise) echo 'not a picture' && exit 0 ;;
esac
# Never the same picture twice, as a sensor never gives one.
exec ffmpeg -v error -nostdin -f lavfi -i "testsrc2=size=${width}x$height" -ss "$(($(date +%s) % 10))" -frames:v 1 -f mjpeg pipe:1
