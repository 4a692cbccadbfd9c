import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mountOf, openBoard } from '../../hal/board.ts';
import { readInventory } from '../../hal/inventory.ts';

const test = suite('hal/board');
const roots: string[] = [];

async function tree(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'matlang-board-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

test.after(async () => {
  for (const root of roots) await rm(root, { recursive: true });
});

test('a tree like that of a Pi gives every figure', async () => {
  const root = await tree({
    'sys/class/thermal/thermal_zone0/type': 'other\n',
    'sys/class/thermal/thermal_zone0/temp': '20000\n',
    'sys/class/thermal/thermal_zone1/type': 'cpu-thermal\n',
    'sys/class/thermal/thermal_zone1/temp': '61321\n',
    'sys/devices/platform/soc/soc:firmware/get_throttled': '50005\n',
    'proc/meminfo': 'MemTotal:         442000 kB\nMemFree: 1 kB\nMemAvailable:     200000 kB\n',
    'proc/loadavg': '0.42 0.30 0.10 1/99 1234\n',
    'proc/uptime': '12345.67 999.00\n',
    'sys/devices/mmc/mmcblk0/stat': '1 2 3 4 5 6 2048 8 9 10 11\n',
    'sys/devices/mmc/mmcblk0/mmcblk0p2/stat': '1 2 3 4 5 6 7 8 9 10 11\n',
    'sys/devices/mmc/mmcblk0/mmcblk0p2/partition': '2\n',
    'sys/fs/ext4/mmcblk0p2/errors_count': '3\n',
    'proc/self/mountinfo': '22 1 179:2 / / ro,noatime - ext4 /dev/mmcblk0p2 rw\n',
  });
  await mkdir(join(root, 'sys/dev/block'), { recursive: true });
  await symlink('../../devices/mmc/mmcblk0/mmcblk0p2', join(root, 'sys/dev/block/179:2'));

  const vitals = await openBoard({ dataDir: root, root }).vitals();
  assert.is(vitals.temperatureC, 61.321);
  assert.is(vitals.throttled, 0x50005);
  assert.equal(vitals.memory, { totalBytes: 442000 * 1024, availableBytes: 200000 * 1024 });
  assert.equal([vitals.load1, vitals.load15, vitals.uptimeS], [0.42, 0.1, 12345.67]);
  assert.is(vitals.card?.readOnly, true);
  assert.is(vitals.card?.errors, 3);
  assert.is(vitals.card?.writtenBytes, 2048 * 512, "the whole card's writes, not the partition's");
});

test('a board that tells nothing gives nulls, not errors', async () => {
  const root = await tree({ 'sys/devices/platform/soc/soc:firmware/get_throttled': 'rubbish' });
  const vitals = await openBoard({ dataDir: join(root, 'absent'), root }).vitals();
  assert.equal([vitals.temperatureC, vitals.throttled, vitals.card], [null, null, null]);
});

test('this machine gives plausible figures', async () => {
  const vitals = await openBoard({ dataDir: tmpdir() }).vitals();
  assert.ok(vitals.memory.totalBytes > vitals.memory.availableBytes && vitals.memory.availableBytes > 0);
  assert.ok(vitals.uptimeS > 0 && vitals.load1 >= 0);
  assert.ok(vitals.card !== null && vitals.card.totalBytes >= vitals.card.freeBytes);
  assert.is(vitals.card?.readOnly, false);
});

test('the innermost mount counts, a later mount on the same point covers the earlier, and names may hold spaces', () => {
  const table = [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '23 22 8:2 / /data rw shared:1 - ext4 /dev/sda2 ro',
    '24 22 8:3 / /data\\040two rw - ext4 /dev/sda3 rw',
    '25 22 8:4 / /over rw - ext4 /dev/sda4 rw',
    '26 25 8:5 / /over ro - ext4 /dev/sda5 rw',
    '27 22 8:6 / /hurt rw - ext4 /dev/sda6 rw,emergency_ro,errors=remount-ro',
    '28 22 8:7 / /well rw - ext4 /dev/sda7 rw,errors=remount-ro',
  ].join('\n');
  assert.equal(mountOf('/data/x', table), { point: '/data', device: '8:2', readOnly: true });
  assert.is(mountOf('/database', table)?.device, '8:1');
  assert.is(mountOf('/data two/x', table)?.device, '8:3');
  assert.equal(mountOf('/over', table), { point: '/over', device: '8:5', readOnly: true });
  assert.is(mountOf('/hurt', table)?.readOnly, true);
  assert.is(mountOf('/well', table)?.readOnly, false);
  assert.is(mountOf('/x', ''), undefined);
});

test('the inventory names this board, and leaves no process behind', async () => {
  const read = await readInventory({ timeoutMs: 20_000 });
  assert.ok(read.ok, read.ok ? '' : read.text);
  if (!read.ok) return;
  assert.is(read.inventory.arch, process.arch);
  assert.ok(read.inventory.cores > 0 && read.inventory.memoryBytes > 0 && read.inventory.kernel !== '');
});

test('an inventory that takes too long is given up', async () => {
  const read = await readInventory({ timeoutMs: 1 });
  assert.equal([read.ok, read.ok ? '' : read.why], [false, 'timeout']);
});

test.run();
