// `npm run lab [-- --keep] [--only WORDS] [--packages DIR]`: Debian with systemd in a virtual machine, the real package in it, and what happens at poles. Writes docs/ref/lab.md.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { release } from '../../agent/release.ts';
import { buildDeb, type DebPlan } from '../../cli/deb/build.ts';
import { machines } from '../../cli/deb/staging.ts';
import { atPeak, bang, chance, mix, street, toSamples } from '../support/sounds.ts';
import { labCache } from './debian.ts';
import { makePoleCard, missingTools } from './pole-image.ts';
import { config, steps } from './pole-steps.ts';
import { bootGuest, type Guest } from './pole-vm.ts';
import { noQemu } from './vm.ts';

const { values } = parseArgs({
  options: { keep: { type: 'boolean' }, only: { type: 'string' }, packages: { type: 'string' } },
});
const minutesMax = 40;
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const absent = noQemu() ?? missingTools();
if (absent !== undefined) {
  console.log(`SKIP: the node lab did not run: ${absent}`);
  process.exit(0);
}

const runs = join(labCache(), 'runs');
mkdirSync(runs, { recursive: true });
const dir = mkdtempSync(join(runs, 'pole-'));
const startMs = performance.now();
const seen: { name: string; ok: boolean; words: string; seconds: number }[] = [];
const say = (text: string) => process.stdout.write(`${text}\n`);
const late = setTimeout(() => {
  say(`the lab took more than ${minutesMax} minutes`);
  process.exit(1);
}, minutesMax * 60_000);

let guest: Guest | undefined;
try {
  say('packages …');
  const copy = await layOut();
  say('card …');
  const card = makePoleCard(dir, copy);
  say('boot …');
  guest = await bootGuest(dir, card);
  const kernel = (await guest.must('uname -r; . /etc/os-release; echo $PRETTY_NAME; free -m | sed -n 2p'))
    .trim()
    .split('\n');
  say(`up after ${guest.readyS} s: ${kernel.join(', ')}`);
  for (const step of steps) {
    if (values.only !== undefined && !step.name.includes(values.only)) continue;
    const stepMs = performance.now();
    const told = await step.run(guest).then(
      (words) => ({ ok: true, words }),
      (error: unknown) => ({ ok: false, words: error instanceof Error ? error.message : String(error) }),
    );
    const seconds = Math.round((performance.now() - stepMs) / 1000);
    seen.push({ name: step.name, ...told, seconds });
    say(`${told.ok ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s)\n       ${told.words}`);
  }
  if (values.only === undefined) writeFileSync(join(checkout, 'docs/ref/lab.md'), report(kernel, guest.readyS));
} finally {
  clearTimeout(late);
  await guest?.vm.kill();
  if (values.keep !== true) rmSync(dir, { recursive: true, force: true });
}
const failed = seen.filter(({ ok }) => !ok).length;
say(`${seen.length - failed} passed, ${failed} failed, ${Math.round((performance.now() - startMs) / 60_000)} minutes`);
process.exitCode = failed === 0 ? 0 : 1;

/** What the guest needs beside Debian: two releases of the package, an identity, a configuration, a bang. */
async function layOut(): Promise<Map<string, string>> {
  const machine = machines.find(({ node }) => node === 'x64');
  if (machine === undefined) throw new Error('no x64 machine');
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'matlang-deb');
  const plan: DebPlan = {
    name: 'matlang-node',
    machine,
    checkout,
    version: release,
    madeS: 1_700_000_000,
    cache,
    pack: 1,
  };
  // A later version for the upgrade; both may have been made before.
  const made = values.packages;
  const later = { ...plan, version: `${release}1` };
  const node = made === undefined ? await buildDeb(plan, dir) : join(made, `matlang-node_${plan.version}_amd64.deb`);
  const next = made === undefined ? await buildDeb(later, dir) : join(made, `matlang-node_${later.version}_amd64.deb`);
  const put = (name: string, text: string | Buffer) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const hub = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const recipient = await identityToRecipient(await generateX25519Identity());
  return new Map([
    ['/root/node.deb', node],
    ['/root/node-next.deb', next],
    ['/root/node.yaml', put('node.yaml', config)],
    ['/root/identity/hub.pub', put('hub.pub', hub)],
    ['/root/identity/recipients.txt', put('recipients.txt', `${recipient}\n`)],
    ['/root/bang.wav', put('bang.wav', wav())],
  ]);
}

function wav(): Buffer {
  const luck = chance(11);
  const scene = street(luck, 4, -50);
  mix(scene, atPeak(bang(luck), -3), 2.5);
  const samples = toSamples(scene);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(16_000, 24);
  head.writeUInt32LE(32_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

function report(kernel: readonly string[], readyS: number): string {
  const rows = seen.map(
    ({ name, ok, words, seconds }) =>
      `| ${ok ? 'ok' : '**failed**'} | ${name} | ${words.replaceAll('\n', ' ').replaceAll('|', '\\|').slice(0, 300)} | ${seconds} |`,
  );
  return `# What the virtual node showed

Written by \`npm run lab\`: Debian with systemd under QEMU's translator (no Raspberry Pi, and several times slower than one), the real \`matlang-node\` package, simulated
hardware below real drivers: gpio-sim, vivid, snd-aloop. Times are of this translated machine.

Booted: ${kernel.slice(0, 2).join(', ')}; ready after ${readyS} s.

| | tried | seen | s |
|---|---|---|---|
${rows.join('\n')}
`;
}
