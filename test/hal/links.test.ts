import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLinks } from '../../hal/links.ts';

const test = suite('hal/links');

test('a node with a cable to the camera, a modem and Wi-Fi tells each, and which one is the way out', async () => {
  const root = await mkdtemp(join(tmpdir(), 'matlang-links-'));
  const files = {
    'proc/self/net/dev': `Inter-|   Receive                    |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       7       1    0    0    0     0          0         0        7       1    0    0    0     0       0          0
  eth0:    1000      10    0    0    0     0          0         0     2000      20    0    0    0     0       0          0
 wwan0:3000 10 0 0 0 0 0 0 4000 20 0 0 0 0 0 0
 wlan0: 5 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0
`,
    'proc/self/net/route':
      'Iface\tDestination\tGateway\nwwan0\t00000000\t0101A8C0\t0003\neth0\t0000A8C0\t00000000\t0001\n',
    'proc/self/net/wireless':
      'Inter-| sta-|   Quality        |\n face | tus | link level noise |\n wlan0: 0000   54.  -56.  -256        0      0\n',
    'sys/class/net/eth0/operstate': 'down\n',
    'sys/class/net/wwan0/operstate': 'unknown\n',
    'sys/class/net/wlan0/operstate': 'up\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const rest = { signalDbm: null, isDefault: false };
  assert.equal(await readLinks(root), [
    { name: 'eth0', up: false, rxBytes: 1000, txBytes: 2000, ...rest },
    { name: 'wwan0', up: true, rxBytes: 3000, txBytes: 4000, signalDbm: null, isDefault: true },
    { name: 'wlan0', up: true, rxBytes: 5, txBytes: 6, signalDbm: -56, isDefault: false },
  ]);
  await rm(root, { recursive: true });
});

test('where nothing tells, there is no link', async () => {
  assert.equal(await readLinks(join(tmpdir(), 'matlang-nowhere')), []);
});

test.run();
