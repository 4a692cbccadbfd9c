// A camera that is covered: what reaches the spool, with the real recorder and a film that turns black.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/until.ts';
import { ofKind, withRig } from './checks.ts';
import { ageOpens, findAll } from './outsider.ts';
import { logged } from './rig.ts';

const blackS = 14;
const dir = mkdtempSync(join(tmpdir(), 'matlang-tamper-'));
const film = join(dir, 'covered.mp4');
const test = suite('tamper');

test.before(() => {
  const ground = 'color=c=0x808080:s=640x360:r=15:d=40,noise=c0s=60:c0f=u:c0_seed=7,gblur=sigma=4,eq=contrast=4';
  const cap = `drawbox=color=black:t=fill:enable='gte(t,${blackS})',noise=c0s=6:c0f=t:c0_seed=3,format=yuv420p`;
  const args = ['-y', '-v', 'error', '-f', 'lavfi', '-i', `${ground},${cap}`];
  const run = spawnSync('ffmpeg', [...args, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', film]);
  assert.is(run.status, 0, String(run.stderr));
});
test.after(() => rmSync(dir, { recursive: true, force: true }));

test('a lens that is covered: an alarm in the spool within 15 s, its last good still is bright, and a fault stands', () =>
  withRig({ film }, async (rig) => {
    const recorder = rig.recorder();
    const spool = () => findAll(join(rig.node.dir, 'spool'));
    await until('the first picture', () => logged(recorder, 'first picture').length > 0, 20_000);
    const alarm = () =>
      ofKind(spool(), 'event').find(({ manifest }) => (manifest.event as { trigger: string }).trigger === 'tamper');
    await until('the alarm', () => alarm() !== undefined, (blackS + 25) * 1000);
    const open = (body: Uint8Array) => ageOpens(Buffer.from(body), rig.sealKey);
    const found = alarm();
    assert.ok(found !== undefined);
    const { manifest } = found;
    assert.is(manifest.class, 0);
    const details = JSON.parse(open(found.body).toString());
    assert.is(details.tamper.kind, 'covered');
    assert.match(details.reason, /^camera bị che: /);
    const [first] = logged(recorder, 'first picture');
    const blackMonoMs = Number(first?.monoMs) + blackS * 1000;
    const alarmMonoMs = Number((manifest.time as { monoMs: number }).monoMs);
    assert.ok(alarmMonoMs - blackMonoMs <= 15_000, `${alarmMonoMs - blackMonoMs} ms after`);

    const stills = () => ofKind(spool(), 'still').filter((each) => (each.manifest.of as { part: number }).part === 1);
    await until('the last good still', () => stills().length > 0, 5000);
    const [still] = stills();
    assert.ok(still !== undefined);
    assert.is((still.manifest.of as { event: string }).event, details.id);
    assert.ok(Number((still.manifest.time as { monoMs: number }).monoMs) < blackMonoMs);
    const { channels } = await sharp(open(still.body)).stats();
    assert.ok((channels[0]?.mean ?? 0) > 80, `mean ${channels[0]?.mean}`);

    const faults = ofKind(spool(), 'fault').map(({ body }) => JSON.parse(open(body).toString()));
    assert.ok(faults.some(({ code, standing }) => code === 'camera-covered' && standing));
  }));

test.run();
