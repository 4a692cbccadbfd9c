// What a node's release is made of, in this checkout.
import { join } from 'node:path';
import type { ReleasePlan } from './build-release.ts';

/** `checkout` is the repository's folder. */
export function nodeRelease(checkout: string, release: string, runtime: string | undefined): ReleasePlan {
  const at = (path: string) => join(checkout, path);
  return {
    release,
    entries: [
      { name: 'recorder', main: at('agent/recorder/main.ts'), program: 'matlang-recorder' },
      { name: 'uplink', main: at('agent/uplink/main.ts'), program: 'matlang-uplink' },
      { name: 'pins', main: at('agent/recorder/pins-main.ts'), program: 'matlang-pins' },
      { name: 'heal', main: at('agent/heal-main.ts'), program: 'matlang-heal' },
      { name: 'self-test', main: at('ota/self-test-main.ts'), program: 'matlang-self-test' },
      // Children that the recorder starts by these names.
      { name: 'decode-still-child', main: at('hal/decode-still-child.ts') },
      { name: 'inventory-child', main: at('hal/inventory-child.ts') },
      { name: 'sound-child', main: at('agent/recorder/sound-child.ts') },
    ],
    launcherMain: at('ota/launcher-main.ts'),
    selfTest: ['bin/matlang-self-test'],
    packages: [
      { name: 'sharp', optional: false },
      { name: 'onoff', optional: true },
      { name: '@picovoice/porcupine-node', optional: true },
    ],
    nodeModules: at('node_modules'),
    runtime,
  };
}
