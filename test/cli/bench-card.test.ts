import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { benchCard } from '../../cli/bench/card.ts';
import { skipWhen } from '../support/skip.ts';

const test = suite('bench-card');
const noLoops =
  process.getuid?.() !== 0
    ? 'needs root for loop devices'
    : spawnSync('losetup', ['-f']).status === 0
      ? undefined
      : 'no loop device is free';

skipWhen(noLoops)(test)(
  'one event of the reference day makes its clip in both profiles, and an idle hour stays below its bound',
  async () => {
    const { figures } = await benchCard(() => undefined, { events: 1, idleSeconds: 1000 });
    assert.equal([figures.ringClips, figures.eventsClips], [1, 1]);
    assert.ok((figures.idleBytesPerHour ?? Number.NaN) < 5_000_000, `${figures.idleBytesPerHour}`);
    assert.ok((figures.ringDeviceBytesPerByte ?? Number.NaN) > 1, `${figures.ringDeviceBytesPerByte}`);
    assert.ok((figures.ringDeviceBytesPerByte ?? Number.NaN) < 1.2, `${figures.ringDeviceBytesPerByte}`);
  },
);

test.run();
