import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runJob } from '../../cli/bench/motion-job.ts';
import { drawPicture } from '../../cli/bench/motion-picture.ts';
import { onlyWords, planJobs } from '../../cli/bench/motion-plan.ts';
import { rowsOf, sceneFigures, tableOf } from '../../cli/bench/motion-rows.ts';
import { lanes } from '../../cli/bench/motion-sets.ts';
import { peerFigures, type SetTally, setsBehind } from '../../cli/bench/motion-verdict.ts';

const secondsOf = (jobs: ReturnType<typeof planJobs>) =>
  jobs.flatMap(({ chapters }) => chapters.map(({ seconds }) => seconds)).reduce((a, b) => a + b, 0);

test('every disturbance gets the hours that were asked for, in pieces of half an hour at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 20, noNaN: true }), (hours) => {
      const jobs = planJobs({ hours, only: ['insects', 'sway'] }).filter(({ group }) => group === 'nuisance');
      assert.ok(Math.abs(secondsOf(jobs) - 2 * hours * 3600) <= jobs.length, `${secondsOf(jobs)} s of ${hours} h`);
      assert.ok(jobs.every(({ chapters }) => chapters.every(({ seconds }) => seconds <= 1800)));
    }),
    { seed: 3, numRuns: 50 },
  );
});

test('every disturbance comes in each of its strengths, also where it is always night', () => {
  const jobs = planJobs({ hours: 3, only: undefined }).filter(({ group }) => group === 'nuisance');
  for (const name of new Set(jobs.map((job) => job.class))) {
    const strengths = (time: string) =>
      new Set(
        jobs
          .filter((job) => job.class === name && job.time === time)
          .flatMap(({ chapters }) => chapters.flatMap(({ nuisances }) => nuisances.map(({ strength }) => strength))),
      ).size;
    if (name !== 'ir-cut') assert.ok(strengths('day') !== 1 && strengths('night') !== 1, name);
  }
});

test('a class has the same scenes whether it is run alone or with all', () => {
  const all = planJobs({ hours: undefined, only: undefined });
  for (const word of onlyWords) {
    const alone = planJobs({ hours: undefined, only: [word] });
    assert.ok(alone.length > 0, word);
    for (const { chapters } of alone)
      assert.ok(all.some((job) => JSON.stringify(job.chapters) === JSON.stringify(chapters)));
  }
});

test('a scene is drawn, seen and scored, twice with the same result', () => {
  const [job] = planJobs({ hours: 0.05, only: ['clear'] });
  assert.ok(job);
  const short = { ...job, chapters: job.chapters.map((chapter) => ({ ...chapter, seconds: 30 })) };
  const [one, two] = [runJob(short), runJob(short)];
  assert.equal(one.score, two.score);
  assert.is(one.frames, 150);
  assert.ok(one.score.large.of + one.score.small.of > 0);
  assert.ok(one.filterCpuMs > 0);
  const rows = rowsOf([short], [one]);
  assert.is(rows.length, 1);
  assert.is(sceneFigures(rows).sensitivityDips, undefined);
  assert.is(sceneFigures(rows).recall, one.score.large.caught / one.score.large.of);
  assert.is(tableOf(rows)[0]?.disturbance, 'clear');
});

test('a sensitivity that catches less than the one below it is a dip', () => {
  const jobs = planJobs({ hours: undefined, only: ['sensitivity'] });
  const caughtAt = [0, 1, 2, 3, 2, 4, 5, 6, 7, 8];
  const results = jobs.map((job) => {
    const large = { caught: caughtAt[(job.sensitivity ?? 1) - 1] ?? 0, of: 9 };
    const score = { large, small: { caught: 0, of: 0 }, falseEvents: 0, animalEvents: 0, falseAtS: [] };
    return {
      id: job.id,
      score,
      frames: 1,
      hours: 1,
      events: 0,
      flaggedMean: 0,
      flaggedMax: 0,
      riddenMean: 0,
      filterCpuMs: 1,
    };
  });
  assert.is(sceneFigures(rowsOf(jobs, results)).sensitivityDips, 1);
});

const tally = (caught: number, falseEvents: number) => ({ caught, of: 4, falseEvents, cpuMsPerFrame: 2 });
const sets: readonly SetTally[] = [
  { name: 'rain', kind: 'scene', hours: 0.5, by: { ours: tally(4, 0), motion: tally(1, 0), mog2: tally(4, 7) } },
  { name: 'a < b.mp4', kind: 'film', hours: 0.5, by: { ours: tally(3, 1), motion: tally(4, 2), mog2: tally(2, 0) } },
];

test('a set is lost to whoever catches more, or tells less wrongly', () => {
  assert.equal(setsBehind(sets), ['a < b.mp4 (motion)', 'a < b.mp4 (mog2)']);
  assert.equal(setsBehind(sets.slice(0, 1)), []);
});

test('a peer stands beside us with figures of the same films and their ratio', () => {
  const { motion } = peerFigures(sets, { motion: 1 });
  assert.equal([motion?.recall, motion?.recallOurs, motion?.recallRatio], [0.625, 0.875, 1.4]);
  assert.equal([motion?.falsePerHour, motion?.falseRatio, motion?.cpuRatio], [2, 0.5, 0.5]);
  const { motion: perfect } = peerFigures(sets.slice(0, 1), {});
  assert.is(perfect?.falseRatio, undefined);
});

test('the picture shows every set and figure, and is well formed', () => {
  const figures = { recall: 0.97, falsePerHour: 0, hours: 3 };
  const targets = { recall: { min: 0.95 }, falsePerHour: { max: 0 } };
  const svg = drawPicture({ rows: [], sets, figures, targets, machine: 'a & b' });
  const parsed = spawnSync('ffprobe', ['-v', 'error', '-f', 'svg_pipe', '-i', 'pipe:0'], {
    input: svg,
    encoding: 'utf8',
  });
  assert.not.match(parsed.stderr, /XML/i);
  for (const words of ['97 %', 'a &lt; b.mp4', '4 of 4', 'a &amp; b', 'MOG2']) assert.match(svg, words);
  assert.not.match(svg, /NaN|undefined|Infinity/);
  const open = svg.match(/<(g|svg|text)[ >]/g) ?? [];
  const closed = svg.match(/<\/(g|svg|text)>/g) ?? [];
  assert.is(open.length, closed.length);
});

test('lanes run at most so many at a time, and go on after one that fails', async () => {
  const turn = lanes(2);
  let [now, most] = [0, 0];
  const work = (fails: boolean) => async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    if (fails) throw new Error('no');
    return 'done';
  };
  const all = await Promise.allSettled([true, false, false, true, false].map((fails) => turn(work(fails))));
  assert.equal(
    all.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.is(most, 2);
});

test.run();
