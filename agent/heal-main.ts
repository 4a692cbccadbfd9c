// `matlang-heal`, as root, before the recorder starts: the partitions are mounted and take what is written, whatever it takes. Exit 0 unless it was
// asked for something it must not do: a recorder without a card still sends what it sees.
import { chown, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { disk } from '../hal/disk.ts';
import { mustNotBeMade, openPartition } from '../hal/partition.ts';
import { unlessGone } from './gone.ts';
import { type Healed, heal, leaveNote, notePath } from './heal.ts';
import { openLog } from './log.ts';

const { values } = parseArgs({
  options: {
    device: { type: 'string' },
    at: { type: 'string' },
    identity: { type: 'string' },
    'identity-device': { type: 'string', default: '' },
  },
});
const { device, at, identity, 'identity-device': identityDevice } = values;
const log = openLog('heal');

/** The unit names both devices; the second is empty where the keys lie on the root file system. */
async function healIdentity(where: string): Promise<Healed> {
  const partition = openPartition({ device: identityDevice, at: where, journalsData: true });
  // Without its key a node is nobody: what cannot be saved waits for a technician.
  return await heal({ ...partition, makeAnew: () => Promise.resolve({ ok: false, text: 'never' }) });
}

const tell = (what: string, { outcome, why }: Healed, of: string): void =>
  log(outcome === 'well' ? 'info' : 'warn', `the ${what} partition is ${outcome}`, { device: of, why });

async function main(): Promise<void> {
  if (device === undefined || at === undefined || identity === undefined)
    return refuse('--device, --at and --identity are required');
  const ofIdentity = identityDevice === '' ? undefined : await healIdentity(identity);
  if (ofIdentity !== undefined) tell('identity', ofIdentity, identityDevice);
  const refusal = mustNotBeMade(device, '/', identity);
  if (refusal !== undefined) return refuse(refusal);
  const ofData = await heal(openPartition({ device, at }));
  tell('data', ofData, device);
  try {
    if (ofData.outcome !== 'well') await leaveNote(disk, identity, ofData);
    await giveNote(identity);
  } catch (error) {
    log('error', 'the note for the hub cannot be left', { error: String(error) });
  }
}

/** It is read by whoever owns the keys, and root wrote it. At every start: a cut may have come in between. */
async function giveNote(dir: string): Promise<void> {
  const { uid, gid } = await stat(dir);
  await unlessGone(chown(notePath(dir), uid, gid));
}

function refuse(text: string): void {
  log('error', 'refused', { text });
  process.exitCode = 2;
}

await main();
