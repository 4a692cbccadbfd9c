// What `hub init` leaves behind for the first evening: an account that can let the others in, and an unsealing key that a stolen folder does not give away.
// The machine's own systemd-creds wraps it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { disk } from '../../hal/disk.ts';
import { backup } from '../../hub/backup/backup.ts';
import { restore } from '../../hub/backup/restore.ts';
import { allAccounts } from '../../hub/desk/accounts.ts';
import { isPassword } from '../../hub/desk/passwords.ts';
import { openDeskStore } from '../../hub/desk/store.ts';
import { readIdentity, readUnsealKey, wrappedPath } from '../../hub/unseal-key.ts';
import { type Commune, foundCommune } from '../support/commune.ts';
import { skipWhen } from '../support/skip.ts';

const test = suite<{ commune: Commune }>('unseal-key');
test.before.each(async (context) => {
  context.commune = await foundCommune('embedded');
});
test.after.each(({ commune }) => commune.remove());
const unable = () => {
  if (process.getuid?.() !== 0) return 'needs root: the secret of a machine is root’s';
  const tried = spawnSync('systemd-creds', ['encrypt', '--name=trial', '-', '-'], { input: 'trial', encoding: 'utf8' });
  return tried.status === 0 ? undefined : `systemd-creds does not work here: ${tried.stderr ?? tried.error?.message}`;
};
const wrapping = skipWhen(unable())(test);

test('the first account is an administrator with a password for once; run again, no account comes or changes', async ({
  commune,
}) => {
  const store = openDeskStore(commune.config.dataDir);
  const [admin, ...others] = allAccounts(store);
  assert.equal(
    [admin?.name, admin?.role, admin?.mustChange, others.length],
    [commune.admin?.name, 'admin', true, 0],
    'one, and it must change its password',
  );
  assert.ok(await isPassword(commune.admin?.password ?? '', admin?.hash ?? ''));
  const once = await commune.initAgain(Date.now());
  assert.is(once.ok && once.admin, undefined);
  assert.equal(allAccounts(store), [admin]);
  store.close();
});

wrapping(
  'wrapped by the machine: nowhere in the folder in clear, and hub, backup and restore go on',
  async ({ commune }) => {
    const { config, dir } = commune;
    const home = join(dir, 'hub');
    const identity = await readUnsealKey(config.unsealKey);
    const done = await commune.initAgain(Date.now(), true);
    assert.ok(done.ok);
    assert.equal(done.ok && [done.unwrapped, done.made.at(-2)], [undefined, wrappedPath(config.unsealKey)]);
    assert.not(existsSync(config.unsealKey));
    assert.is(statSync(wrappedPath(config.unsealKey)).mode & 0o777, 0o600);
    for (const entry of readdirSync(home, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) assert.not(readFileSync(join(entry.parentPath, entry.name)).includes(identity), entry.name);
    assert.match(
      readFileSync(join(home, 'systemd/matlang-hub.service.d/commune.conf'), 'utf8'),
      `LoadCredentialEncrypted=key.txt:${wrappedPath(config.unsealKey)}`,
    );
    assert.is(await readUnsealKey(config.unsealKey), identity);
    assert.equal((await commune.initAgain(Date.now(), true)).ok, true, 'a third time nothing is missing');
    const { stop } = await commune.start();
    await stop();

    const [to, into] = [`${dir}-backup`, `${dir}-restored`];
    try {
      const passphrase = 'ngã ba chợ lúc bảy giờ sáng';
      await backup({ configPath: join(home, 'hub.yaml'), config, to, passphrase, actor: 'cli:root' }, disk);
      await restore({ from: to, into, secret: { passphrase }, actor: 'cli:root' }, disk, () => undefined);
      // Another machine cannot open what this one wrapped.
      assert.is(readIdentity(readFileSync(join(into, 'key.txt'), 'utf8')), identity);
      assert.not(existsSync(join(into, 'key.txt.cred')));
    } finally {
      for (const path of [to, into]) rmSync(path, { recursive: true, force: true });
    }
  },
);

wrapping('a wrapped key that was damaged, or renamed, is named and opens nothing', async ({ commune }) => {
  const { unsealKey } = commune.config;
  await commune.initAgain(Date.now(), true);
  const text = readFileSync(wrappedPath(unsealKey), 'utf8');
  const damaged = Buffer.from(text, 'base64');
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 20) ^ 1, damaged.length - 20);
  await disk.remove(wrappedPath(unsealKey));
  const file = await disk.create(wrappedPath(unsealKey));
  await file.write(Buffer.from(damaged.toString('base64')), 0);
  await file.close();
  const error = await readUnsealKey(unsealKey).catch((thrown: unknown) => thrown);
  assert.match(String(error), /key\.txt\.cred: only root of the machine that wrapped it can open it/);
});

test.run();
