// What a node's release is made of, in this checkout.
import { join } from 'node:path';
import type { ReleasePlan } from './build-release.ts';

/** Which machine it is for, and that machine's packages. */
export type Machine = Pick<ReleasePlan, 'arch' | 'nodeModules'>;

/** `checkout` is the repository's folder. */
export function nodeRelease(
  checkout: string,
  release: string,
  runtime: string | undefined,
  machine: Machine = { arch: process.arch, nodeModules: join(checkout, 'node_modules') },
): ReleasePlan {
  const at = (path: string) => join(checkout, path);
  return {
    release,
    entries: [
      { name: 'recorder', main: at('agent/recorder/main.ts'), program: 'matlang-recorder' },
      { name: 'uplink', main: at('agent/uplink/main.ts'), program: 'matlang-uplink' },
      { name: 'pins', main: at('agent/recorder/pins-main.ts'), program: 'matlang-pins' },
      { name: 'heal', main: at('agent/heal-main.ts'), program: 'matlang-heal' },
      { name: 'update', main: at('ota/main.ts'), program: 'matlang-update' },
      { name: 'here', main: at('ota/here-main.ts'), program: 'matlang-here' },
      { name: 'self-test', main: at('ota/self-test-main.ts'), program: 'matlang-self-test' },
      { name: 'matlang', main: at('cli/node-main.ts'), program: 'matlang' },
      // Children that the recorder starts by these names.
      { name: 'decode-still-child', main: at('hal/decode-still-child.ts') },
      { name: 'inventory-child', main: at('hal/inventory-child.ts') },
      { name: 'scene-main', main: at('hal/camera/scene/main.ts') },
      { name: 'sound-child', main: at('agent/recorder/sound-child.ts') },
    ],
    launcherMain: at('ota/launcher-main.ts'),
    selfTest: ['bin/matlang-self-test'],
    packages: [
      { name: 'sharp', optional: false },
      { name: 'onoff', optional: true },
      { name: '@picovoice/porcupine-node', optional: true },
    ],
    ...machine,
    runtime,
  };
}
