// A recorder that begins beside an uplink which has waited for it, as after an update that restarts both: it is spoken to before it is whole.
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localPath, type UplinkMessage } from '../../agent/local.ts';
import { makeTestNode } from '../support/node-identity.ts';
import { until } from '../support/until.ts';
import { recordsOf } from './records.ts';

const test = suite('recorder/beside-uplink');
const program = fileURLToPath(new URL('../../agent/recorder/main.ts', import.meta.url));
const fault: UplinkMessage = { is: 'fault', code: 'receipt-forged', standing: true, text: 'said at once' };

/** Joins as soon as there is a socket, and speaks in the same moment. */
async function speakAtOnce(path: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const spoken = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => socket.end(`${JSON.stringify(fault)}\n`, () => resolve(true)));
      socket.once('error', () => resolve(false));
    });
    if (spoken) return;
    await pause(5);
  }
}

/** The recorder reads its head from a pipe: it waits there, half made, for as long as an uplink needs to speak to a socket that is there too early. */
async function holdAtHead(path: string): Promise<void> {
  // Opened by the recorder's own opening of it.
  const pipe = await open(path, 'w');
  await pause(heldMs);
  // Only once: a head that is gone is that of a first start.
  await rm(path);
  await pipe.close();
}
const heldMs = 300;

test('what the uplink says in the first moment is kept until the recorder can write it, and ends nobody', async () => {
  const node = await makeTestNode();
  const runDir = join(node.dir, 'run');
  await mkdir(runDir);
  const config = join(node.dir, 'node.yaml');
  await writeFile(
    config,
    `commune: xa-thu\nnode: mat-01\ntitle: Thử\ndataDir: ${node.dataDir}\nidentityDir: ${node.identityDir}\ncamera: {driver: scene, width: 320, height: 180, fps: 5}\n`,
  );
  const head = join(node.identityDir, 'head');
  assert.is(spawnSync('mkfifo', [head]).status, 0);
  const ended = new AbortController();
  const child = spawn(process.execPath, [program, '--config', config], {
    env: { ...process.env, MATLANG_RUN_DIR: runDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => {
    told += bytes.toString('utf8');
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const speaking = speakAtOnce(localPath(runDir), ended.signal);
  try {
    await holdAtHead(head);
    await until(
      'the record of it',
      async () => {
        assert.is(child.exitCode, null, told);
        const records = await recordsOf(node).catch(() => []);
        return records.some(({ plain }) => String(plain).includes(fault.text));
      },
      60_000,
    );
  } finally {
    ended.abort();
    await speaking;
    child.kill('SIGTERM');
    await exited;
    await node.remove();
  }
});

test.run();
