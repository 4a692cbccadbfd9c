// `matlang-heal`, as root, before the recorder starts: the data partition is mounted and takes what is written, whatever it takes. Exit 0 unless it was
// asked for something it must not do: a recorder without a card still sends what it sees.
import { parseArgs } from 'node:util';
import { disk } from '../hal/disk.ts';
import { mustNotBeMade, openPartition } from '../hal/partition.ts';
import { heal, leaveNote } from './heal.ts';
import { openLog } from './log.ts';

const { values } = parseArgs({
  options: { device: { type: 'string' }, at: { type: 'string' }, identity: { type: 'string' } },
});
const { device, at, identity } = values;
const log = openLog('heal');
const refusal =
  device === undefined || at === undefined || identity === undefined
    ? '--device, --at and --identity are required'
    : mustNotBeMade(device, '/', identity);
if (refusal !== undefined || device === undefined || at === undefined || identity === undefined) {
  log('error', 'refused', { text: refusal });
  process.exitCode = 2;
} else {
  const healed = await heal(openPartition({ device, at }));
  log(healed.outcome === 'well' ? 'info' : 'warn', `the data partition is ${healed.outcome}`, {
    device,
    at,
    why: healed.why,
  });
  if (healed.outcome !== 'well')
    await leaveNote(disk, identity, healed).catch((error: unknown) =>
      log('error', 'the note for the hub cannot be left', { error: String(error) }),
    );
}
