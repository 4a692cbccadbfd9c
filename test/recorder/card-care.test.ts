// When a card that has gone read-only is to be healed while the node stands still, and when that would do more harm than good.
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { careNames, openCardCare } from '../../agent/recorder/card-care.ts';

const test = suite<{ dir: string }>('card-care');
test.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'care-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true }));

const wished = (dir: string): string | undefined => {
  try {
    return readFileSync(join(dir, careNames.wish), 'utf8').trim();
  } catch {
    return undefined;
  }
};
const hourMs = 3_600_000;

test('after a minute without a break, once, and not for a card that is full', async ({ dir }) => {
  let nowMs = 1000;
  const care = openCardCare(dir, () => nowMs);
  for (const [atMs, trouble, expected] of [
    [1000, 'card-read-only', undefined],
    [50_000, undefined, undefined],
    [55_000, 'card-error', undefined],
    [114_000, 'card-error', undefined],
    [116_000, 'card-read-only', '116000'],
  ] as const) {
    nowMs = atMs;
    await care.tick(trouble);
    assert.is(wished(dir), expected, String(atMs));
  }
  renameSync(join(dir, careNames.wish), join(dir, careNames.done));
  nowMs += 2 * hourMs;
  await care.tick('card-read-only');
  assert.is(wished(dir), undefined, 'one wish a life: care ends it');

  const full = openCardCare(dir, () => nowMs);
  for (let at = 0; at < 3; at++) {
    nowMs += 2 * hourMs;
    await full.tick('card-full');
  }
  assert.is(wished(dir), undefined);
});

test('a card that care did not help is left alone for an hour', async ({ dir }) => {
  let nowMs = 0;
  for (const [seconds, expected] of [
    [70, '70000'],
    [3600, undefined],
    [3800, '3800000'],
  ] as const) {
    // Another life each time: care ends the one that asked for it.
    const care = openCardCare(dir, () => nowMs);
    nowMs = (seconds - 65) * 1000;
    await care.tick('card-read-only');
    nowMs = seconds * 1000;
    await care.tick('card-read-only');
    assert.is(wished(dir), expected, `${seconds} s`);
    if (expected !== undefined) renameSync(join(dir, careNames.wish), join(dir, careNames.done));
  }
});

test('a run folder that takes nothing stops nobody', async ({ dir }) => {
  let nowMs = 0;
  const care = openCardCare(join(dir, 'absent'), () => nowMs);
  for (let at = 0; at < 3; at++) {
    nowMs += 70_000;
    await care.tick('card-error');
  }
});

test.run();
