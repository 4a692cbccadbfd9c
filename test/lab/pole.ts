// `npm run lab [-- --keep] [--only WORDS] [--packages DIR]`: a blank card becomes a node of a hub, in a virtual machine with Debian and systemd; then happens what happens at poles. Writes docs/ref/lab.md.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { release } from '../../agent/release.ts';
import { buildDeb } from '../../cli/deb/build.ts';
import { machines } from '../../cli/deb/staging.ts';
import { atPeak, bang, chance, mix, street, toSamples } from '../support/sounds.ts';
import { labCache } from './debian.ts';
import { armName, missingTranslator, tryArm } from './pole-arm.ts';
import { config } from './pole-config.ts';
import { type LabHub, openLabHub } from './pole-hub.ts';
import { makePoleCard, missingTools } from './pole-image.ts';
import { isGreen, type Pole, until } from './pole-look.ts';
import { steps } from './pole-steps.ts';
import { type Guest, powerOn } from './pole-vm.ts';
import { noQemu } from './vm.ts';

const { values } = parseArgs({
  options: { keep: { type: 'boolean' }, only: { type: 'string' }, packages: { type: 'string' } },
});
const minutesMax = 40;
const greenSecondsMax = 1200;
const nodeName = 'mat-lab';
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
const seen: { name: string; verdict: 'ok' | 'failed' | 'skipped'; words: string; seconds: number }[] = [];
let kernel = '';
const minutesGone = () => Math.round((performance.now() - startMs) / 60_000);
const say = (text: string) => process.stdout.write(`${text}\n`);
process.on('exit', () => {
  if (values.keep !== true) rmSync(dir, { recursive: true, force: true });
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
const late = setTimeout(() => {
  say(`the lab took more than ${minutesMax} minutes`);
  process.exit(1);
}, minutesMax * 60_000);

let hub: LabHub | undefined;
let guest: Guest | undefined;
try {
  say('packages …');
  const packages = values.packages ?? (await makePackages());
  say('hub …');
  hub = await openLabHub(join(dir, 'hub'), 'xa-lab', nodeName);
  say('card …');
  const bootFolder = makeBootFolder(hub, packages);
  const card = makePoleCard(
    dir,
    bootFolder,
    new Map([
      ['/root/node-next.deb', join(packages, `matlang-node_${release}1_amd64.deb`)],
      ['/root/bang.wav', put('bang.wav', wav())],
    ]),
  );
  const pole: Pole = {
    hub,
    guest: () => {
      if (guest === undefined) throw new Error('the machine is off');
      return guest;
    },
    cutPower: async () => {
      await guest?.vm.kill();
      guest = await powerOn(dir, card);
    },
  };
  await tell('from a blank card to green on the desk: nothing is typed at the pole', async () => {
    const onMs = performance.now();
    guest = await powerOn(dir, card);
    const readyS = await guest.ready();
    await until('green on the desk', () => isGreen(pole.hub), greenSecondsMax);
    const minutes = (performance.now() - onMs) / 60_000;
    kernel = (await guest.must('uname -r; . /etc/os-release; echo $PRETTY_NAME')).trim().split('\n').join(', ');
    const installed = (await guest.must('cat /var/log/matlang-install.log')).trim().split('\n').length;
    const [office, atPole] = guideSteps();
    return `${office} steps at the office and ${atPole} at the pole (docs/guide/lap-dat.md); card in and power on to green: ${minutes.toFixed(1)} minutes (first start ready after ${readyS} s); typed characters: 0; the installer's log has ${installed} lines`;
  });
  if (seen[0]?.verdict === 'ok')
    for (const step of steps) {
      if (values.only !== undefined && !step.name.includes(values.only)) continue;
      // What a step before it that failed may have left.
      await pole.guest().run('tc qdisc del dev eth0 root; rm -f /root/fill');
      await tell(step.name, () => step.run(pole));
    }
  await guest?.vm.kill();
  if (values.only === undefined || armName.includes(values.only)) {
    const noArm = missingTranslator();
    if (noArm !== undefined) {
      say(`SKIP ${armName}: ${noArm}`);
      seen.push({ name: armName, verdict: 'skipped', words: noArm, seconds: 0 });
    } else await tell(armName, () => tryArm(dir, pole.hub, join(packages, `matlang-node_${release}_arm64.deb`)));
  }
  if (values.only === undefined) writeFileSync(join(checkout, 'docs/ref/lab.md'), report());
} finally {
  clearTimeout(late);
  await guest?.vm.kill();
  await hub?.close();
}
const count = (of: string) => seen.filter(({ verdict }) => verdict === of).length;
const failed = count('failed');
say(`${count('ok')} passed, ${failed} failed, ${count('skipped')} skipped, ${minutesGone()} minutes`);
process.exitCode = failed === 0 ? 0 : 1;

async function tell(name: string, work: () => Promise<string>): Promise<void> {
  const stepMs = performance.now();
  const told = await work().then(
    (words) => ({ verdict: 'ok' as const, words }),
    (error: unknown) => ({ verdict: 'failed' as const, words: error instanceof Error ? error.message : String(error) }),
  );
  const seconds = Math.round((performance.now() - stepMs) / 1000);
  seen.push({ name, ...told, seconds });
  say(`${told.verdict === 'ok' ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n       ${told.words}`);
}

/** The release of this checkout, for both machines, and one of a later version for the upgrade. */
async function makePackages(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'matlang-deb');
  const plan = { name: 'matlang-node', checkout, madeS: 1_700_000_000, cache, pack: 1 } as const;
  const out = join(dir, 'packages');
  for (const machine of machines) await buildDeb({ ...plan, machine, version: release }, out);
  for (const machine of machines.filter(({ node }) => node === 'x64'))
    await buildDeb({ ...plan, machine, version: `${release}1` }, out);
  return out;
}

/** The boot partition of an image of Raspberry Pi OS, and what `matlang hub kit` lays on it. */
function makeBootFolder(at: LabHub, packages: string): string {
  const out = join(dir, 'bootfs');
  mkdirSync(out);
  for (const name of ['cmdline.txt', 'config.txt', 'user-data', 'meta-data', 'network-config'])
    writeFileSync(join(out, name), '# stock\n');
  const debs = join(dir, 'debs');
  mkdirSync(debs);
  const node = `matlang-node_${release}_amd64.deb`;
  symlinkSync(join(packages, node), join(debs, node));
  const what = ['--node', nodeName, '--place', 'Ngã ba chợ', '--node-config', put('node.yaml', config)];
  at.command(['kit', ...what, '--machine', 'amd64', '--debs', debs, '--out', out]);
  return out;
}

/** Numbered steps of the technician's page: at the office, at the pole. */
function guideSteps(): number[] {
  const [, ...parts] = readFileSync(join(checkout, 'docs/guide/lap-dat.md'), 'utf8').split(/^## /m);
  return parts.map((part) => part.match(/^\d+\. /gm)?.length ?? 0).filter((count) => count > 0);
}

function put(name: string, text: string | Buffer): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
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

function report(): string {
  const rows = seen.map(
    ({ name, verdict, words, seconds }) =>
      `| ${verdict === 'ok' ? 'ok' : `**${verdict}**`} | ${name} | ${words.replaceAll('\n', ' ').replaceAll('|', '\\|').slice(0, 400)} | ${seconds} |`,
  );
  return `# What the virtual node showed

Written by \`npm run lab\`: Debian with systemd under QEMU's translator (no Raspberry Pi, and several times slower than one), the real \`matlang-node\` package
from the card that \`matlang hub kit\` made, a real hub beside the machine, and simulated hardware below real drivers: gpio-sim, vivid, snd-aloop, i6300esb. Times are of this
translated machine.

Booted: ${kernel}. All of it took ${minutesGone()} minutes.

| | tried | seen | s |
|---|---|---|---|
${rows.join('\n')}

Not tried here: an arm64 machine with systemd (the programs of its package are translated one by one, with this machine's ffmpeg), libcamera on its virtual pipeline, Raspberry Pi OS itself
and bookworm's first run.
`;
}
