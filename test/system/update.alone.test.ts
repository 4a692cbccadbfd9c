// A release from the makers to a pole and back, in one run and with real processes: a node with a full spool runs 1.0.0, gets 1.1.0 from the hub's rollout and 1.2.0 from a stick,
// goes back from a 1.3.0 that crashes, and the hub sees all of it. Nothing is lost, and the film has no hole longer than a switch takes.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rollout } from '../../hub/rollout/book.ts';
import { type LabHub, openLabHub } from '../lab/pole-hub.ts';
import { breakRecorder, type Makers, openMakers } from '../support/makers.ts';
import { crowding } from '../support/patience.ts';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { holesIn } from './holes.ts';
import { findAll } from './outsider.ts';
import { noReleasedNode, openReleasedNode, type ReleasedNode } from './released-node.ts';

const test = suite('system/update');
const short = process.env.MATLANG_LONG === undefined ? 'minutes: MATLANG_LONG=1' : undefined;
const minute = 60_000;
/** On a machine with room for it. */
const holeMsMax = 3000;

const spoolMiB = 16;
/** As full as it may be without giving anything up: a press more is some two MiB. */
const fullBytes = 13 * 1024 * 1024;
const config = (dir: string) => `commune: xa
node: mat-01
title: Ngã ba chợ
dataDir: ${join(dir, 'data')}
identityDir: ${join(dir, 'identity')}
camera: {driver: scene, seed: 3, width: 640, height: 360, fps: 10, bitrateKbps: 4000}
motion: {fps: 5}
storage: {ringMiB: 256, spoolMiB: ${spoolMiB}, keepFreeMiB: 16}
pins: {simDir: ${join(dir, 'pins')}, inputs: [{pin: 17, trigger: panic}]}
clock: system
vitalsEveryS: 5
`;

interface Context {
  readonly dir: string;
  readonly node: ReleasedNode;
  readonly hub: LabHub;
  readonly makers: Makers;
}

/** Names of events that the recorder ever had on the card. */
function watchEvents({ dataDir }: ReleasedNode, seen: Set<string>, signal: AbortSignal): Promise<void> {
  const look = async () => {
    for (; !signal.aborted; await pause(100))
      for (const folder of ['spool/0', 'spool/1', 'delivered'])
        for (const name of names(join(dataDir, folder)))
          if (name.includes('-event-') && name.endsWith('.rec')) seen.add(name);
  };
  return look();
}
const names = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
const spoolBytes = ({ dataDir }: ReleasedNode): number =>
  findAll(join(dataDir, 'spool')).reduce((sum, { body, jws }) => sum + body.length + jws.length, 0);

async function press(dir: string): Promise<void> {
  writeFileSync(join(dir, 'pins/in-17'), '0');
  await pause(500);
  writeFileSync(join(dir, 'pins/in-17'), '1');
}

const rolloutOf = (hub: LabHub): Rollout | null => JSON.parse(hub.command(['--json', 'rollout', 'status']));
const runs = (node: ReleasedNode) => {
  const state = node.state();
  return state.name === 'steady' ? state.release : state.name;
};

