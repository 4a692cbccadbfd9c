import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freePort } from '../../cli/free-port.ts';
import { openBadLink } from '../../cli/link.ts';
import { answers } from '../../cli/mosquitto.ts';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

function demo(...args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'demo', '--lang', 'en', ...args], { timeout: 30_000 }, (error, _, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stderr }),
    );
  });
}

for (const [args, words] of [
  [['--outage', '25-10'], 'must be FROM-TO in seconds'],
  [['--seconds', '0'], 'must be a whole number from 1 to 86400, not 0'],
  [['--nodes', '36'], 'must be a whole number from 1 to 35, not 36'],
] as const) {
  test(`demo ${args.join(' ')} is refused before anything starts`, async () => {
    const { code, said } = await demo(...args);
    assert.is(code, 2);
    assert.match(said, words);
  });
}

test('a broker by any other protocol is refused', async () => {
  const { code, said } = await demo('--broker', 'http://127.0.0.1:1', '--seconds', '1');
  assert.is(code, 1);
  assert.match(said, '--broker must begin with mqtt:// or mqtts://, not http://');
});

test('a link that is cut drops whoever comes, and lets them through again when mended', async () => {
  const behind = await openBadLink({ host: '127.0.0.1', port: await freePort() });
  const link = await openBadLink(behind.port);
  assert.ok(await answers(link.port));
  link.cut(true);
  link.cut(false);
  assert.ok(await answers(link.port));
  await link.close();
  assert.not(await answers(link.port));
  await behind.close();
});

test.run();
