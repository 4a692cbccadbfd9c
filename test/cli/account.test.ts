// `matlang hub account` as an administrator types it, beside a running hub: what it does to who may get in stands in the log.
import { chown, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { registerAccount } from '../../cli/hub/account.ts';
import { makeVillage, type Village } from '../hub/village.ts';
import { skipWhen } from '../support/skip.ts';

const nobody = 65_534;

const test = suite('cli/account');
const village = await makeVillage();
const running = await village.start();
test.after(() => village.remove());
const onlyRoot = skipWhen(process.getuid?.() === 0 ? undefined : 'gives files away, which only root may')(test);

async function account(...words: readonly string[]): Promise<void> {
  await accountOf(village, words);
}

async function accountOf({ config }: Village, words: readonly string[]): Promise<void> {
  const hub = new Command();
  registerAccount(hub, 'vi', () => Promise.resolve(config));
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    await hub.parseAsync(['account', ...words], { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
}

test('an account that is made, given a password anew, closed, opened or hung on the wall: each is a line with who did it', async () => {
  await account('add', 'binh', '--role', 'officer', '--name', 'Trần Văn Bình');
  await account('reset', 'binh');
  await account('disable', 'binh');
  await account('enable', 'binh');
  await account('tv', 'binh');
  const { lines } = await (await running.get('api/audit?count=50')).json();
  const told = lines
    .filter(({ subject }: { subject: string }) => subject === 'account binh')
    .map(({ actor, details }: { actor: string; details: object }) => [actor.split(':')[0], details])
    .reverse();
  assert.equal(told, [
    ['cli', { what: 'account-added', role: 'officer' }],
    ['cli', { what: 'account-reset' }],
    ['cli', { what: 'account-closed' }],
    ['cli', { what: 'account-opened' }],
    ['cli', { what: 'tv-link' }],
  ]);
});

test('what is refused leaves no line', async () => {
  const count = async () => {
    const { lines } = await (await running.get('api/audit?count=100')).json();
    return lines.filter(({ actor }: { actor: string }) => actor.startsWith('cli:')).length;
  };
  const before = await count();
  const refused = (words: string[]) =>
    account(...words).then(
      () => 'done',
      (error: unknown) => String(error),
    );
  assert.match(await refused(['add', 'binh', '--role', 'chief', '--name', 'Ai đó']), 'đã có');
  assert.match(await refused(['disable', 'lan']), 'không có');
  assert.is(await count(), before);
});

onlyRoot("a log that root begins before the hub's first start is the hub's", async () => {
  const fresh = await makeVillage();
  try {
    const { dataDir } = fresh.config;
    await mkdir(dataDir, { recursive: true });
    await chown(dataDir, nobody, nobody);
    await accountOf(fresh, ['add', 'lan', '--role', 'chief', '--name', 'Lê Thị Lan']);
    const audit = join(dataDir, 'audit');
    const made = ['.', ...(await readdir(audit))];
    assert.ok(made.includes('000001.log'));
    for (const name of made) assert.is((await stat(join(audit, name))).uid, nobody, name);
  } finally {
    await fresh.remove();
  }
});

test.run();
