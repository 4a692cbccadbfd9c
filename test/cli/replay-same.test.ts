// A film gives the same events, the same near misses and the same traces on every run: byte for byte.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const run = promisify(execFile);
const test = suite<{ folder: string; film: string }>('cli/replay, twice');

/** 26 s: a block crosses; after it leaves show for a second each, now here, now there in one crown. */
test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'matlang-same-'));
  context.film = join(context.folder, 'film.mkv');
  const street = 'color=0x808080:size=320x180:rate=10:duration=26,noise=alls=6:allf=t:all_seed=1';
  await run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', street],
    ...['-f', 'lavfi', '-i', 'color=0x202020:size=20x40:rate=10:duration=26'],
    ...['-f', 'lavfi', '-i', 'color=0xf0f0f0:size=16x16:rate=10:duration=26'],
    '-filter_complex',
    "[0][1]overlay=x='if(between(t,3,5.999),(t-3)*100,-100)':y=100[a];" +
      "[a][2]overlay=x='if(lt(mod(t,2.5),1)*gt(t,7.4),256+16*mod(floor(t/2.5),2),-100)':y='64+16*mod(floor(t/5),2)'",
    ...['-threads', '1', '-c:v', 'ffv1', context.film],
  ]);
});
test.after(({ folder }) => rm(folder, { recursive: true }));

test('two runs are the same to the byte, but for the time they took; the leaf is one near miss', async ({ film }) => {
  const once = async () => (await run(process.execPath, [main, 'replay', film, '--json'])).stdout;
  const [one, other] = [await once(), await once()].map((out) => out.replace(/"cpuMsPerFrame":[\d.]+/, ''));
  assert.is(one, other);
  const told = JSON.parse((one ?? '').replace(',,', ','));
  assert.is(told.events.length, 1);
  const leaf = told.nearMisses[0];
  // At 160 pixels the crown is at x = 128 to 144, y = 32 to 48: columns q and r, rows 5 and 6.
  assert.match(leaf.cells, /^[qr][56]/);
  assert.ok(leaf.times >= 5 && leaf.rule === 'restless', JSON.stringify(told.nearMisses));
  const { stdout } = await run(process.execPath, [main, 'replay', film, '--lang', 'en']);
  assert.match(stdout, /suppressed \d+ times: tree, flag or water, cells [qr][56]/);
});

test.run();
