// A recorder starts on whatever card there is.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSpoolPatiently } from '../../agent/recorder/open-spool.ts';
import { openRefuge } from '../../agent/refuge.ts';
import { disk } from '../../hal/disk.ts';
import type { Disk } from '../../hal/ports.ts';
import { makeTestNode } from '../support/node-identity.ts';

const test = suite('recorder/open-spool');

const refused = (code: string) =>
  Promise.reject(Object.assign(new Error(`${code}: the file system is hurt`), { code }));
const cards: [string, string, Partial<Disk>][] = [
  [
    'whose head leads to an inode that is gone',
    'card-error',
    { read: (path) => (path.endsWith('/head') ? refused('EUCLEAN') : disk.read(path)) },
  ],
  ['that lists nothing', 'card-error', { list: () => refused('EIO') }],
  ['that is read-only', 'card-read-only', { makeFolder: () => refused('EROFS'), create: () => refused('EROFS') }],
];
for (const [what, trouble, faults] of cards)
  test(`on a card ${what} it records to memory, at once`, async () => {
    const node = await makeTestNode();
    try {
      const { dataDir, identityDir, maker } = node;
      const card: Disk = { ...disk, ...faults };
      const refuge = openRefuge(card, disk, { dataDir, identityDir, memoryDir: join(node.dir, 'memory') });
      const told: string[] = [];
      const spool = await openSpoolPatiently(
        card,
        refuge,
        dataDir,
        identityDir,
        maker,
        AbortSignal.timeout(4000),
        (code) => told.push(code),
      );
      assert.ok(spool !== undefined, 'within four seconds, which is before the card is tried again');
      assert.equal([told, refuge.trouble()?.why], [[trouble], trouble]);
      const time = { monoMs: 0, wallMs: null, clock: 'none', errorMs: 0 } as const;
      assert.ok((await spool?.append({ kind: 'log', class: 5, time }))?.ok);
    } finally {
      await node.remove();
    }
  });

test.run();
