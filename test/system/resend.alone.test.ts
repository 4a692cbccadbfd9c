// The hub loses its disk: what the node still holds comes back when it is asked for, each once, and the share is printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/until.ts';
import { makeBusyFilm, sameSets, withRig } from './checks.ts';
import { logged } from './rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-resend-'));
const film = join(dir, 'busy.mp4');
const test = suite('resend');

test.before(() => makeBusyFilm(film));
test.after(() => rmSync(dir, { recursive: true, force: true }));

test('a hub that lost archive and catalogue has all again that the node holds, and nothing twice', () =>
  withRig({ film }, async (rig) => {
    const hub = await rig.hub();
    const recorder = rig.recorder();
    rig.uplink();
    await until('the first picture', () => logged(recorder, 'first picture').length > 0, 20_000);
    await rig.press();
    await until('a clip', () => rig.atHub().some(({ manifest }) => manifest.kind === 'clip'), 30_000);
    await until('all to be delivered', async () => (await rig.waiting()).length === 0, 20_000);
    await hub.kill('SIGTERM');
    const hubDir = dirname(dirname(rig.archive));
    const had = rig.atHub().length;
    assert.ok(had > 5);
    for (const name of await readdir(hubDir))
      if (name === 'archive' || name.startsWith('index.sqlite')) rmSync(join(hubDir, name), { recursive: true });
    await rig.hub();
    const heard = await rig.heard();
    await until('the node to be back', () => heard.get('status')?.includes('online') === true, 20_000);
    const asking = rig.matlang('hub', '--config', join(hubDir, 'hub.yaml'), '--json', 'resend', '--wait', '60');
    assert.is(await asking.ended, 0, asking.said.join('\n'));
    const told = JSON.parse(asking.said.find((line) => line.startsWith('{"nodes"')) ?? '{}');
    assert.ok(told.held >= had, `${told.held} held, ${had} were here`);
    assert.equal([told.back, told.share], [told.held, 1]);
    await recorder.kill('SIGTERM');
    await sameSets(rig);
  }));

test.run();
