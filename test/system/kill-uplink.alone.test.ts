// kill -9 of the process with the network, again and again: it must cost the one with the camera nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/until.ts';
import { holesMs, makeBusyFilm, sameSets, withRig } from './checks.ts';
import { findAll } from './outsider.ts';
import { logged } from './rig.ts';

const kills = process.env.MATLANG_LONG === undefined ? 10 : 100;
const dir = mkdtempSync(join(tmpdir(), 'matlang-kill-'));
const film = join(dir, 'busy.mp4');
const test = suite('kill-uplink');

test.before(() => makeBusyFilm(film));
test.after(() => rmSync(dir, { recursive: true, force: true }));

test(`an uplink killed ${kills} times loses and doubles nothing, and costs the recorder not one fragment`, () =>
  withRig({ film }, async (rig) => {
    await rig.hub();
    const recorder = rig.recorder();
    await until('the first picture', () => logged(recorder, 'first picture').length > 0, 20_000);
    let killedAtWork = 0;
    for (let n = 0; n < kills; n += 1) {
      // So that there is always something to send: killing an idle process proves little.
      await rig.press();
      const had = rig.atHub().length;
      const uplink = rig.uplink();
      await until('it to deliver', () => rig.atHub().length > had || !uplink.isRunning(), 20_000);
      assert.ok(uplink.isRunning(), uplink.said.join('\n'));
      if ((await rig.waiting()).length > 0) killedAtWork += 1;
      await uplink.kill('SIGKILL');
    }
    rig.uplink();
    await recorder.kill('SIGTERM');
    assert.is(await recorder.ended, 0, recorder.said.join('\n'));
    await sameSets(rig);
    const [summary] = logged(recorder, 'summary');
    assert.equal([summary?.dropped, summary?.faults], [0, 0], recorder.said.join('\n'));
    const ring = findAll(join(rig.node.dir, 'ring'));
    assert.equal(holesMs(ring), []);
    const fragments = ring.reduce((sum, { manifest }) => sum + Number(manifest.fragments), 0);
    assert.equal([ring.length, fragments], [summary?.segments, summary?.fragments]);
    assert.ok(killedAtWork > kills / 2, `killed with work to do ${killedAtWork} of ${kills} times`);
  }));

test.run();