const whole = skipWhen(short ?? noReleasedNode())(test);
whole('by the hub, by a stick, and back from a release that crashes: all seen at the hub, nothing lost', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'upd-'));
  const node = openReleasedNode(join(dir, 'node'));
  const hub = await openLabHub(join(dir, 'hub'), 'xa', 'mat-01', ['127.0.0.1']);
  const ended = new AbortController();
  const events = new Set<string>();
  try {
    const makers = openMakers(dir, node.setUp);
    cpSync(makers.hubKey, join(dir, 'hub/releases.key.pem'));
    await walk({ dir: join(dir, 'node'), node, hub, makers }, events, ended.signal);
  } catch (error) {
    console.log(node.log().slice(-8000));
    throw error;
  } finally {
    ended.abort();
    await node.remove();
    await hub.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

async function walk({ dir, node, hub, makers }: Context, events: Set<string>, signal: AbortSignal): Promise<void> {
  const take = () => hub.command(['releases', 'take', makers.repo]);
  const letGo = (release: string) => hub.command(['rollout', 'start', release, '--by', 'thu', '--quiet', '0']);
  hub.command(['account', 'add', 'thu', '--role', 'technician', '--name', 'Thử']);

  // The card as the office makes it: 1.0.0, the makers' root, a ticket.
  writeFileSync(node.configPath, config(dir));
  mkdirSync(join(dir, 'pins'));
  makers.make('1.0.0');
  node.setUp('update', 'trust', join(makers.repo, 'metadata/1.root.json'), '--root', node.root);
  take();
  const from = join(dir, '../hub/releases');
  node.setUp('update', 'apply', '--from', from, '--root', node.root, '--config', node.configPath);
  assert.is(runs(node), '1.0.0');
  hub.command(['ticket', '--node', 'mat-01', '--place', 'Ngã ba chợ', '--out', join(dir, 'ticket')]);
  node.setUp('enrol', join(dir, 'ticket'), '--config', node.configPath);

  // A spool that is full, since nobody sends.
  void watchEvents(node, events, signal);
  node.start('recorder');
  await until('a picture', () => node.log().includes('first picture'), minute);
  for (let presses = 0; spoolBytes(node) < fullBytes && presses < 40; presses++) {
    await press(dir);
    await pause(4000);
  }
  const full = spoolBytes(node);
  assert.ok(full >= fullBytes, `only ${full} bytes wait`);

  makers.make('1.1.0');
  take();
  node.start('uplink');
  await until('the node at the hub', async () => (await hub.node())?.state === 'online', minute);
  letGo('1.1.0');
  await until('1.1.0 by the hub', () => runs(node) === '1.1.0', 5 * minute);
  await until('the wave to be done', () => rolloutOf(hub)?.wave.is === 'done', 8 * minute);
  assert.is((await hub.node())?.release, '1.1.0');
  await press(dir);

  makers.make('1.2.0');
  take();
  const stick = join(dir, 'stick/matlang-releases');
  cpSync(from, stick, { recursive: true });
  assert.is(await node.stick(stick), 0);
  await until('1.2.0 by the stick', () => runs(node) === '1.2.0', 5 * minute);
  await until('1.2.0 at the hub', async () => (await hub.node())?.release === '1.2.0', minute);
  await press(dir);

  makers.make('1.3.0', breakRecorder);
  take();
  letGo('1.3.0');
  await until('1.3.0 to be taken back', () => rolloutOf(hub)?.wave.nodes[0]?.standing === 'rolled-back', 8 * minute);
  assert.is(runs(node), '1.2.0');
  assert.match(rolloutOf(hub)?.wave.nodes[0]?.text ?? '', /recorder ended/);
  await until('the hub to be told why', () => hub.faults().includes('update-returned'), minute);
  await until('1.2.0 again', async () => (await hub.node())?.release === '1.2.0', minute);
  const presses = events.size;
  await press(dir);
  await until('an event after all of it', () => events.size > presses, minute);

  await until(
    'all events at the hub',
    () => {
      const there = hub.names();
      return [...events].every((name) => there.has(name));
    },
    8 * minute,
  );
  await until('a whole chain', async () => (await hub.node())?.chain.state === 'linked', minute);
  assert.not.match(node.log(), 'spool-given-up');
  const [byHub, byStick, ...back] = holesIn(join(node.dataDir, 'ring')).map(({ ms }) => ms);
  console.log(
    `\n${(full / 1e6).toFixed(1)} MB waited; ${events.size} event records, all at the hub; without film: ${byHub} ms by the hub, ${byStick} ms by stick, ${back.join(' + ')} ms while 1.3.0 was tried`,
  );
  for (const ms of [byHub, byStick]) assert.ok(ms !== undefined && ms < holeMsMax * crowding(), `a hole of ${ms} ms`);
}

test.run();
