// `npm run lab:os [-- --keep] [--images DIR] [--seed N]`: a node whose card has two systems, as docs/guide/hai-he-dieu-hanh.md lays it out, in a virtual machine with Debian, systemd and Debian's
// rauc. The Raspberry Pi's firmware is played on this machine. Writes docs/ref/lab-os.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seeded } from '../../hal/sim-disk/random.ts';
import { bootFiles } from '../support/two-systems.ts';
import { makeOsCard } from './os-card.ts';
import { filmAt, imagesIn, makeImages, osRoot } from './os-image.ts';
import { openOsPole } from './os-pole.ts';
import { steps } from './os-steps.ts';
import { missingTools } from './pole-image.ts';
import { lastWords } from './pole-look.ts';
import { openFolder, openNotes, say } from './pole-notes.ts';
import { checkout, makeBootFolder } from './pole-packages.ts';
import { inSmallLab, smallConfig } from './pole-small.ts';
import { noQemu } from './vm.ts';

const { values } = parseArgs({
  options: { keep: { type: 'boolean' }, images: { type: 'string' }, seed: { type: 'string' } },
});
const minutesMax = 60;
const node = 'mat-hai';
const absent = noQemu() ?? missingTools(['sfdisk', 'mtype', 'rauc', 'mksquashfs', 'openssl', 'ffmpeg']);
if (absent !== undefined) {
  console.log(`SKIP: the lab of two systems did not run: ${absent}`);
  process.exit(0);
}

const seed = Number(values.seed ?? 1);
const dir = openFolder('os', values.keep === true);
const notes = openNotes(minutesMax);
let booted = '';
const images = imagesIn(values.images ?? dir);
const given = values.images === undefined ? undefined : images.packages;
await inSmallLab({ dir, node, architecture: 'amd64', packages: given }, async (lab) => {
  if (values.images === undefined) makeImages(dir);
  const camera = `driver: film, path: ${filmAt}, repeat: true, width: 320, height: 180, fps: 5, bitrateKbps: 300`;
  const bootFolder = makeBootFolder(lab.desk, dir, lab.packages, {
    node,
    place: 'Ngã ba',
    config: smallConfig(node, 'Hai hệ điều hành', camera),
    architecture: 'amd64',
    stock: bootFiles,
  });
  const card = makeOsCard(dir, { bootFolder, root: images.root });
  const pole = openOsPole({ dir, lab, card, root: osRoot(), stick: images.stick, random: seeded(seed) });
  for (const step of steps(images.certificate)) {
    const isDone = await notes.tell(step.name, () => step.run(pole));
    if (isDone) continue;
    if (pole.isOn()) say(await lastWords(pole.guest()).catch(String));
    // Each begins where the one before it ended.
    break;
  }
  booted = pole.booted();
  writeFileSync(join(checkout, 'docs/ref/lab-os.md'), report());
});
process.exitCode = notes.close();

function report(): string {
  return `# What a card with two systems showed

Written by \`npm run lab:os\`: Debian with systemd and its own rauc under QEMU's translator, the real \`matlang-node\` package, and a card laid out by
[the guide's](../guide/hai-he-dieu-hanh.md) words for sfdisk, with smaller partitions; a real hub beside the machine. **No Raspberry Pi's firmware**: this machine reads \`autoboot.txt\` and \`config.txt\` off the card at each
start, as its makers describe them, and learns of \`reboot '0 tryboot'\` by the kernel's last word on the console. Kernel and initramfs are Debian's, not the boot partition's. A film stands for the scene. A power cut is kill -9 of
the machine: what its Linux had not written is gone, what it had is kept. Times are of this translated machine; cuts by seed ${seed}.

Booted: ${booted}. All of it took ${notes.minutes()} minutes.

${notes.table()}
`;
}
