// The other machine: programs of the arm64 package, translated one by one (QEMU's user mode), as a node of the same hub. Its ffmpeg is this machine's, its camera a film.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { release } from '../../agent/release.ts';
import { makeFilm } from '../system/film.ts';
import { labCache } from './debian.ts';
import { mustBeside } from './must.ts';
import { guestsHost, type LabHub } from './pole-hub.ts';
import { until } from './pole-look.ts';

const translator = 'qemu-aarch64-static';
const libraries = ['libc6', 'libstdc++6', 'libgcc-s1'];
const node = 'mat-arm';

export const armName = 'programs of the arm64 package join, record a film, and the hub has event, still and clip of it';

export const missingTranslator = (): string | undefined =>
  spawnSync(translator, ['--version']).status === 0 ? undefined : `${translator} not found: sh cli/setup.sh lab`;

/** Waits for its programs without holding up others: the virtual node is at work beside it. */
export async function tryArm(dir: string, hub: LabHub, deb: string): Promise<string> {
  const root = join(dir, 'arm');
  mkdirSync(root);
  await mustBeside('dpkg-deb', ['-x', deb, root]);
  const at = join(root, 'usr/lib/matlang', release);
  const runtime = ['-L', await armLibraries(), join(at, 'runtime/node')];
  const machine = await mustBeside(translator, [...runtime, '-p', 'process.arch + " " + process.version']);
  const config = join(root, 'node.yaml');
  const film = join(root, 'film.mp4');
  makeFilm(film, { seconds: 30, passes: [{ fromS: 8, toS: 14 }] });
  writeFileSync(config, configOf(root, film));
  const ticket = join(root, 'ticket');
  hub.command(['ticket', '--node', node, '--place', 'Bo mạch ARM', '--out', ticket]);
  await mustBeside(translator, [...runtime, join(at, 'app/matlang.js'), 'enrol', ticket, '--config', config]);
  // It is no guest of QEMU's network; who the hub is, does not hang on its address.
  writeFileSync(config, readFileSync(config, 'utf8').replace(guestsHost, '127.0.0.1'));
  const running = ['recorder', 'uplink'].map((name) =>
    spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', translator, ...runtime, join(at, `app/${name}.js`), '--config', config],
      { stdio: 'ignore' },
    ),
  );
  try {
    const whole = async () =>
      (await hub.events()).find(
        (event) =>
          event.node === node && event.still !== null && event.clips.some(({ here, of }) => here === of && of > 0),
      );
    const seconds = await until('event, still and clip', async () => (await whole()) !== undefined, 300);
    const event = await whole();
    return `${machine.trim()}; ${event?.trigger} event with still and clip at the hub ${seconds} s after the programs' start`;
  } finally {
    for (const child of running) child.kill('SIGTERM');
  }
}

const configOf = (root: string, film: string): string => `commune: xa
node: ${node}
title: Bo mạch ARM
dataDir: ${join(root, 'data')}
identityDir: ${join(root, 'identity')}
camera: {driver: film, path: ${film}, repeat: true, width: 320, height: 180, fps: 5, bitrateKbps: 300}
vitalsEveryS: 5
`;

/** Unpacked, not installed. */
async function armLibraries(): Promise<string> {
  const key = createHash('sha256').update(libraries.join()).digest('hex').slice(0, 12);
  const at = join(labCache(), `arm-${key}`);
  if (existsSync(at)) return at;
  rmSync(`${at}.new`, { recursive: true, force: true });
  await mustBeside('mmdebstrap', [
    ...['--quiet', '--variant=extract', '--architectures=arm64', '--format=directory'],
    ...[`--include=${libraries.join(',')}`, '--dpkgopt=path-exclude=/usr/share/*', 'bookworm', `${at}.new`],
  ]);
  renameSync(`${at}.new`, at);
  return at;
}
