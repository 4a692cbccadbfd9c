// Time without a clock, from the board to the desk: a node's board is a year ahead, an hour behind, in 1970, or knows nothing at all; the spool, the
// uplink, the broker and the hub are real.
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readHead } from '../../agent/head.ts';
import { readHubKey, readSigner } from '../../agent/identity.ts';
import { keepTime } from '../../agent/keep-time.ts';
import { localPath, serveLocal } from '../../agent/local.ts';
import { watchTime } from '../../agent/recorder/time.ts';
import { openSpool } from '../../agent/spool.ts';
import { runUplink } from '../../agent/uplink/uplink.ts';
import { disk } from '../../hal/disk.ts';
import type { EventView } from '../../hub/event-view.ts';
import { commune, makeVillage, type Running, type Village } from '../hub/village.ts';
import { until } from '../support/until.ts';

const year = 365 * 86_400_000;
const hour = 3_600_000;
const quiet = () => undefined;

interface Context {
  village: Village;
  running: Running;
  node: Node;
}
const test = suite<Context>('time');
test.before(async (context) => {
  context.village = await makeVillage();
  context.running = await context.village.start();
  context.node = await makeNode(context.village, context.running);
});
test.after(async ({ village, node }) => {
  await node.end();
  await village.remove();
});

const at = (running: Running, id: string): Promise<EventView | undefined> =>
  running
    .get('api/events?limit=200')
    .then((answer) => answer.json())
    .then(({ events }: { events: EventView[] }) => events.find((event) => event.id === id));

/** The desk shows it, timed in this way; `eventually`, since re-timing follows. */
async function shown(running: Running, id: string, by: EventView['timeBy']): Promise<EventView> {
  const found: { event?: EventView | undefined } = {};
  await until(`${id} to be ${by}`, async () => {
    found.event = await at(running, id);
    return found.event?.timeBy === by;
  });
  if (found.event === undefined) throw new Error(`no ${id}`);
  return found.event;
}

for (const [name, offMs] of [
  ['an hour behind', -hour],
  ['a year ahead', year],
] as const)
  test(`a board whose battery clock is ${name}: the hub says so, and what was recorded before is put right within its error`, async ({
    node,
    running,
  }) => {
    const boot = await node.boot({ by: 'rtc', offMs });
    const trueMs = Date.now();
    const id = `early ${name}`;
    await boot.event(id);
    boot.connect();
    await until('the hub to be believed', () => boot.now().clock === 'hub');
    await boot.event(`late ${name}`);
    const early = await shown(running, id, 're-timed');
    assert.ok(Math.abs(early.atMs - trueMs) <= (early.errorMs ?? 0) + 50, `${early.atMs - trueMs} ± ${early.errorMs}`);
    assert.ok(Math.abs((early.saidMs ?? 0) - trueMs - offMs) < 1000, 'what the camera said is kept');
    const late = await shown(running, `late ${name}`, 'own');
    assert.ok(late.atMs > trueMs && late.atMs < Date.now() + 50, new Date(late.atMs).toISOString());
    await boot.end();
  });

test('a clock that lies before what is known to have passed is not believed, however it is vouched for', async ({
  node,
}) => {
  const boot = await node.boot({ by: 'rtc', offMs: -hour });
  assert.equal([boot.now().clock, boot.now().wallMs], ['floor', null]);
  await boot.end();
});

test('a board that stands at 1970: nothing is said, until the hub is heard', async ({ node, running }) => {
  const boot = await node.boot({ by: undefined, offMs: -Date.now() });
  const trueMs = Date.now();
  await boot.event('in 1970');
  assert.is(boot.now().wallMs, null);
  boot.connect();
  const event = await shown(running, 'in 1970', 're-timed');
  assert.ok(Math.abs(event.atMs - trueMs) <= (event.errorMs ?? 0) + 50, `${event.atMs - trueMs} ± ${event.errorMs}`);
  assert.is(event.saidMs, null);
  await boot.end();
});

test('a start that never knew the time and lost its power: between the start before and the moment the hub had it', async ({
  node,
  running,
}) => {
  const beforeMs = Date.now();
  const dark = await node.boot({ by: undefined, offMs: -Date.now() });
  await dark.event('in the dark');
  await dark.end();
  const next = await node.boot({ by: undefined, offMs: -Date.now() });
  next.connect();
  const event = await shown(running, 'in the dark', 'stored');
  assert.ok(event.afterMs !== null && event.afterMs <= Date.now() && event.afterMs > beforeMs - 60_000);
  assert.ok(event.atMs >= beforeMs && event.errorMs === null);
  await next.end();
});

