// The words of `DEBIAN/control`, and the list of checksums beside it.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

export type PackageName = 'matlang-node' | 'matlang-hub';
export const packageNames: readonly PackageName[] = ['matlang-node', 'matlang-hub'];

const maintainer = 'Mat Lang <maintainers@matlang.invalid>';
/** What the runtime is linked against (`ldd runtime/node`), and the programs that are started. */
const common = ['libc6 (>= 2.28)', 'libstdc++6 (>= 10)', 'systemd (>= 252)', 'ffmpeg'];
const more: Readonly<Record<PackageName, Readonly<Record<string, string>>>> = {
  'matlang-node': {
    Depends: [...common, 'udev'].join(', '),
    Recommends: 'gpiod, alsa-utils',
    Suggests: 'v4l-utils',
    Conflicts: 'matlang-hub',
    Description: [
      'camera node of a village: records, understands, sends',
      ' Watches a junction with a Raspberry Pi camera, a USB webcam or an IP camera,',
      ' keeps sealed and signed footage through power cuts and outages, and sends what',
      ' happened to the hub of the commune. Brings its own runtime.',
    ].join('\n'),
  },
  'matlang-hub': {
    Depends: common.join(', '),
    Recommends: 'mosquitto',
    Conflicts: 'matlang-node',
    Description: [
      'hub of a commune: receives, keeps and shows what the nodes see',
      ' Verifies and archives the records of camera nodes, and shows them to the duty',
      ' officer on a page of its own. Brings its own runtime.',
    ].join('\n'),
  },
};

export function controlText(name: PackageName, version: string, arch: string, installedKib: number): string {
  const fields = {
    Package: name,
    Version: debianVersion(version),
    Architecture: arch,
    Maintainer: maintainer,
    'Installed-Size': String(installedKib),
    Section: 'video',
    Priority: 'optional',
    ...more[name],
  };
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}

/** Debian's own form; what changed stands in the product's own list beside it. */
export function changelogText(name: PackageName, version: string, madeS: number): string {
  const date = new Date(madeS * 1000).toUTCString().replace('GMT', '+0000');
  return `${name} (${debianVersion(version)}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${maintainer}  ${date}\n`;
}

/** The runtime and the picture library come as their makers built them, with their own copies of common libraries; updates of both come with ours. */
export function lintianOverrides(name: PackageName): string {
  return [
    'embedded-library',
    'hardening-no-pie',
    'no-manual-page',
    'maintainer-script-calls-systemctl',
    'initial-upload-closes-no-bugs',
  ]
    .map((tag) => `${name}: ${tag} *\n`)
    .join('');
}

/** A pre-release sorts before its release: 1.0.0-rc.1 becomes 1.0.0~rc.1. */
export const debianVersion = (version: string): string => version.replace('-', '~');

/** As `dpkg --verify` reads it. */
export async function checksums(root: string): Promise<string> {
  const lines: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name));
    if (!entry.isFile() || path.startsWith('DEBIAN/')) continue;
    lines.push(
      `${createHash('md5')
        .update(await readFile(join(root, path)))
        .digest('hex')}  ${path}\n`,
    );
  }
  return lines.sort((a, b) => (a.slice(34) < b.slice(34) ? -1 : 1)).join('');
}

export const copyrightText = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Mat Lang

Files: *
Copyright: 2026 the Mat Lang authors
License: Apache-2.0
 On Debian systems, the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0. The packages inside, each under its own
 licence, are listed in sbom.cdx.json beside this file.
`;
