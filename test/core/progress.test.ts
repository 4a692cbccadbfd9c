import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { noProgress, type Progress, type ProgressSeen, progressStep } from '../../agent/core/progress.ts';
import { waitingDisk } from '../../agent/waiting-disk.ts';
import { disk } from '../../hal/disk.ts';

const test = suite('core/progress');
const calm: ProgressSeen = { monoMs: 0, lastFrameMonoMs: -1, cameraRestarts: 0, filmOver: false, cardWaitsMs: 0 };

/** The verdict after each second. */
function verdicts(all: readonly Partial<ProgressSeen>[]): boolean[] {
  let state: Progress = noProgress;
  return all.map((seen) => {
    const next = progressStep(state, { ...calm, ...seen });
    state = next.state;
    return next.gettingOn;
  });
}

test('pictures are progress; 90 s without one and without another try are none', () => {
  assert.equal(
    verdicts([
      { monoMs: 1000, lastFrameMonoMs: 900 },
      { monoMs: 90_900, lastFrameMonoMs: 900 },
      { monoMs: 90_901, lastFrameMonoMs: 900 },
    ]),
    [true, true, false],
  );
});

test('a camera that is absent, and tried again and again, is no reason to end the recorder: buttons and vitals go on', () => {
  const day = Array.from({ length: 2000 }, (_, at) => ({ monoMs: at * 40_000, cameraRestarts: at }));
  assert.not(verdicts(day).includes(false));
});

test('a film that is over needs no pictures', () => {
  assert.equal(verdicts([{ monoMs: 500_000, filmOver: true }]), [true]);
});

test('a step on the card that does not come back for a minute is a hang, whatever the camera does', () => {
  const seen = { monoMs: 1000, lastFrameMonoMs: 900 };
  assert.equal(
    verdicts([
      { ...seen, cardWaitsMs: 60_000 },
      { ...seen, cardWaitsMs: 60_001 },
    ]),
    [true, false],
  );
});

test('the disk tells how long its oldest step has been under way', async () => {
  const clock = { ms: 0 };
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const card = waitingDisk({ ...disk, list: () => promise }, () => clock.ms);
  assert.is(card.waitsMs(), 0);
  const listed = card.list('/');
  clock.ms = 500;
  await card.space('/');
  clock.ms = 700;
  assert.is(card.waitsMs(), 700);
  resolve([]);
  await listed;
  assert.is(card.waitsMs(), 0);
  const failed = card.size('/nowhere');
  assert.is(card.waitsMs(), 0);
  assert.match(String(await failed.catch(String)), /ENOENT/);
  assert.is(card.waitsMs(), 0);
});

test.run();
