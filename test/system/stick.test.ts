// A node that never sees a network: what it has goes to the hub on a stick, the receipts come back on it, twice; the stick is pulled in the
// middle, is full, is changed on the way.
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folders } from '../../agent/outbox.ts';
import { type Author, openAuthor } from '../../cli/bench/drain/author.ts';
import { setDrainStage } from '../../cli/bench/drain/stage.ts';
import { freePort } from '../../cli/free-port.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import { skipWhen } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { noMounts, smallCard } from './card.ts';
import { program } from './demo.ts';

interface Scene {
  readonly dir: string;
  readonly stick: string;
  readonly author: Author;
  readonly archive: string;
  hub(): Promise<{ stop(): Promise<void> }>;
  matlang(...args: readonly string[]): Promise<{ code: number | null; told: Record<string, unknown>; said: string }>;
  node(what: 'export' | 'receipts' | 'status', ...more: readonly string[]): ReturnType<Scene['matlang']>;
  bring(): ReturnType<Scene['matlang']>;
  waiting(): Promise<number>;
  onStick(): Promise<string[]>;
  readonly ends: (() => unknown)[];
}
const test = suite<{ scene: Scene }>('stick');
const mounted = skipWhen(noMounts)(test);

test.before.each(async (context) => {
  context.scene = await setScene();
});
test.after.each(async ({ scene }) => {
  for (const end of scene.ends.toReversed()) await end();
});

test('two round trips: all arrives byte for byte, the receipts empty the queue, the stick is cleared', async ({
  scene,
}) => {
  const { author, node, bring } = scene;
  await write(author, 30);
  const first = await node('export');
  assert.equal([first.code, first.told.written, first.told.files], [0, 36, 36], first.said);
  assert.is(await scene.waiting(), 36, 'only a receipt takes something out of the queue');
  const hub = await scene.hub();
  const brought = await bring();
  assert.equal([brought.code, brought.told.stored, brought.told.refused], [0, 36, 0], brought.said);
  assert.is((await bring()).told.known, 36, 'bringing it twice stores it once');

  // The node went on meanwhile.
  await author.event('event');
  await author.event('alarm');
  const second = await node('export');
  assert.equal([second.told.delivered, second.told.cleared, second.told.written], [36, 36, 2], second.said);
  assert.is(await scene.waiting(), 2);
  assert.is((await scene.onStick()).length, 2);
  await hub.stop();
  // A hub that does not run is fed all the same.
  const alone = await bring();
  assert.equal([alone.code, alone.told.stored, alone.told.known], [0, 2, 0], alone.said);
  const last = await node('receipts');
  assert.equal([last.told.delivered, last.told.cleared], [2, 2], last.said);
  assert.is(await scene.waiting(), 0);
  assert.equal(await scene.onStick(), []);
  const delivered = folders(author.node.dir).delivered;
  for (const { name } of author.written) {
    const here = await readFile(join(delivered, name));
    assert.ok(here.equals(await readFile(join(scene.archive, author.boot, name))), name);
  }
  const status = await node('status');
  assert.equal((status.told.delivered as { files: number }).files, 38);
});

mounted(
  'a stick pulled in the middle is told, nothing lands on the card in its place, and the next try goes on',
  async ({ scene }) => {
    const { author, stick } = scene;
    const aside = join(scene.dir, 'aside');
    scene.ends.push(smallCard(aside, 64));
    const plug = () => {
      spawnSync('mount', ['--bind', aside, stick]);
      return () => void spawnSync('umount', ['--lazy', stick]);
    };
    // Enough for the pull to fall into it, however late it comes.
    await write(author, 400);
    const pull = plug();
    const exporting = scene.node('export');
    await until('some files', async () => (await scene.onStick()).length >= 10, 20_000);
    pull();
    const cut = await exporting;
    assert.equal([cut.code, cut.told.ok, cut.told.why], [1, false, 'stick-gone'], cut.said);
    assert.equal(await readdir(stick), []);
    scene.ends.push(plug());
    const had = (await scene.onStick()).length;
    const again = await scene.node('export');
    assert.equal([again.code, again.told.written], [0, 406 - had], again.said);
    assert.is(again.told.there, had);
    assert.is((await scene.onStick()).length, 406);
    assert.equal(
      (await readdir(stick, { recursive: true })).filter((name) => name.endsWith('.part')),
      [],
    );
  },
);

mounted('a full stick is told; what is on it is the most important, whole', async ({ scene }) => {
  const { author, stick } = scene;
  scene.ends.push(smallCard(stick, 1));
  await write(author, 20);
  for (let n = 0; n < 5; n += 1) await author.event('alarm');
  const full = await scene.node('export');
  assert.equal([full.code, full.told.why], [1, 'stick-full'], full.said);
  const names = await scene.onStick();
  const classes = new Map(author.written.map(({ name, class: drainClass }) => [name, drainClass]));
  assert.is(names.filter((name) => classes.get(name) === 0).length, 5, 'all alarms');
  assert.is(names.filter((name) => classes.get(name) === 1).length, 22, 'all events and clips');
  assert.ok(names.length < author.written.length);
});

