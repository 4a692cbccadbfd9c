// The makers of releases, by their own commands and with the real runtime: 126 MB are packed for it.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseList } from '../../ota/release-list.ts';

export interface Makers {
  readonly repo: string;
  /** What the hub publishes with, PEM. */
  readonly hubKey: string;
  /** Built, changed where that is wanted, signed by maker and reviewer. */
  make(name: string, change?: (folder: string) => void): void;
}

/** `matlang` runs the command of that name; it throws when the command fails. `build`: more words for `release build`. */
export function openMakers(dir: string, matlang: (...words: string[]) => void, build: readonly string[] = []): Makers {
  const [repo, keys] = [join(dir, 'repo'), join(dir, 'keys')];
  const key = (name: string) => join(keys, `${name}.key.pem`);
  const pub = (name: string) => join(keys, `${name}.pub.pem`);
  matlang('release', 'keys', 'root-a', 'root-b', 'root-c', 'maker', 'reviewer', 'hub', '--out', keys);
  const roots = ['--root', pub('root-a'), pub('root-b'), pub('root-c'), '--key', key('root-a'), '--key', key('root-b')];
  const online = ['--snapshot', pub('hub'), '--timestamp', pub('hub')];
  matlang('release', 'init', '--repo', repo, ...roots, '--targets', pub('maker'), pub('reviewer'), ...online);
  return {
    repo,
    hubKey: key('hub'),
    make: (name, change) => {
      const out = join(dir, `made-${name}`);
      matlang('release', 'build', '--out', out, '--name', name, ...build);
      change?.(out);
      const note = ['--note-vi', `Bản ${name}`, '--note-en', `Release ${name}`];
      matlang('release', 'sign', '--repo', repo, '--release', out, ...note, '--key', key('maker'));
      matlang('release', 'sign', '--repo', repo, '--key', key('reviewer'));
    },
  };
}

/** A file of a release is another, and its list says so. */
function change(folder: string, path: string, to: (was: string) => string): void {
  const bytes = Buffer.from(to(readFileSync(join(folder, path), 'utf8')));
  writeFileSync(join(folder, path), bytes);
  const list: ReleaseList = JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const files = list.files.map((file) => (file.path === path ? { ...file, bytes: bytes.length, sha256 } : file));
  writeFileSync(join(folder, 'release.json'), JSON.stringify({ ...list, files }));
}

/** Both programs are other ones, and do the same. */
export function touchPrograms(folder: string): void {
  for (const path of ['app/recorder.js', 'app/uplink.js'])
    change(folder, path, (was) => `${was}\n// ${folder.slice(folder.lastIndexOf('/') + 1)}\n`);
}

/** What nobody saw on the bench: the recorder ends as soon as it is loaded. */
export const breakRecorder = (folder: string): void =>
  change(folder, 'app/recorder.js', () => `console.error('no such lens'); process.exit(7);\n`);