test('the system clock jumps a year in the middle of a start: nobody follows it', async ({ node, running }) => {
  const boot = await node.boot({ by: 'ntp', offMs: 0 });
  boot.connect();
  await boot.event('before the jump');
  boot.jump(year);
  const trueMs = Date.now();
  await boot.event('after the jump');
  const event = await shown(running, 'after the jump', 'own');
  assert.ok(Math.abs(event.atMs - trueMs) < 1000, new Date(event.atMs).toISOString());
  assert.equal(boot.faults, ['clock-doubted']);
  await boot.end();
});

interface Board {
  readonly by: 'ntp' | 'rtc' | undefined;
  readonly offMs: number;
}
interface Boot {
  event(id: string): Promise<void>;
  /** From now on there is a network. */
  connect(): void;
  jump(offMs: number): void;
  now(): ReturnType<ReturnType<typeof keepTime>['now']>;
  readonly faults: string[];
  end(): Promise<void>;
}
interface Node {
  boot(board: Board): Promise<Boot>;
  /** Of whatever a failed test left. */
  end(): Promise<void>;
}

async function makeNode(village: Village, running: Running): Promise<Node> {
  const dir = join(village.dir, 'node');
  const [identityDir, dataDir] = [join(dir, 'identity'), join(dir, 'data')];
  await disk.makeFolder(identityDir);
  await disk.makeFolder(dataDir);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
  await writeFile(join(identityDir, 'signing.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(identityDir, 'signing.pub'), publicPem);
  await writeFile(join(village.dir, 'keys', 'mat-01.pub'), publicPem);
  await copyFile(village.keys.recipients, join(identityDir, 'recipients.txt'));
  await copyFile(village.keys.publicKey, join(identityDir, 'hub.pub'));
  const signer = await readSigner(disk, identityDir);
  const maker = { ...signer, commune, node: 'mat-01', config: '0'.repeat(64), release: '0' };
  const hubKey = await readHubKey(disk, identityDir);

  const ends = new Set<() => Promise<void>>();

  const boot = async ({ by, offMs }: Board): Promise<Boot> => {
    const floorMs = (await readHead(disk, identityDir))?.floorMs ?? 0;
    const spool = await openSpool(disk, dataDir, identityDir, maker);
    const [startedMs, board, stopping] = [performance.now(), { by, offMs }, new AbortController()];
    const monoMs = () => performance.now() - startedMs;
    const look = () => ({ monoMs: monoMs(), wallMs: Date.now() + board.offMs, by: board.by, errorMs: 200 });
    const clock = keepTime({ monoMs, look }, floorMs);
    const now = () => clock.now();
    const faults: string[] = [];
    const watch = watchTime(clock, spool, now, { raise: (code) => void faults.push(code), over: quiet });
    const socketPath = localPath(dir);
    const server = serveLocal(
      socketPath,
      {
        heard: (message) => {
          if (message.is === 'hubTime') clock.hubSays(message.hubMs, monoMs(), message.errorMs);
        },
      },
      stopping.signal,
    );
    const config = {
      ...{ commune, node: 'mat-01', title: 'Ngã ba' },
      uplink: { broker: running.hub.broker, mqtt: 4, link: 'unmetered', monthlyMiB: 0 } as const,
    };
    let ended: Promise<unknown> = Promise.resolve();
    const end = async () => {
      ends.delete(end);
      watch.stop();
      stopping.abort();
      await ended;
      await server.ended;
    };
    ends.add(end);
    return {
      event: async (id) => {
        const event = { id, phase: 'new', trigger: 'motion', level: 'alarm' } as const;
        const { monoMs: atMonoMs } = now();
        const moments = { firstMonoMs: atMonoMs, lastMonoMs: atMonoMs };
        const { phase: _, ...said } = event;
        const details = { ...said, ...moments, peakShare: 0, boxes: [], zones: [], reason: '' };
        const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
        const stored = await spool.append({ kind: 'event', class: 0, time: now(), event, body });
        if (!stored.ok) throw stored.cause;
        server.tell({ is: 'doorbell', class: 0 });
      },
      connect: () => {
        ended = runUplink(
          {
            ...{ disk, config, dataDir, identityDir, socketPath, runDir: dir, hubKey, release: '0', floorMs: 0 },
            ...{ configSha256: maker.config, membership: undefined, systemIsTrusted: () => true, log: quiet },
            ...{ links: () => Promise.resolve([]), notify: { ready: quiet, alive: quiet, stopping: quiet } },
          },
          stopping.signal,
        );
      },
      jump: (ms) => {
        board.offMs = ms;
      },
      now,
      faults,
      end,
    };
  };
  return {
    boot,
    end: async () => {
      for (const end of [...ends]) await end();
    },
  };
}

test.run();
