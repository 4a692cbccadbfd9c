// What of a node's configuration may be set from afar, and how it is told to the hub. Names, addresses, folders, cameras and pins are not: a mistake
// there would need a ladder, and an address may hold a password.
import * as z from 'zod';
import { isJsonGroup, type Patch } from './patch.ts';
import { type ConfigFault, readNodeConfig } from './read.ts';
import type { NodeConfig } from './schema.ts';

const settable = ['title', 'motion', 'tamper', 'events', 'vitalsEveryS', 'camera'] as const;
const settableOfCamera = ['masks'] as const;

/** As a node tells it in the record of each start. Of the camera also what the masks are drawn on; that cannot be set. */
export const settingsSchema = z.object({
  title: z.string(),
  motion: z.record(z.string(), z.json()),
  tamper: z.record(z.string(), z.json()),
  events: z.record(z.string(), z.json()),
  vitalsEveryS: z.number(),
  camera: z.object({
    driver: z.string(),
    width: z.number(),
    height: z.number(),
    fps: z.number(),
    masks: z.array(z.array(z.tuple([z.number(), z.number()]))),
  }),
  uplink: z.object({ link: z.string(), monthlyMiB: z.number() }),
});
export type Settings = z.infer<typeof settingsSchema>;

export function settingsOf(config: NodeConfig): Settings {
  const { title, motion, tamper, events, vitalsEveryS, camera, uplink } = config;
  const { driver, width, height, fps, masks } = camera;
  return settingsSchema.parse({
    ...{ title, motion, tamper, events, vitalsEveryS },
    camera: { driver, width, height, fps, masks },
    uplink: { link: uplink.link, monthlyMiB: uplink.monthlyMiB },
  });
}

/** Names in a patch that are not to be set from afar. */
export function foreignTo(patch: Patch): string[] {
  const { camera } = patch;
  return [
    ...Object.keys(patch).filter((key) => !settable.some((known) => known === key)),
    ...Object.keys(isJsonGroup(camera) ? camera : {})
      .filter((key) => !settableOfCamera.some((known) => known === key))
      .map((key) => `camera.${key}`),
  ];
}

/** What the node itself would say of them, as far as the hub can know: the rest of its configuration is taken for sound. */
export function faultsIn(settings: Patch): readonly ConfigFault[] {
  const { uplink: _, camera, ...rest } = settings;
  const own = isJsonGroup(camera) ? camera : {};
  const whole = { commune: 'xa', node: 'mat', ...rest, camera: { ...own, driver: 'scene' } };
  const read = readNodeConfig(JSON.stringify(whole), 'settings');
  return read.ok ? [] : read.faults;
}
