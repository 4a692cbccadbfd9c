// The fault storm: whatever is killed, cut or said twice, the hub has what the nodes have, each once and in order.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storm } from './storm.ts';

const seed = Number(process.env.MATLANG_SEED ?? 1);
/** The long run is the promise; every run is a tenth of it. */
const least =
  process.env.MATLANG_LONG === undefined ? { faults: 200, records: 2000 } : { faults: 2000, records: 20_000 };
const test = suite('storm');

test(`${least.faults} faults over ${least.records} records of three nodes: none lost, none twice, each node's in order`, async () => {
  const { faults, records, acknowledged, ...wrong } = await storm({
    ...{ ...least, seed },
    say: (line) => process.stdout.write(`${line}\n`),
  });
  process.stdout.write(`seed ${seed}: ${JSON.stringify(faults)}, ${acknowledged} acknowledged, ${records} records\n`);
  assert.equal(wrong, { lost: [], twice: [], disordered: [], broken: [], astray: [] });
  assert.ok(records >= acknowledged && acknowledged >= least.records, `${acknowledged}`);
});

test.run();
