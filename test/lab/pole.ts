// `npm run lab:pole [-- --keep] [--only WORDS …] [--packages DIR]`, a part of `npm run lab`: a blank card becomes a node of a hub, in a virtual machine with Debian and systemd; then happens what happens at poles. Writes docs/ref/lab.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atPeak, bang, chance, mix, street, toSamples } from '../support/sounds.ts';
import { bundled } from './parked-node.ts';
import { armName, missingTranslator, tryArm } from './pole-arm.ts';
import { makePoleCard } from './pole-card.ts';
import { config } from './pole-config.ts';
import { type LabHub, openLabHub } from './pole-hub.ts';
import { missingTools, poleStock } from './pole-image.ts';
import { isGreen, lastWords, type Pole, until } from './pole-look.ts';
import { openFolder, openNotes, say } from './pole-notes.ts';
import { checkout, deb, makeBootFolder, makePackages, nextRelease, plainStock } from './pole-packages.ts';
import { fillAt, steps } from './pole-steps.ts';
import { fillSpoolAt, longest } from './pole-steps-package.ts';
import { type Guest, pc, powerOn } from './pole-vm.ts';
import { noQemu } from './vm.ts';

const { values } = parseArgs({
  options: { keep: { type: 'boolean' }, only: { type: 'string', multiple: true }, packages: { type: 'string' } },
});
const minutesMax = 40;
const greenSecondsMax = 1200;
const nodeName = 'mat-lab';
const absent = noQemu() ?? missingTools();
if (absent !== undefined) {
  console.log(`SKIP: the node lab did not run: ${absent}`);
  process.exit(0);
}

const dir = openFolder('pole', values.keep === true);
const isWanted = (name: string) => values.only?.some((words) => name.includes(words)) ?? true;
const notes = openNotes(minutesMax);
let kernel = '';

let hub: LabHub | undefined;
let guest: Guest | undefined;
try {
  say('packages …');
  const packages = values.packages ?? (await makePackages(join(dir, 'packages')));
  say('hub …');
  hub = await openLabHub(join(dir, 'hub'), 'xa-lab', nodeName);
  say('card …');
  const bootFolder = makeBootFolder(hub, dir, packages, {
    node: nodeName,
    place: 'Ngã ba chợ',
    config,
    architecture: 'amd64',
    stock: plainStock,
  });
  const card = makePoleCard(
    dir,
    poleStock,
    bootFolder,
    new Map([
      ['/root/node-next.deb', join(packages, deb('matlang-node', 'amd64', nextRelease))],
      ['/root/hub.deb', join(packages, deb('matlang-hub', 'amd64'))],
      ['/root/bang.wav', put('bang.wav', wav())],
      [fillSpoolAt, put('fill-spool.mjs', Buffer.from(await bundled('fill-spool-child')))],
    ]),
  );
  const pole: Pole = {
    hub,
    guest: () => {
      if (guest === undefined) throw new Error('the machine is off');
      return guest;
    },
    cutPower: async (words = '') => {
      await guest?.vm.kill();
      guest = await powerOn(dir, card, { ...pc, append: `${pc.append} ${words}` });
    },
  };
  const arm64 = async (): Promise<unknown> => {
    if (!isWanted(armName)) return;
    const missing = missingTranslator();
    if (missing !== undefined) return notes.skip(armName, missing);
    return await notes.tell(armName, () => tryArm(dir, pole.hub, join(packages, deb('matlang-node', 'arm64'))));
  };
  const isUp = await notes.tell('from a blank card to green on the desk: nothing is typed at the pole', async () => {
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
  let arm: Promise<unknown> | undefined;
  if (isUp)
    for (const step of steps) {
      // The card is unpacked by one thread: these programs, which need no machine, go on the other.
      if (step === longest) arm = arm64();
      if (!isWanted(step.name)) continue;
      // What a step before it that failed may have left.
      await pole.guest().run(`tc qdisc del dev eth0 root; rm -f ${fillAt}`);
      if (!(await notes.tell(step.name, () => step.run(pole)))) say(await lastWords(pole.guest()).catch(String));
    }
  await guest?.vm.kill();
  await (arm ?? arm64());
  if (values.only === undefined) writeFileSync(join(checkout, 'docs/ref/lab.md'), report());
} finally {
  await guest?.vm.kill();
  await hub?.close();
}
process.exitCode = notes.close();

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
  return `# What the virtual node showed

Written by \`npm run lab\` (this part alone: \`npm run lab:pole\`): Debian with systemd under QEMU's translator (no Raspberry Pi, and several times slower than one), the real \`matlang-node\` package
from the card that \`matlang hub kit\` made (laid out by genimage: boot, system, and partitions of its own for footage and keys), a real hub beside the machine, and simulated
hardware below real drivers: gpio-sim, vivid, snd-aloop, i6300esb. Times are of this translated machine.

Booted: ${kernel}. All of it took ${notes.minutes()} minutes.

${notes.table()}

Beside it in the same run: [an arm64 machine with systemd, and bookworm's first run](lab-arm64.md), [libcamera on its virtual pipeline](lab-libcamera.md). Not tried: Raspberry Pi OS itself.
`;
}
