// Questions to the kept trace: from opened files, and from a hub's archive with its key.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTraceEncoder } from '../../agent/core/trace/encode.ts';
import { traceType } from '../../agent/core/trace/format.ts';
import { createPictureSight } from '../../agent/core/trace/sight.ts';
import { makeSigningKey, readSigner } from '../../agent/identity.ts';
import { folders } from '../../agent/outbox.ts';
import { openSpool } from '../../agent/spool.ts';
import { disk } from '../../hal/disk.ts';
import { makeHubKeys } from '../../hub/keys.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const run = promisify(execFile);
const test = suite<{ folder: string; key: string; trace: string }>('cli/replay --trace');
const dawnMs = Date.UTC(2026, 10, 22, 0);

/** 20 minutes: at 2 something that counts at 5, at 8 something for 7, at 14 something for 9. */
function batch(): Uint8Array {
  const head = { boot: '000001.00000000', width: 160, height: 90, periodMs: 200, sensitivity: 5, minSize: 0.002 };
  const encoder = createTraceEncoder({ ...head, quietMs: 1500, zones: ['ngã tư'] });
  const sight = createPictureSight(1);
  sight.warming = false;
  const [track] = sight.tracks;
  const visits = new Map([
    [2, 5],
    [8, 7],
    [14, 9],
  ]);
  for (let at = 0; at < 6000; at++) {
    const needs = at % 300 < 25 ? visits.get(Math.floor(at / 300)) : undefined;
    sight.monoMs = at * 200;
    sight.count = needs === undefined ? 0 : 1;
    const bornMs = Math.floor(at / 300) * 60_000;
    const left = 2 * (at % 25);
    const rule = needs === 5 ? 'none' : 'small';
    if (track !== undefined && needs !== undefined)
      Object.assign(track, {
        bornMs,
        left,
        top: 48,
        right: left + 8,
        bottom: 64,
        area: 90,
        contrast: 50,
        needs,
        rule,
        zoneBits: 1,
      });
    encoder.add(sight);
  }
  return encoder.take(dawnMs) ?? new Uint8Array();
}

test.before(async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'matlang-ask-'));
  Object.assign(context, { folder, trace: join(folder, 'một.trace') });
  await writeFile(context.trace, batch());
  const keys = await makeHubKeys(join(folder, 'keys'));
  context.key = keys.unsealKey;
  const identityDir = join(folder, 'identity');
  await makeSigningKey(disk, identityDir);
  await cp(keys.recipients, join(identityDir, 'recipients.txt'));
  const signer = await readSigner(disk, identityDir);
  const maker = { commune: 'xa-thu', node: 'mat-01', config: '0'.repeat(64), release: '0', ...signer };
  const spool = await openSpool(disk, join(folder, 'data'), identityDir, maker);
  const time = { monoMs: 1_200_000, wallMs: dawnMs + 1_200_000, clock: 'ntp', errorMs: 1 } as const;
  await spool.append({ kind: 'trace', class: 5, time, body: { plain: batch(), type: traceType } });
  const told = { plain: Buffer.from('{}'), type: 'application/json' };
  await spool.append({ kind: 'trace', class: 5, time, of: { event: 'e', part: 0, why: 'event' }, body: told });
  await spool.append({ kind: 'vitals', class: 5, time, body: told });
  const shelf = join(folder, 'hub/archive/mat-01', spool.boot);
  await mkdir(shelf, { recursive: true });
  await cp(folders(join(folder, 'data')).waiting(5), shelf, { recursive: true });
});
test.after(({ folder }) => rm(folder, { recursive: true }));

async function ask(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, LANG: 'C', TZ: 'UTC' };
  return await run(process.execPath, [main, 'replay', ...args], { env }).then(
    (done) => ({ code: 0, ...done }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
}

test('each sensitivity has its events, the range and the rule that held them back', async ({ trace }) => {
  const asked = async (sensitivity: number, ...more: string[]) => {
    const { code, stdout, stderr } = await ask(
      '--trace',
      trace,
      '--sensitivity',
      String(sensitivity),
      '--json',
      ...more,
    );
    assert.is(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const seven = await asked(7);
  assert.equal([seven.pictures, seven.set], [6000, [{ sensitivity: 5, events: 1 }]]);
  assert.equal(
    seven.events.map((event: Record<string, unknown>) => [
      event.start,
      event.endS,
      event.needs,
      event.caught,
      event.rule,
    ]),
    [
      ['2026-11-22T00:02:00.000Z', 124.8, 5, true, 'none'],
      ['2026-11-22T00:08:00.000Z', 484.8, 7, false, 'small'],
    ],
  );
  assert.equal([seven.events[1].zones, seven.events[1].cells], [['ngã tư'], 'a7–g8']);
  assert.is((await asked(4)).events.length, 0);
  assert.is((await asked(9)).events.length, 3);
  assert.is((await asked(9, '--from', '15m')).events.length, 2);
  assert.is((await asked(9, '--from', '2026-11-22T00:05Z', '--to', '2026-11-22T00:10Z')).events.length, 1);
});

test('the archive is asked with the hub key, in words', async ({ folder, key }) => {
  const hub = join(folder, 'hub');
  const { code, stdout, stderr } = await ask('--archive', hub, '--node', 'mat-01', '--key', key, '--sensitivity', '7');
  assert.is(code, 0, stderr);
  assert.match(stdout, /^Ở độ nhạy 7: 2 sự kiện trong 20,0 phút có vết\./);
  assert.match(
    stdout,
    /2026-11-22 00:08:00 +4\.8 s +không tính: nhỏ hơn cỡ tối thiểu \(độ nhạy 7 thì tính\); ô a7–g8; ngã tư/,
  );
});

test('what cannot be answered is told in one line', async ({ folder, trace, key }) => {
  const bad = join(folder, 'bad.trace');
  await writeFile(bad, (await readFile(trace)).subarray(0, 90));
  const [sealed] = (await readdir(join(folder, 'hub/archive/mat-01'), { recursive: true })).filter((name) =>
    name.includes('-trace-'),
  );
  const cases: [string[], RegExp][] = [
    [['--trace', trace], /--sensitivity N/],
    [['--trace', trace, '--sensitivity', '11'], /1 to 10, not "11"/],
    [['--trace', bad, '--sensitivity', '7'], /bad\.trace: cut short \(at byte/],
    [['--trace', join(folder, 'none'), '--sensitivity', '7'], /cannot be read/],
    [['--trace', trace, '--sensitivity', '7', '--from', 'hôm qua'], /"hôm qua" is no time/],
    [['--archive', folder, '--sensitivity', '7'], /needs --node and --key/],
    [['--trace', join(folder, 'hub/archive/mat-01', String(sealed)), '--sensitivity', '7'], /sealed; --key is needed/],
    [['--trace', trace, '--key', trace, '--sensitivity', '7'], /no age key/],
    [['--sensitivity', '7'], /a film is needed/],
  ];
  assert.ok(key !== '');
  for (const [args, message] of cases) {
    const { code, stderr } = await ask(...args, '--lang', 'en');
    assert.is(code, 1, args.join(' '));
    assert.match(stderr, message);
  }
});

test.run();
