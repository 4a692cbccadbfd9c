// The nodes' link is cut for seven seconds in the middle of an event: they go on, and nothing is lost. On both kinds of broker, at the same time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startMosquitto } from '../support/broker.ts';
import { type DemoRun, matlang, onlyJson } from './demo.ts';
import { makeFilm } from './film.ts';
import { allGone } from './marked.ts';
import { findAll } from './outsider.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-outage-'));
const kinds = ['the embedded broker', 'mosquitto'] as const;
const runs = new Map<(typeof kinds)[number], DemoRun>();
const test = suite('outage');
const keptIn = (kind: (typeof kinds)[number]) => join(dir, kind.replaceAll(' ', '-'));

test.before(async () => {
  const film = join(dir, 'film.mp4');
  // The first pass begins before the cut and ends within it; the second falls into it wholly.
  makeFilm(film, {
    seconds: 23,
    passes: [
      { fromS: 4, toS: 6.5 },
      { fromS: 10, toS: 11.5 },
    ],
  });
  const mosquitto = await startMosquitto();
  const demo = async (kind: (typeof kinds)[number], more: readonly string[]) => {
    const args = [
      'demo',
      '--lang',
      'en',
      '--nodes',
      '1',
      '--seconds',
      '20',
      '--outage',
      '5-12',
      '--port',
      '0',
      '--json',
    ];
    runs.set(kind, await matlang([...args, '--film', film, '--keep', keptIn(kind), ...more], dir));
  };
  await Promise.all([
    demo('the embedded broker', []),
    demo('mosquitto', ['--broker', `mqtt://127.0.0.1:${mosquitto.port}`]),
  ]);
  await mosquitto.close();
});
test.after(() => rmSync(dir, { recursive: true, force: true }));

for (const kind of kinds)
  test(`with ${kind}, seven seconds without a link cost nothing`, () => {
    const { code, stdout, stderr } = runs.get(kind) ?? { code: null, stdout: '', stderr: 'it did not run' };
    assert.is(code, 0, stderr);
    const { nodes, hub } = onlyJson(stdout);
    assert.equal([hub.rejected, hub.signatureFailures, hub.chainGaps, nodes[0].spoolLeft], [0, 0, 0, 0]);
    assert.equal([hub.events, hub.clips, hub.clipsPlayable, nodes[0].faults], [2, 2, 2, 0], stderr);
    assert.match(stderr, 'The nodes are cut off');
    const sums = (folder: string) => findAll(join(keptIn(kind), folder)).map(({ name, sha256 }) => `${sha256} ${name}`);
    assert.equal(sums('hub/archive'), sums('nodes/mat-01/delivered'));
  });

test('what was recorded while there was no link has no hole', () => {
  for (const kind of kinds) {
    const segments = findAll(join(keptIn(kind), 'nodes/mat-01/ring')).map(({ manifest }) => manifest);
    assert.ok(segments.length > 5);
    for (const [n, { firstMonoMs, durationMs }] of segments.slice(0, -1).entries()) {
      const gapMs = Number(segments[n + 1]?.firstMonoMs) - Number(firstMonoMs) - Number(durationMs);
      assert.ok(Math.abs(gapMs) < 500, `${gapMs} ms between segments ${n} and ${n + 1}`);
    }
  }
});

test('no process is left', () => allGone(dir, 2000));

test.run();
