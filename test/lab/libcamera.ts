// `npm run lab:libcamera [-- --keep] [--packages DIR]`, a part of `npm run lab`: the real libcamera and GStreamer of Debian 13 under the node's `pi` driver: libcamera's virtual pipeline gives two streams
// of pictures that lie in a folder. Writes docs/ref/lab-libcamera.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { framesOf } from '../support/frames.ts';
import { makeFilm } from '../system/film.ts';
import { makePoleCard } from './pole-card.ts';
import { cameraStock, missingTools } from './pole-image.ts';
import { isGreen, seesWell, until, wholeEvent } from './pole-look.ts';
import { openFolder, openNotes } from './pole-notes.ts';
import { checkout, makeBootFolder } from './pole-packages.ts';
import { inSmallLab, smallConfig } from './pole-small.ts';
import { noQemu } from './vm.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean' }, packages: { type: 'string' } } });
const minutesMax = 40;
const node = 'mat-libcamera';
const [width, height, fps] = [320, 180, 5];
const absent = noQemu() ?? missingTools();
if (absent !== undefined) {
  console.log(`SKIP: the libcamera lab did not run: ${absent}`);
  process.exit(0);
}

const camera = `driver: pi, width: ${width}, height: ${height}, fps: ${fps}, bitrateKbps: 300, caption: false`;
const pictures = '/srv/pictures';
const virtualCamera = `"Virtual0":
  supported_formats:
  - width: ${width}
    height: ${height}
    frame_rates: [${fps}]
  frames:
    path: "${pictures}/"
  location: "CameraLocationFront"
  model: "Virtual Video Device"
`;

const dir = openFolder('libcamera', values.keep === true);
const notes = openNotes(minutesMax);
let booted = '';
const plan = { dir, node, architecture: 'amd64', packages: values.packages } as const;
await inSmallLab(plan, async ({ desk, packages, switchOn }) => {
  const bootFolder = makeBootFolder(desk, dir, packages, {
    node,
    place: 'libcamera',
    config: smallConfig(node, 'libcamera', camera),
    architecture: 'amd64',
    stock: { 'config.txt': '# stock\n', 'user-data': '# stock\n' },
  });
  const card = makePoleCard(dir, cameraStock, bootFolder, makeWorld());
  const isUp = await notes.tell(
    'a card with Debian 13 is green on the desk, its camera found by libcamera',
    async () => {
      const pole = await switchOn(card);
      const readyS = await pole.ready();
      const seconds = await until(
        'green on the desk',
        async () => (await seesWell(pole)) && (await isGreen(desk)),
        1200,
      );
      booted = (await pole.must('uname -r; . /etc/os-release; echo $PRETTY_NAME')).trim().split('\n').join(', ');
      const listed = /^\d+: .*$/m.exec(await pole.must('cam -l 2>/dev/null'))?.[0] ?? '';
      const { recipe } = (await desk.node())?.camera ?? {};
      if (recipe?.startsWith('libcamerasrc') !== true) throw new Error(`the recipe is ${recipe}`);
      return `cam -l: ${listed}; recipe ${recipe}; ready after ${readyS} s, green ${seconds} s later`;
    },
  );
  if (isUp)
    await notes.tell('what passes before it is at the hub: event, still, and a clip that plays', async () => {
      const seconds = await until('event, still and clip', async () => (await wholeEvent(desk)) !== undefined, 600);
      const event = await wholeEvent(desk);
      const film = Buffer.from(await (await desk.get(event?.clips[0]?.url ?? '')).arrayBuffer());
      return `a ${event?.trigger} event ${seconds} s after green, film of ${(event?.clips[0]?.durationMs ?? 0) / 1000} s: ${framesOf(film)}`;
    });
  writeFileSync(join(checkout, 'docs/ref/lab-libcamera.md'), report());
});
process.exitCode = notes.close();

/** A camera's description, and what stands before it: absolute path of the guest, file here. */
function makeWorld(): Map<string, string> {
  const [film, at] = [join(dir, 'film.mp4'), join(dir, 'pictures')];
  const [description, modules, dropIn] = ['virtual.yaml', 'modules', 'drop-in'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  makeFilm(film, { seconds: 20, passes: [{ fromS: 6, toS: 14 }] });
  mkdirSync(at);
  // The virtual pipeline keeps no pace: as fast as pictures are taken, they come. Many of them make what passes slow enough at any rate.
  const scaled = ['-vf', `fps=20,scale=${width}:${height}`, '-start_number', '0', '-q:v', '3', join(at, '%d.jpg')];
  spawnSync('ffmpeg', ['-v', 'error', '-i', film, ...scaled]);
  writeFileSync(description, virtualCamera);
  writeFileSync(modules, 'vivid\n');
  // Debian's libcamerasrc 0.4 ends where a picture is there before its request is noted: a sensor is never so quick, these pictures are. On one processor, and never
  // interrupted before it has to wait, it notes in time.
  writeFileSync(dropIn, '[Service]\nCPUAffinity=0\nCPUSchedulingPolicy=fifo\nCPUSchedulingPriority=1\n');
  return new Map([
    ['/usr/share/libcamera/pipeline/virtual/virtual.yaml', description],
    // Inside the recorder's walls libcamera looks for cameras in sysfs, and wants some media device there: a board has one.
    ['/etc/modules-load.d/lab.conf', modules],
    ['/etc/systemd/system/matlang-recorder.service.d/lab.conf', dropIn],
    ...readdirSync(at).map((name) => [`${pictures}/${name}`, join(at, name)] as const),
  ]);
}

function report(): string {
  return `# What libcamera showed

Written by \`npm run lab\` (this part alone: \`npm run lab:libcamera\`): Debian 13 with systemd under QEMU's translator, its own libcamera on the virtual pipeline (pictures of a film made here), its own GStreamer, and the real
\`matlang-node\` package with the driver \`pi\`. No sensor, no image processor and no hardware encoder of a Raspberry Pi, and no rpicam-apps: Debian has none. The virtual pipeline gives pictures as fast as they
are taken, so its film is longer than what happened; and the recorder keeps to one processor there, because Debian's libcamerasrc 0.4 ends where a picture is quicker than its own bookkeeping.

Booted: ${booted}. All of it took ${notes.minutes()} minutes.

${notes.table()}
`;
}
