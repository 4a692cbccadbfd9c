// kill -9 of the hub, and of the broker, while they receive: what the node was given a receipt for must be there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort, startMosquitto } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { lostAtHub, makeBusyFilm, sameSets, withRig } from './checks.ts';
import { logged, type Rig } from './rig.ts';
import { sideBySide } from './side-by-side.ts';

const kills = process.env.MATLANG_LONG === undefined ? 3 : 50;
const dir = mkdtempSync(join(tmpdir(), 'matlang-kill-'));
const film = join(dir, 'busy.mp4');
const test = suite('kill-servers');

const outcomes: Promise<void>[] = [];
test.before(() => {
  makeBusyFilm(film);
  outcomes.push(...sideBySide(2, [killedHub, killedBroker]));
});
test.after(async () => {
  await Promise.allSettled(outcomes);
  rmSync(dir, { recursive: true, force: true });
});

/** Begins to record and send; after each of so many kills, `again` has to bring back what was killed. */
async function killWhileSending(rig: Rig, killOne: () => Promise<void>, again: () => Promise<void>): Promise<void> {
  const recorder = rig.recorder();
  rig.uplink();
  await until('the first picture', () => logged(recorder, 'first picture').length > 0, 20_000);
  for (let n = 0; n < kills; n += 1) {
    const had = rig.atHub().length;
    await rig.press();
    await until('something to come', () => rig.atHub().length > had, 30_000);
    await killOne();
    assert.equal(lostAtHub(rig), []);
    await again();
  }
  await recorder.kill('SIGTERM');
  await sameSets(rig);
}

const killedHub = () =>
  withRig({ film }, async (rig) => {
    let hub = await rig.hub();
    await killWhileSending(
      rig,
      () => hub.kill('SIGKILL'),
      async () => {
        hub = await rig.hub();
      },
    );
  });

const killedBroker = async () => {
  const port = await freePort();
  let mosquitto = await startMosquitto(port);
  try {
    await withRig({ film, brokerPort: port }, async (rig) => {
      await rig.hub();
      await killWhileSending(
        rig,
        () => mosquitto.close(),
        async () => {
          // Pressed while nobody can hear it.
          await rig.press();
          mosquitto = await startMosquitto(port);
        },
      );
    });
  } finally {
    await mosquitto.close();
  }
};

test(`a hub killed ${kills} times while it receives has everything it has signed for, and in the end everything`, () =>
  outcomes[0]);

test(`a broker killed ${kills} times costs nothing`, () => outcomes[1]);

test.run();
