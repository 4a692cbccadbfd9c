// The release proves itself on this node before it is kept: it starts on its own runtime, reads the node's configuration, and writes and reads back on the card.
// `self-test --config FILE`; exit 0 is a pass, anything else comes with words on stderr.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { faultLine, readNodeConfig } from '../agent/core/config/read.ts';
import { disk } from '../hal/disk.ts';

const probeBytes = 256 * 1024;

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) throw new Error('--config FILE is required');
const read = readNodeConfig(await readFile(values.config), values.config);
if (!read.ok) throw new Error(read.faults.map((fault) => faultLine(fault)).join('\n'));
await writeAndReadBack(join(resolve(dirname(values.config), read.config.dataDir), 'tmp'));

async function writeAndReadBack(folder: string): Promise<void> {
  const path = join(folder, `self-test-${process.pid}`);
  const bytes = randomBytes(probeBytes);
  await disk.makeFolder(folder);
  const file = await disk.create(path);
  try {
    await file.write(bytes, 0);
    await file.sync();
    const back = await disk.read(path);
    if (!bytes.equals(back)) throw new Error(`${path} does not read back as written`);
  } finally {
    await file.close();
    await disk.remove(path);
  }
}
