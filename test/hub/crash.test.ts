// The hub as a process of its own, killed in the middle of its work: what it has signed for is there.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { blockBytes } from '../../protocol/receipt.ts';
import { recordFileName } from '../../protocol/record-file.ts';
import { freePort, startMosquitto, type TestBroker } from '../support/broker.ts';
import { until } from '../support/until.ts';
import { commune, type Made, makeVillage, type TestSender, type Village } from './village.ts';

interface Context {
  broker: TestBroker;
  village: Village;
  node: TestSender;
  config: string;
  url: string;
}

const test = suite<Context>('crash');
test.before.each(async (context) => {
  context.broker = await startMosquitto();
  const broker = `mqtt://127.0.0.1:${context.broker.port}`;
  context.village = await makeVillage();
  context.node = await context.village.node('mat-01');
  const port = await freePort();
  context.url = `http://127.0.0.1:${port}/`;
  context.config = join(context.village.dir, 'hub.yaml');
  await writeFile(context.config, stringify({ commune, broker, listen: { port }, keepFreeMiB: 0 }));
  await context.node.join(broker, 5);
});
test.after.each(async ({ village, broker }) => {
  await village.remove();
  await broker.close();
});

test('kill -9 again and again while it takes records and chunks: nothing receipted is lost', async ({
  village,
  node,
  config,
  url,
}) => {
  const made: Made[] = [];
  for (let count = 0; count < 150; count++) {
    const isLarge = count % 10 === 0;
    made.push(
      await node.record(
        { kind: isLarge ? 'still' : 'log' },
        Buffer.alloc(isLarge ? 12 * blockBytes : 300, count),
        'x/y',
      ),
    );
  }
  let kills = 0;
  for (let done = false; !done; ) {
    const hub = await startHub(config);
    const work = push(node, made);
    const before = received(node);
    // Killed in mid-work: once more receipts have come, or all are here.
    await until('more receipts', () => received(node) >= before + 25 || made.every(node.isStored), 20_000);
    hub.kill('SIGKILL');
    await once(hub, 'exit');
    await work.stop();
    kills += 1;
    done = made.every(node.isStored);
    for (const each of made) if (node.isStored(each)) await isWhole(village, each);
  }
  assert.ok(kills >= 3, `${kills} kills`);
  const hub = await startHub(config);
  const summary: Record<string, unknown> = await (await fetch(`${url}api/summary`)).json();
  assert.equal([summary.records, summary.chainGaps], [150, 0]);
  hub.kill('SIGTERM');
  const [code] = await once(hub, 'exit');
  assert.is(code, 0);
});

test('a second hub on the same data folder refuses to start, and says why', async ({ config }) => {
  const first = await startHub(config);
  const second = spawn(process.execPath, ['cli/main.ts', 'hub', '--config', config, '--lang', 'en'], {
    cwd: root,
    stdio: 'pipe',
  });
  const said: string[] = [];
  second.stderr.on('data', (text) => said.push(String(text)));
  const [code] = await once(second, 'exit');
  assert.is(code, 1);
  assert.match(said.join(''), /another hub is working here/);
  first.kill('SIGTERM');
  await once(first, 'exit');
});

test('reindex rebuilds the catalogue of a stopped hub', async ({ node, config }) => {
  const hub = await startHub(config);
  for (let count = 0; count < 5; count++) await node.deliver(await node.record({}, 'x'));
  hub.kill('SIGTERM');
  await once(hub, 'exit');
  const again = spawn(process.execPath, ['cli/main.ts', 'hub', 'reindex', '--config', config, '--json'], {
    cwd: root,
    stdio: 'pipe',
  });
  const said: string[] = [];
  again.stdout.on('data', (text) => said.push(String(text)));
  const [code] = await once(again, 'exit');
  assert.is(code, 0);
  assert.equal(JSON.parse(said.join('')), { added: 5, bad: 0, afresh: true });
});

const root = resolve(import.meta.dirname, '../..');

async function startHub(config: string): Promise<ChildProcess> {
  const args = ['--pdeathsig', 'KILL', '--', process.execPath, 'cli/main.ts', 'hub', '--config', config, '--json'];
  const hub = spawn('setpriv', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(createInterface({ input: hub.stdout }), 'line');
  return hub;
}

const received = (node: TestSender): number => node.receipts.reduce((sum, { stored }) => sum + stored.length, 0);

/** Sends what has no receipt, over and over, as an uplink would. */
function push(node: TestSender, made: readonly Made[]): { stop(): Promise<void> } {
  const state = { going: true };
  const work = (async () => {
    while (state.going) {
      for (const each of made) {
        if (!state.going) return;
        if (node.isStored(each)) continue;
        if (each.body.length <= blockBytes) await node.send(each);
        else await offerAndSend(node, each);
      }
      await pause(20);
    }
  })();
  return {
    stop: async () => {
      state.going = false;
      await work;
    },
  };
}

async function offerAndSend(node: TestSender, made: Made): Promise<void> {
  await node.offer(made);
  const blocks = Math.ceil(made.body.length / blockBytes);
  for (let at = 0; at < blocks; at += 4) await node.chunk(made, at, Math.min(4, blocks - at));
}

async function isWhole(village: Village, made: Made): Promise<void> {
  const kind = made.body.length > blockBytes ? 'still' : 'log';
  const name = recordFileName({ boot: made.boot, seq: made.number, kind, sha256: made.id });
  const bytes = await readFile(join(village.dir, 'data', 'archive', made.name, made.boot, name));
  assert.ok(bytes.equals(made.bytes), `${name} differs`);
}

test.run();
