// Fills a resting node's spool to a share of what it may hold, as a long outage does: records of its own, signed, chained and sealed by its own code. Run as its user.
import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../../agent/config-file.ts';
import { readSigner } from '../../../agent/identity.ts';
import { openSpool } from '../../../agent/spool.ts';
import { disk } from '../../../hal/disk.ts';

/** A large still's size, after each some of an event's: a spool that is full in some hundred files, which a translated machine writes in a minute. */
const [bigBytes, smallBytes, smallOnes] = [150_000, 700, 2];
const share = 0.9;

const { config, dataDir, identityDir, sha256 } = await loadConfig(disk, '/etc/matlang/node.yaml', 'keep-good');
const { commune, node, storage } = config;
const maker = { commune, node, config: sha256, release: 'lab', ...(await readSigner(disk, identityDir)) };
const spool = await openSpool(disk, dataDir, identityDir, maker);
let [records, bytes] = [0, 0];
while (bytes < share * storage.spoolMiB * 1024 * 1024) {
  const size = records % (1 + smallOnes) === 0 ? bigBytes : smallBytes;
  const stored = await spool.append({
    kind: 'log',
    class: 5,
    time: { monoMs: Math.round(performance.now()), wallMs: null, clock: 'none', errorMs: 0 },
    body: {
      plain: Buffer.from(JSON.stringify({ filler: randomBytes((size * 3) / 4).toString('base64') })),
      type: 'application/json',
    },
  });
  if (!stored.ok) throw stored.cause;
  records += 1;
  bytes += stored.bytes;
}
console.log(`${records} ${Math.round(bytes / 1024 / 1024)}`);
