#!/usr/bin/python3
"""OpenCV's MOG2 at its defaults behind a travel gate, as a peer of the motion bench.

stdin:  a line {"width", "height", "areaMin"}; then commands of one byte: R begins another film,
        F is followed by width*height grey bytes.
stdout: for each F a line with the boxes [x, y, w, h] of what has travelled, for each R a line with
        what was used since the last one: {"frames", "applyNs", "cpuNs"}.

A blob is a connected group of foreground pixels (shadows, which MOG2 marks, left out) of at least
areaMin pixels. It joins the track whose last box it touches or is nearest to. A track counts once its
centre has gone as far as its own width or height, and until it is unseen for five pictures.
"""
import json
import sys
import time

import cv2
import numpy

UNSEEN_MAX = 5
FOREGROUND = 255


class Track:
    def __init__(self, box):
        self.first = self.box = box
        self.unseen = 0
        self.counts = False

    def take(self, box):
        self.box = box
        self.unseen = 0
        (ax, ay), (bx, by) = centre(self.first), centre(box)
        wide = max(self.first[2], box[2])
        high = max(self.first[3], box[3])
        self.counts = self.counts or abs(ax - bx) >= wide or abs(ay - by) >= high

    def distance(self, box):
        """0 where the boxes touch, else pixels between their edges."""
        x, y, w, h = self.box
        return max(0, x - box[0] - box[2], box[0] - x - w) + max(0, y - box[1] - box[3], box[1] - y - h)


def centre(box):
    x, y, w, h = box
    return x + w / 2, y + h / 2


def blobs_of(mask, area_min):
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [tuple(int(v) for v in stats[i][:4]) for i in range(1, count) if stats[i][cv2.CC_STAT_AREA] >= area_min]


def follow(tracks, boxes):
    free = list(tracks)
    for track in free:
        track.unseen += 1
    for box in sorted(boxes, key=lambda b: -b[2] * b[3]):
        near = min(free, key=lambda t: t.distance(box), default=None)
        if near is not None and near.distance(box) <= max(box[2], box[3], near.box[2], near.box[3]):
            near.take(box)
            free.remove(near)
        else:
            tracks.append(Track(box))
            tracks[-1].unseen = 0
    tracks[:] = [track for track in tracks if track.unseen < UNSEEN_MAX]
    return [track.box for track in tracks if track.counts and track.unseen == 0]


def main():
    pipe = sys.stdin.buffer
    cv2.setNumThreads(1)
    rules = json.loads(pipe.readline())
    width, height = rules["width"], rules["height"]
    model, tracks = cv2.createBackgroundSubtractorMOG2(), []
    frames = apply_ns = 0
    began_ns = time.process_time_ns()
    while command := pipe.read(1):
        if command == b"R":
            said = {"frames": frames, "applyNs": apply_ns, "cpuNs": time.process_time_ns() - began_ns}
            model, tracks = cv2.createBackgroundSubtractorMOG2(), []
            frames = apply_ns = 0
            began_ns = time.process_time_ns()
        else:
            picture = numpy.frombuffer(pipe.read(width * height), numpy.uint8).reshape(height, width)
            before_ns = time.thread_time_ns()
            marked = model.apply(picture)
            apply_ns += time.thread_time_ns() - before_ns
            frames += 1
            mask = (marked == FOREGROUND).astype(numpy.uint8)
            said = follow(tracks, blobs_of(mask, rules["areaMin"]))
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


main()
