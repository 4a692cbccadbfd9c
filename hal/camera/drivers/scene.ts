// The drawn junction: a child that writes raw frames in real time, and the media child behind it.
import { inItsRoom } from '../../short-child.ts';
import type { Driver } from '../recipe.ts';
import type { SceneSettings } from '../settings.ts';
import { maskFile } from './mask-file.ts';
import { allFrom, explainBy, liveCamera, mediaCommand, type Place, planFor, rawInput } from './place.ts';

/** The command that draws: yuv420p frames of this size on standard output, paced in real time. */
export type SceneCommand = (asked: SceneSettings) => readonly [program: string, ...args: string[]];

export const drawnScene: SceneCommand = ({ seed, time, width, height, fps }) => [
  process.execPath,
  inItsRoom('scene-main', '../scene/main', import.meta.url),
  ...['--seed', String(seed), '--time', time],
  ...['--width', String(width), '--height', String(height), '--fps', String(fps)],
];

export function sceneDriver(settings: SceneSettings, place: Place, command: SceneCommand): Driver {
  const [program, ...args] = command(settings);
  return {
    ...liveCamera,
    name: 'scene',
    prepare: () => {
      const mask = maskFile(settings.masks, settings, place.runDir);
      const input = rawInput(settings);
      const media = mediaCommand({ ...planFor(settings, place), input, before: [], mask, encoder: 'libx264' });
      const recipe = { name: 'scene → libx264', commands: [{ program, args }, media], gives: allFrom(1) } as const;
      return Promise.resolve({ ok: true, recipes: [recipe] });
    },
    explain: explainBy([]),
  };
}
