// `npm run lab:arm64 [-- --keep] [--packages DIR]`, a part of `npm run lab`: the arm64 package on an arm64 machine with systemd. The card's image has no cloud-init, as Raspberry Pi OS bookworm has none: what the
// kernel's command line names runs first. Writes docs/ref/lab-arm64.md.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeFilm } from '../system/film.ts';
import { makePoleCard } from './pole-card.ts';
import { armStock, missingTools } from './pole-image.ts';
import { isGreen, noneFailed, seesWell, until, wholeEvent } from './pole-look.ts';
import { openFolder, openNotes } from './pole-notes.ts';
import { checkout, makeBootFolder } from './pole-packages.ts';
import { inSmallLab, smallConfig } from './pole-small.ts';
import { missingBinfmt } from './translated-root.ts';
import { noQemu } from './vm.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean' }, packages: { type: 'string' } } });
const minutesMax = 60;
const node = 'mat-arm64';
const absent = noQemu('arm64') ?? missingTools() ?? missingBinfmt();
if (absent !== undefined) {
  console.log(`SKIP: the arm64 lab did not run: ${absent}`);
  process.exit(0);
}

const filmAt = '/srv/film.mp4';
/** Small pictures, few of them; drawing the scene there would be too much for a processor that is translated. */
const camera = `driver: film, path: ${filmAt}, repeat: true, width: 320, height: 180, fps: 5, bitrateKbps: 300`;

const dir = openFolder('arm64', values.keep === true);
const notes = openNotes(minutesMax);
let booted = '';
const plan = { dir, node, architecture: 'arm64', packages: values.packages } as const;
await inSmallLab(plan, async ({ desk, packages, switchOn }) => {
  const film = join(dir, 'film.mp4');
  makeFilm(film, { seconds: 30, passes: [{ fromS: 8, toS: 14 }] });
  const bootFolder = makeBootFolder(desk, dir, packages, {
    node,
    place: 'Bo mạch ARM',
    config: smallConfig(node, 'Bo mạch ARM', camera),
    architecture: 'arm64',
    stock: { 'cmdline.txt': 'root=/dev/vda2 rw net.ifnames=0\n', 'config.txt': '# stock\n' },
  });
  const card = makePoleCard(dir, armStock, bootFolder, new Map([[filmAt, film]]));
  const onBootPartition = (words: readonly string[]) =>
    spawnSync(words[0] ?? '', ['-i', card.boot, ...words.slice(1)], { encoding: 'utf8' });
  /** As the board's firmware reads it at each start. */
  const cmdline = () => onBootPartition(['mtype', '::cmdline.txt']).stdout.trim();
  const start = () => switchOn(card, { machine: 'arm64', append: cmdline() });

  const isInstalled = await notes.tell(
    "bookworm's first run installs the package from the card and restarts",
    async () => {
      if (!cmdline().includes('systemd.run=')) throw new Error(`the kit left the command line as it was: ${cmdline()}`);
      const { vm } = await start();
      const seconds = await until('the restart', () => !vm.isRunning(), 1800).finally(() => vm.kill());
      if (cmdline().includes('systemd.run=')) throw new Error(`it would run again: ${cmdline()}`);
      const left = ['ticket', 'node.yaml'].filter(
        (name) => onBootPartition(['mtype', `::matlang/${name}`]).status === 0,
      );
      if (left.length > 0) throw new Error(`left on the boot partition: ${left.join(', ')}`);
      return `restarted by itself ${seconds} s after power on; neither first run, ticket nor configuration is left on the boot partition`;
    },
  );
  const isUp =
    isInstalled &&
    (await notes.tell(
      'it joins and is green on the desk, with the arm64 package installed and no unit failed',
      async () => {
        const arm = await start();
        const readyS = await arm.ready();
        const seconds = await until(
          'green on the desk',
          async () => (await seesWell(arm)) && (await isGreen(desk)),
          1800,
        );
        booted = (await arm.must('uname -rm; . /etc/os-release; echo $PRETTY_NAME')).trim().split('\n').join(', ');
        const version = (await arm.must("dpkg -l matlang-node | tail -n 1 | tr -s ' ' | cut -d ' ' -f 1-4")).trim();
        await noneFailed(arm);
        await arm.must('! grep "^E: " /var/log/matlang-install.log');
        const runtime = (
          await arm.must(`/opt/matlang/current/runtime/node -p 'process.arch + " " + process.version'`)
        ).trim();
        return `${version}; ${runtime}; ready ${readyS} s after the kernel's start, green ${seconds} s later`;
      },
    ));
  if (isUp)
    await notes.tell('what passes in its film is at the hub: event, still, and a whole clip', async () => {
      const seconds = await until('event, still and clip', async () => (await wholeEvent(desk)) !== undefined, 900);
      const event = await wholeEvent(desk);
      return `a ${event?.trigger} event with still and clip of ${(event?.clips[0]?.durationMs ?? 0) / 1000} s, ${seconds} s after green`;
    });
  writeFileSync(join(checkout, 'docs/ref/lab-arm64.md'), report());
});
process.exitCode = notes.close();

function report(): string {
  return `# What the arm64 machine showed

Written by \`npm run lab\` (this part alone: \`npm run lab:arm64\`): Debian for arm64 with systemd on QEMU's \`virt\` board, its processor (Cortex-A72) translated. The real
\`matlang-node\` package for arm64, from the card that \`matlang hub kit\` made for an image without cloud-init (bookworm), and a real hub beside the machine. No Raspberry Pi OS, no camera,
no pins: a film stands for the scene.

Booted: ${booted}. All of it took ${notes.minutes()} minutes.

${notes.table()}
`;
}
