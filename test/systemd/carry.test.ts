// What goes over into a system that was written beside the one that runs: a real ext4 image, really mounted, by rauc's post-install handler. Needs root and loop devices.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withPullUps } from '../../cli/hub/kit-files.ts';
import { saveState } from '../../ota/root.ts';
import { shelf } from '../../ota/shelf.ts';
import type { Launch } from '../../ota/trial.ts';

const test = suite('systemd/carry');
const base = mkdtempSync(join(tmpdir(), 'matlang-carry-'));
test.after(() => rmSync(base, { recursive: true }));
const script = fileURLToPath(new URL('../../systemd/os/carry.sh', import.meta.url));
let count = 0;

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, TMPDIR: base };
const can = spawnSync('sh', ['-c', 'losetup -f && mke2fs -V'], { env }).status === 0 && process.getuid?.() === 0;
const mounts = can ? test : test.skip;
if (!can) console.log('SKIP: carrying over needs root, loop devices and e2fsprogs');

const passwd = 'root:x:0:0::/root:/bin/sh\nmatlang:x:996:990::/var/lib/matlang:/usr/sbin/nologin\n';
const pulls = withPullUps('', [17, 23]).trimStart();
const running = {
  'boot/firmware/config.txt': withPullUps('# stock\n', [17, 23]),
  'etc/passwd': passwd,
  'etc/matlang/card.env': 'MATLANG_DATA_DEVICE=/dev/x\n',
  'etc/matlang/node.yaml': 'node: mat-07\n',
  'etc/hostname': 'mat-07\n',
  'etc/ssh/ssh_host_ed25519_key': 'host key\n',
  'etc/ssh/sshd_config': 'old\n',
  'etc/systemd/system/matlang-recorder.service.d/override.conf': '[Service]\n',
  'etc/credstore/matlang.picovoice': 'access key\n',
  'opt/matlang/releases/1.4.0/release.json': '{}',
  'usr/lib/matlang/1.3.0/release.json': '{"version":"1.3.0"}',
};
const fresh = {
  'etc/passwd': passwd,
  'etc/hostname': 'image\n',
  'etc/ssh/sshd_config': 'new\n',
  'etc/fstab': 'PARTUUID=6d61746c-05 / ext4 defaults 0 1\nPARTUUID=6d61746c-02 /boot/firmware vfat defaults 0 2\n',
  'opt/matlang/releases/of-the-image/release.json': '{}',
};

