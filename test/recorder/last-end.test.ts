// Why a start began, as the one before left word of it: on the card, and in memory where the card refuses.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLives } from '../../agent/recorder/last-end.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';

interface World {
  readonly dir: string;
  /** A start, by the word of the run before. */
  begin(card?: Disk): ReturnType<typeof openLives>;
  /** The machine itself starts anew: what lay in memory is gone. */
  reboot(): Promise<void>;
}

const test = suite<World>('last-end');
test.before.each(async (context) => {
  const dir = await mkdtemp(join(tmpdir(), 'matlang-lives-'));
  const [dataDir, runDir, root] = [join(dir, 'data'), join(dir, 'run'), join(dir, 'root')];
  const kernel = join(root, 'proc/sys/kernel/random');
  for (const path of [dataDir, runDir, kernel]) await mkdir(path, { recursive: true });
  let boots = 0;
  const reboot = async () => {
    await writeFile(join(kernel, 'boot_id'), `boot-${boots++}\n`);
    await rm(runDir, { recursive: true });
    await mkdir(runDir);
  };
  await reboot();
  Object.assign(context, { dir, reboot, begin: (card = disk) => openLives(card, { dataDir, runDir, root }) });
});
test.after.each(({ dir }) => rm(dir, { recursive: true }));

const readOnly: Disk = { ...disk, create: () => Promise.reject(new Error('EROFS: read-only file system')) };

test('stopped in order, killed, and after a power cut', async ({ begin, reboot }) => {
  const first = await begin();
  assert.is(first.began.cause, 'first-start');
  await first.endOrderly();
  assert.is((await begin()).began.cause, 'asked');
  assert.is((await begin()).began.cause, 'killed');
  await reboot();
  assert.is((await begin()).began.cause, 'power-cut');
});

test('a card that went read-only meanwhile: the order of its end is remembered as long as the machine runs, and once', async ({
  begin,
  reboot,
}) => {
  await begin();
  const hurt = await begin(readOnly);
  await hurt.endOrderly();
  assert.is((await begin()).began.cause, 'asked');
  assert.is((await begin()).began.cause, 'killed');
  await (await begin(readOnly)).endOrderly();
  await reboot();
  assert.is((await begin()).began.cause, 'power-cut');
});

test.run();
