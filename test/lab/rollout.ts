// `npm run lab:rollout [-- --keep] [--packages DIR]`: releases on their way from the makers to a pole in a virtual machine with Debian and systemd, by the hub, by a USB stick, and back.
// Writes docs/ref/lab-rollout.md.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openMakers } from '../support/makers.ts';
import { must } from './must.ts';
import { bundled } from './parked-node.ts';
import { makePoleCard } from './pole-card.ts';
import { config } from './pole-config.ts';
import { missingTools, poleStock } from './pole-image.ts';
import { lastWords } from './pole-look.ts';
import { openFolder, openNotes, say } from './pole-notes.ts';
import { checkout, makeBootFolder, plainStock } from './pole-packages.ts';
import { inSmallLab } from './pole-small.ts';
import { fillSpoolAt } from './pole-steps-package.ts';
import { type Guest, pc } from './pole-vm.ts';
import { holesAt, rootAt, steps } from './rollout-steps.ts';
import { noQemu, usbPort } from './vm.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean' }, packages: { type: 'string' } } });
const minutesMax = 60;
const node = 'mat-lab';
const absent = noQemu() ?? missingTools();
if (absent !== undefined) {
  console.log(`SKIP: the lab of releases did not run: ${absent}`);
  process.exit(0);
}

const dir = openFolder('rollout', values.keep === true);
const notes = openNotes(minutesMax);
let booted = '';
await inSmallLab({ dir, node, architecture: 'amd64', packages: values.packages }, async (lab) => {
  const matlang = (...words: string[]) => must(process.execPath, [join(checkout, 'cli/main.ts'), ...words]);
  const makers = openMakers(dir, matlang, ['--arch', 'amd64']);
  // Where a hub looks for it.
  cpSync(makers.hubKey, join(dir, 'hub/releases.key.pem'));
  const bootFolder = makeBootFolder(lab.desk, dir, lab.packages, {
    node,
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
      [rootAt, join(makers.repo, 'metadata/1.root.json')],
      [fillSpoolAt, await program('fill-spool-child')],
      [holesAt, await program('holes-child')],
    ]),
  );
  let guest: Guest | undefined;
  const pole = {
    hub: lab.desk,
    makers,
    dir,
    guest: () => {
      if (guest === undefined) throw new Error('the machine is off');
      return guest;
    },
    switchOn: async () => {
      guest = await lab.switchOn(card, { ...pc, more: [...pc.more, ...usbPort] });
      return guest;
    },
  };
  for (const step of steps()) {
    if (await notes.tell(step.name, () => step.run(pole))) continue;
    if (guest !== undefined) say(await lastWords(guest).catch(String));
    // Each begins where the one before it ended.
    break;
  }
  booted = (await pole.guest().must('uname -r; . /etc/os-release; echo $PRETTY_NAME')).trim().replace('\n', ', ');
  writeFileSync(join(checkout, 'docs/ref/lab-rollout.md'), report());
});
process.exitCode = notes.close();

async function program(child: string): Promise<string> {
  const at = join(dir, `${child}.mjs`);
  writeFileSync(at, await bundled(child));
  return at;
}

function report(): string {
  return `# What a pole showed that was updated

Written by \`npm run lab:rollout\`: Debian with systemd under QEMU's translator (no Raspberry Pi, and several times slower than one), the real \`matlang-node\` package with its own units, a real hub beside the
machine, makers with five keys, and releases that \`matlang release build\` made. A camera that draws (vivid) stands for the scene. Times are of this translated machine.

Booted: ${booted}. All of it took ${notes.minutes()} minutes.

${notes.table()}
`;
}