function lay(dir: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const steady: Launch = { name: 'steady', release: '1.4.0', previous: '1.3.0' };
const proving: Launch = {
  ...{ name: 'proving', release: '1.4.0', before: '1.3.0' },
  ...{ older: null, whys: [], heardMs: 0 },
};

interface Carried extends SpawnSyncReturns<string> {
  /** Of the new system, afterwards. */
  read(path: string): string | undefined;
  /** Of its boot partition. */
  readBoot(path: string): string | undefined;
  /** What the boot loader was told. */
  told: string;
}

function carry(
  of: Readonly<Record<string, string>>,
  into: Readonly<Record<string, string>>,
  state: Launch = steady,
): Carried {
  const dir = join(base, `${count++}`);
  const from = lay(join(dir, 'running'), of);
  symlinkSync('../../../usr/lib/matlang/1.3.0', join(from, 'opt/matlang/releases/1.3.0'));
  saveState(shelf, join(from, 'opt/matlang'), state);
  // No FAT: some kernels that this is tried on have none, and what it is mounted as is no matter here.
  const [root, boot] = [
    imageOf(dir, 'root', '16M', into),
    imageOf(dir, 'boot', '1M', { 'config.txt': '[boot_partition=3]\n' }),
  ];
  const [choice, told] = [join(dir, 'choice'), join(dir, 'told')];
  writeFileSync(choice, `#!/bin/sh\necho "$*" >>${told}\n`);
  chmodSync(choice, 0o755);
  const slots = {
    RAUC_TARGET_SLOTS: '3 4',
    ...{ RAUC_SLOT_CLASS_3: 'boot', RAUC_SLOT_DEVICE_3: boot },
    ...{ RAUC_SLOT_CLASS_4: 'rootfs', RAUC_SLOT_DEVICE_4: root, RAUC_SLOT_BOOTNAME_4: 'B' },
  };
  const run = spawnSync('sh', [script], {
    env: { ...env, ...slots, MATLANG_CARRY_FROM: from, MATLANG_BOOT_CHOICE: choice },
    encoding: 'utf8',
  });
  return {
    ...run,
    told: existsSync(told) ? readFileSync(told, 'utf8') : '',
    read: (path) => readOf(root, path),
    readBoot: (path) => readOf(boot, path),
  };
}

function imageOf(dir: string, name: string, size: string, files: Readonly<Record<string, string>>): string {
  const image = join(dir, `${name}.ext4`);
  const made = spawnSync('mkfs.ext4', ['-q', '-d', lay(join(dir, name), files), image, size], { env });
  assert.is(made.status, 0);
  return image;
}

function readOf(image: string, path: string): string | undefined {
  const { stdout, stderr } = spawnSync('debugfs', ['-R', `cat /${path}`, image], { env, encoding: 'utf8' });
  return stderr.includes('File not found') ? undefined : stdout;
}

mounts('the new system is this node: its name, keys, configuration and releases, with its own place in fstab', () => {
  const { status, stderr, told, read, readBoot } = carry(running, fresh);
  assert.is(status, 0, stderr);
  assert.is(told, 'set-primary B\n');
  assert.is(read('etc/matlang/node.yaml'), 'node: mat-07\n');
  assert.is(read('etc/hostname'), 'mat-07\n');
  assert.is(read('etc/ssh/ssh_host_ed25519_key'), 'host key\n');
  assert.is(read('etc/ssh/sshd_config'), 'new\n', "the system's own settings are the image's");
  assert.is(read('etc/systemd/system/matlang-recorder.service.d/override.conf'), '[Service]\n');
  assert.is(read('etc/credstore/matlang.picovoice'), 'access key\n');
  assert.match(read('etc/fstab') ?? '', /^PARTUUID=6d61746c-06 \/ .*\nPARTUUID=6d61746c-03 \/boot\/firmware /);
  assert.match(read('opt/matlang/state.json') ?? '', '"release": "1.4.0"');
  assert.is(read('opt/matlang/releases/1.4.0/release.json'), '{}');
  assert.is(
    read('opt/matlang/releases/1.3.0/release.json'),
    '{"version":"1.3.0"}',
    'no link into a package that is not there',
  );
  assert.is(read('opt/matlang/releases/of-the-image/release.json'), undefined);
  assert.is(readBoot('config.txt'), `[boot_partition=3]\n\n[all]\n${pulls}`);
  assert.is(spawnSync('sh', ['-c', `ls -d ${base}/matlang-carry.*`]).status, 2, 'nothing stays mounted');
});

for (const { what, of = {}, into = {}, state, why } of [
  {
    what: 'another user owns footage and keys there',
    into: { 'etc/passwd': passwd.replace('996', '997') },
    why: '996:990 here and 997:990 there',
  },
  { what: 'there is no such user', into: { 'etc/passwd': '' }, why: "another's" },
  { what: 'footage lies in the old system', of: { 'etc/matlang/card.env': undefined }, why: 'stay behind' },
  { what: 'a release is on trial', state: proving, why: 'one thing at a time' },
  { what: 'the new system has no fstab', into: { 'etc/fstab': undefined }, why: 'fstab' },
  { what: 'the new system mounts by other names', into: { 'etc/fstab': 'LABEL=x / ext4\n' }, why: '6d61746c-06' },
  { what: 'its files do not fit', of: { 'opt/matlang/big': 'x'.repeat(17 << 20) }, why: 'No space left' },
] as const) {
  mounts(`where ${what}, nothing is tried`, () => {
    const { status, stderr, told } = carry(present({ ...running, ...of }), present({ ...fresh, ...into }), state);
    assert.ok(status !== 0);
    assert.match(stderr, why);
    assert.is(told, '');
  });
}

function present(files: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])),
  );
}

test.run();
