// kill -9 at each durable step, one after the other: a process that begins on what the one before left is killed one step later than that one was.
// Every change of the card is such a step (storm-child.ts counts them); every 61st here, each of them in the long run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownRunDir } from '../../agent/run-dir.ts';
import { waitingNames } from '../../cli/demo/compare.ts';
import { setStage } from '../../cli/demo/stage.ts';
import { freePort, startMosquitto } from '../support/broker.ts';
import { crowding } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { allGone, killAll } from './marked.ts';
import { openTheDoor, type Running, startProcess } from './rig.ts';
import { ackedPath, judge } from './storm-judge.ts';

const stride = process.env.MATLANG_LONG === undefined ? 61 : 1;
/** A life of the recorder ends by itself after its film; these two would go on for ever. */
const stepsMax = { uplink: 60, hub: 130 } as const;
/** With so many the next life has enough to do for all its steps. */
const waitingMin = 70;
/** What somebody's visit takes, and some quiet before and after. */
const filmSeconds = 14;
const never = 1_000_000_000;
const program = resolve(import.meta.dirname, 'storm-child.ts');
type Mortal = 'recorder' | 'maker' | 'uplink' | 'hub';
const test = suite('kill-steps');

test('recorder, uplink and hub killed at each durable step: what the node has is what the hub has, each once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'steps-'));
  const [brokerPort, httpPort, enrolPort] = [await freePort(), await freePort(), await freePort()];
  const broker = await startMosquitto(brokerPort);
  const stage = await setStage({
    ...{ dir, nodes: 1, httpPort, enrolPort, brokerPort, relayPort: brokerPort, film: undefined, trust: undefined },
    broker: `mqtt://127.0.0.1:${brokerPort}`,
  });
  const closeDoor = await openTheDoor(stage.hubConfigPath);
  const staged = await stage.joinNodes(AbortSignal.timeout(20_000 * crowding())).finally(closeDoor);
  const [node] = staged;
  if (node === undefined) throw new Error('the stage has no node');
  const acked = ['--acked', ackedPath(dir, node)];
  const child = (what: Mortal, dieAt: number, ...more: readonly string[]): Running =>
    startProcess(
      [program, what, '--config', what === 'hub' ? stage.hubConfigPath : node.configPath]
        .concat(['--die-at', String(dieAt)])
        .concat(more),
      dir,
    );
  const waiting = async () => (await waitingNames(node.dir)).length;
  const makeSome = async () => {
    while ((await waiting()) < waitingMin) await child('maker', 600, ...acked).ended;
  };
  const kills = { recorder: 0, uplink: 0, hub: 0 };
  /** Null: killed, as it was meant to be. */
  const mustDie = async (what: 'uplink' | 'hub', at: number) => {
    await makeSome();
    const life = child(what, at);
    await until(
      `the ${what} to be killed at step ${at}`,
      async () => {
        if (!life.isRunning()) return true;
        if ((await waiting()) === 0) await makeSome();
        return false;
      },
      60_000,
    );
    assert.is(await life.ended, null, `${what}, step ${at}: ${life.said.slice(-3).join(' ')}`);
    kills[what] += 1;
  };

  try {
    for (let at = 1, code: number | null = null; code === null; at += stride) {
      const life = child('recorder', at, ...acked, '--seconds', String(filmSeconds));
      code = await life.ended;
      if (code === null) kills.recorder += 1;
      else assert.is(code, 0, `recorder, step ${at}: ${life.said.slice(-3).join(' ')}`);
    }
    const hub = child('hub', never);
    for (let at = 1; at <= stepsMax.uplink; at += stride) await mustDie('uplink', at);
    await hub.kill('SIGKILL');
    child('uplink', never);
    for (let at = 1; at <= stepsMax.hub; at += stride) await mustDie('hub', at);
    // An event that the last maker's predecessor left open is ended by the next start.
    assert.is(await child('recorder', never, ...acked, '--seconds', String(filmSeconds)).ended, 0);
    child('hub', never);
    await until('all to be delivered', async () => (await waiting()) === 0, 120_000);
    const { records, acknowledged, ...wrong } = judge(dir, stage.hubDir, staged);
    process.stdout.write(`${JSON.stringify(kills)}, ${acknowledged} acknowledged, ${records} records\n`);
    assert.equal(wrong, { lost: [], twice: [], disordered: [], broken: [], astray: [] });
    assert.ok(records >= acknowledged && kills.recorder > 2, `${records}`);
  } finally {
    killAll(dir);
    await allGone(dir, 5000);
    await broker.close();
    rmSync(ownRunDir(node.dir), { recursive: true, force: true });
    rmSync(dir, { recursive: true, force: true });
  }
});

test.run();
