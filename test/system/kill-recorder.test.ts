// A power cut, as far as a process can show one: the recorder is killed in the middle of an event.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crowding } from '../support/patience.ts';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { makeBusyFilm, ofKind, onlyLeft, type SegmentRef, sameSets, withRig } from './checks.ts';
import { boxSeen } from './film.ts';
import { ageOpens, type Found, hasAge } from './outsider.ts';
import type { Rig } from './rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-cut-'));
const film = join(dir, 'busy.mp4');
const test = suite('kill-recorder');
const needsAge = skipWhen(hasAge ? undefined : "Debian's age is not installed: apt-get install age")(test);

test.before(() => makeBusyFilm(film));
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** A segment is cut every 2 s, and a fragment is a second long: that much cannot be on the card yet. */
const missingMsMax = 3500;

needsAge('killed in mid-event it ends the event after its restart, and the clip plays up to the last segment', () =>
  withRig({ film }, async (rig) => {
    await rig.hub();
    rig.uplink();
    const first = rig.recorder();
    const segments = () => ofKind(rig.atHub(), 'segment').length;
    await until('an event and its footage', () => ofKind(rig.atHub(), 'event').length > 0 && segments() >= 3, 30_000);
    const [event] = ofKind(rig.atHub(), 'event');
    const { id } = found(event).manifest.event as { id: string };
    // Not just after a segment has been finished, when nothing could be lost.
    const inRing = () => readdirSync(join(rig.node.dir, 'ring')).length;
    const now = inRing();
    await until('one segment more', () => inRing() > now);
    await pause(900);
    await first.kill('SIGKILL');
    const cutWallMs = Date.now();
    await onlyLeft(rig, ['hub', 'uplink']);

    const second = rig.recorder();
    const ends = () => ofKind(rig.atHub(), 'event').filter(({ manifest }) => isEnd(manifest.event, id));
    const clips = () =>
      ofKind(rig.atHub(), 'clip').filter(({ manifest }) => (manifest.of as { event?: string }).event === id);
    await until('the event to be ended and its clip to come', () => ends().length > 0 && clips().length > 0, 20_000);
    await second.kill('SIGTERM');
    await sameSets(rig);

    assert.equal([ends().length, clips().length], [1, 1]);
    const [end, clip] = [ends()[0], clips()[0]];
    assert.is(JSON.parse(open(end, rig).toString()).endedBy, 'power-cut');
    assert.is(clip?.manifest.complete, false);
    const parts = segmentsOf(clip, rig);
    const path = join(dir, 'cut.mp4');
    writeFileSync(path, Buffer.concat([clip, ...parts].map((part) => open(part, rig))));
    const newest = parts.at(-1)?.manifest;
    const missingMs = cutWallMs - Number(newest?.wallMs) - Number(newest?.durationMs);
    assert.ok(missingMs > 0 && missingMs < missingMsMax * crowding(), `${missingMs} ms missing before the cut`);
    const { durationS, seenS } = boxSeen(path);
    const toldS = parts.reduce((sum, { manifest }) => sum + Number(manifest.durationMs), 0) / 1000;
    assert.ok(Math.abs(durationS - toldS) < 0.5, `plays ${durationS} s, ${toldS} s were told`);
    assert.ok(seenS.length > 5);
    const boots = new Set(rig.atHub().map(({ manifest }) => String(manifest.boot).slice(0, 6)));
    assert.equal([...boots].sort(), ['000001', '000002']);
  }),
);

function found(it: Found | undefined): Found {
  if (it === undefined) throw new Error('it is not at the hub');
  return it;
}

function isEnd(event: unknown, id: string): boolean {
  const it = event as { id: string; phase: string };
  return it.id === id && it.phase === 'end';
}

function segmentsOf(clip: Found | undefined, rig: Rig): Found[] {
  const all = ofKind(rig.atHub(), 'segment');
  return (found(clip).manifest.segments as SegmentRef[]).flatMap(
    ({ boot, seg }) => all.find(({ manifest }) => manifest.boot === boot && manifest.seg === seg) ?? [],
  );
}

const open = (it: Found | undefined, rig: Rig) => ageOpens(found(it).body, rig.sealKey);

test.run();