test('what was changed on the way is refused and named; the rest is taken; a forged receipt moves nothing', async ({
  scene,
}) => {
  const { author, node, bring, stick } = scene;
  await write(author, 5);
  await node('export');
  const [victim = ''] = (await readdir(stick, { recursive: true })).filter((name) => name.endsWith('.seg'));
  const bytes = await readFile(join(stick, victim));
  bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1;
  await writeFile(join(stick, victim), bytes);
  const brought = await bring();
  assert.equal([brought.code, brought.told.stored, brought.told.refused], [1, 10, 1], brought.said);
  assert.match(JSON.stringify(brought.told.refusals), 'body');
  const receipts = join(stick, 'matlang/xa-thu-nghiem', author.node.id, 'receipts');
  const [receipt = ''] = await readdir(receipts);
  const good = await readFile(join(receipts, receipt), 'latin1');
  await writeFile(join(receipts, receipt), good.replace(/^(.{40})./, '$1!'));
  const forged = await node('receipts');
  assert.equal([forged.told.refused, forged.told.delivered], [1, 0], forged.said);
  assert.is(await scene.waiting(), 11);
  await writeFile(join(receipts, receipt), good);
  assert.is((await node('export')).told.delivered, 10);
});

test('no stick, and a stick with nothing on it, are told in words', async ({ scene }) => {
  const none = await scene.matlang(
    'spool',
    'export',
    join(scene.dir, 'nowhere'),
    '--config',
    scene.author.node.configPath,
  );
  assert.is(none.code, 1);
  assert.match(none.said, 'the stick is not there');
  const empty = await scene.matlang('spool', 'import', scene.stick, '--config', join(scene.dir, 'hub/hub.yaml'));
  assert.match(empty.said, 'nothing of Mat Lang is on the stick');
  assert.is(empty.code, 1);
});

test.run();

/** So many events, two clips of two segments: six files more than events. */
async function write(author: Author, events: number): Promise<void> {
  for (let n = 0; n < events; n += 1) await author.event('event');
  for (let n = 0; n < 2; n += 1)
    await author.clip([await author.segment(4, 300_000), await author.segment(3, 300_000)]);
}

async function setScene(): Promise<Scene> {
  const dir = await mkdtemp(join(tmpdir(), 'stick-'));
  const [httpPort, nobody] = [await freePort(), await freePort()];
  const stage = await setDrainStage({ dir, nodes: 1, httpPort, broker: undefined, linkPort: nobody });
  const [staged] = stage.nodes;
  if (staged === undefined) throw new Error('no node was staged');
  const author = await openAuthor(staged);
  const stick = join(dir, 'usb');
  await mkdir(stick);
  const matlang: Scene['matlang'] = async (...args) => {
    const { code, said, out } = await runChild([program, '--lang', 'en', ...args]);
    const told: unknown = out.startsWith('{') ? JSON.parse(out) : {};
    return { code, told: told as Record<string, unknown>, said: said + out };
  };
  return {
    ...{ dir, stick, author, matlang },
    archive: join(stage.hubDir, 'archive', staged.id),
    hub: async () => {
      const child = spawn(process.execPath, [program, 'hub', '--config', stage.hubConfigPath], { stdio: 'ignore' });
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const answers = () =>
        fetch(`http://127.0.0.1:${httpPort}/api/summary`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until('the hub', answers, 20_000);
      const stop = async () => {
        child.kill('SIGTERM');
        await ended;
      };
      return { stop };
    },
    node: (what, ...more) => {
      const where = what === 'status' ? [] : [stick];
      return matlang('spool', what, ...where, '--config', staged.configPath, '--json', ...more);
    },
    bring: () => matlang('spool', 'import', stick, '--config', stage.hubConfigPath, '--json'),
    waiting: async () => {
      const at = folders(staged.dir);
      return (await Promise.all(([0, 1, 2, 3, 4, 5] as const).map((each) => readdir(at.waiting(each))))).flat().length;
    },
    onStick: async () =>
      (await readdir(stick, { recursive: true }))
        .map((name) => name.split('/').at(-1) ?? '')
        .filter((name) => parseFileName(name) !== undefined),
    ends: [() => rm(dir, { recursive: true, force: true }), author.close],
  };
}

function runChild(args: readonly string[]): Promise<{ code: number | null; said: string; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const heard = { said: '', out: '' };
    child.stderr.on('data', (bytes) => {
      heard.said += String(bytes);
    });
    child.stdout.on('data', (bytes) => {
      heard.out += String(bytes);
    });
    child.once('close', (code) => resolve({ code, ...heard }));
  });
}
