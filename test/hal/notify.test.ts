import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openNotify } from '../../hal/notify.ts';
import { runShort } from '../../hal/short-child.ts';

const test = suite('hal/notify');

const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(repr(s.recv(4096).decode()), flush=True)
`;

/** A service manager's socket: what arrives is kept, word by word. */
async function manager(path: string) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'python3', '-c', listener, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => (line === 'bound' ? resolve() : heard.push(line)));
  });
  const until = async (word: string) => {
    for (const endMs = Date.now() + 5000; Date.now() < endMs; ) {
      if (heard.join(' ').includes(word)) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no ${word} within 5 s, only ${heard.join(' ')}`);
  };
  return { heard, until, stop: () => child.kill('SIGKILL') };
}

const tools = await Promise.all(
  ['systemd-notify', 'python3'].map((name) => runShort(name, ['--version'], { timeoutMs: 5000 })),
);
const absent = tools.every((run) => run.ok) ? undefined : 'systemd-notify and python3 are needed';
const real = absent === undefined ? test : test.skip;
if (absent !== undefined) console.log(`SKIP: ${absent}`);

real('a service manager hears ready, alive, status and stopping', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'matlang-notify-'));
  const path = join(folder, 'notify');
  const heard = await manager(path);
  try {
    const notify = openNotify({ ...process.env, NOTIFY_SOCKET: path });
    notify.ready();
    await heard.until('READY=1');
    notify.alive();
    notify.status('recording\nsince noon');
    await heard.until('STATUS=recording since noon');
    await heard.until('WATCHDOG=1');
    notify.stopping();
    await heard.until('STOPPING=1');
    await notify.settled();
  } finally {
    heard.stop();
    await rm(folder, { recursive: true });
  }
});

test('without a service manager nothing is started', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'matlang-notify-'));
  const log = await standIn(folder);
  const notify = openNotify({ PATH: folder });
  notify.ready();
  notify.alive();
  await notify.settled();
  await assertRejects(readFile(log));
  await rm(folder, { recursive: true });
});

test('a thousand pings in one breath are two messages', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'matlang-notify-'));
  const log = await standIn(folder);
  const notify = openNotify({ PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: '/nowhere' });
  notify.ready();
  for (let count = 0; count < 1000; count++) notify.alive();
  await notify.settled();
  assert.equal((await readFile(log, 'utf8')).trim().split('\n'), ['READY=1', 'WATCHDOG=1']);
  await rm(folder, { recursive: true });
});

test('a service manager that is gone, or no systemd-notify, stops nobody', async () => {
  const gone = openNotify({ ...process.env, NOTIFY_SOCKET: '/nowhere/notify' });
  gone.ready();
  await gone.settled();
  const toolless = openNotify({ PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/notify' });
  toolless.ready();
  await toolless.settled();
});

/** A `systemd-notify` that writes down what it was told. */
async function standIn(folder: string): Promise<string> {
  const log = join(folder, 'log');
  await writeFile(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$*" >> ${log}\n`);
  await chmod(join(folder, 'systemd-notify'), 0o755);
  return log;
}

async function assertRejects(promise: Promise<unknown>): Promise<void> {
  const threw = await promise.then(
    () => false,
    () => true,
  );
  assert.ok(threw, 'must fail');
}

test.run();
