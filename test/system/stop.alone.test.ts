// The ends of `matlang node`: asked, interrupted at the keyboard, killed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isDraft } from '../../agent/outbox.ts';
import { until } from '../support/until.ts';
import { makeBusyFilm, ofKind, onlyLeft, withRig } from './checks.ts';
import { livingWith } from './marked.ts';
import { findAll } from './outsider.ts';
import { logged, type Rig, type Running } from './rig.ts';

const dir = mkdtempSync(join(tmpdir(), 'matlang-stop-'));
const film = join(dir, 'busy.mp4');
const test = suite('stop');

test.before(() => makeBusyFilm(film));
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** A node that records, with an alarm under way. */
async function nodeAtWork(rig: Rig): Promise<Running> {
  await rig.hub();
  const node = rig.matlang('node', '--config', rig.node.configPath);
  await until('the first picture', () => logged(node, 'first picture').length > 0, 20_000);
  await rig.press();
  await until('the alarm at the hub', () => ofKind(rig.atHub(), 'event').length > 0, 10_000);
  return node;
}

function orderly(rig: Rig, node: Running): void {
  assert.equal([...logged(node, 'process ended, will be started again'), ...logged(node, 'fault')], []);
  assert.equal(readdirSync(rig.node.dir, { recursive: true, encoding: 'utf8' }).filter(isDraft), []);
  const all = [...rig.atHub(), ...findAll(join(rig.node.dir, 'spool'))];
  const ofAlarm = ofKind(all, 'clip').filter(({ manifest }) => manifest.last === true);
  assert.ok(ofAlarm.length > 0, 'the clip of what went on is missing');
  assert.ok(ofAlarm.every(({ manifest }) => manifest.complete === true));
}

/** The trace that the stop wrote has arrived, opens with the hub's key, and answers what another sensitivity would have caught. */
async function traceAnswers(rig: Rig): Promise<void> {
  const hub = join(rig.archive, '../..');
  const asked = rig.matlang(
    ...['replay', '--archive', hub, '--node', rig.node.id, '--key', rig.sealKey, '--sensitivity', '7', '--json'],
  );
  assert.is(await asked.ended, 0, asked.said.join('\n'));
  const told = JSON.parse(asked.said.join(''));
  assert.ok(told.pictures > 0 && told.batches >= 1, asked.said.join(''));
  const traces = ofKind(rig.atHub(), 'trace');
  assert.ok(traces.every(({ manifest }) => manifest.class === 5));
  assert.ok(
    traces.some(({ manifest }) => manifest.of !== undefined),
    "the alarm's own trace is missing",
  );
}

test('SIGTERM: every process ends, what went on is closed whole, and the last record has been sent', () =>
  withRig({ film, config: { camera: { driver: 'scene' } } }, async (rig) => {
    const node = await nodeAtWork(rig);
    const programs = livingWith(rig.dir).map(({ command }) => command);
    for (const each of ['recorder/main.ts', 'uplink/main.ts', 'ffmpeg', 'scene/main.ts'])
      assert.ok(
        programs.some((command) => command.includes(each)),
        `${each} is not among ${programs.join('\n')}`,
      );
    await node.kill('SIGTERM');
    assert.is(await node.ended, 0);
    await onlyLeft(rig, ['hub']);
    orderly(rig, node);
    assert.equal(await rig.waiting(), []);
    await traceAnswers(rig);
  }));

test('Ctrl+C, which a terminal sends to the whole group, twice by an impatient hand: the same', () =>
  withRig({ film }, async (rig) => {
    const node = await nodeAtWork(rig);
    const group = groupOf(node.pid);
    for (let times = 0; times < 2; times += 1)
      for (const { pid } of descendants(node.pid, rig)) if (groupOf(pid) === group) process.kill(pid, 'SIGINT');
    assert.is(await node.ended, 0);
    await onlyLeft(rig, ['hub']);
    orderly(rig, node);
    assert.equal(await rig.waiting(), []);
  }));

test('kill -9 of the one that supervises: recorder and uplink end by themselves, in order', () =>
  withRig({ film, config: { camera: { driver: 'scene' } } }, async (rig) => {
    const node = await nodeAtWork(rig);
    await node.kill('SIGKILL');
    await onlyLeft(rig, ['hub'], 10_000);
    orderly(rig, node);
  }));

function groupOf(pid: number): string {
  return spawnSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

/** The process itself and all below it, of this rig. */
function descendants(root: number, rig: Rig): { pid: number }[] {
  const parentOf = (pid: number) =>
    Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(parentOf(pid)));
  return livingWith(rig.dir).filter(({ pid }) => isBelow(pid));
}

test.run();
