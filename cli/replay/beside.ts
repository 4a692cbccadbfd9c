// A film under two sets of rules: those in question and those they are held against.
import type { GreyFrame } from '../../hal/ports.ts';
import { type FilmRead, type GreyRules, readGreyFilm } from '../grey-film.ts';
import type { Language } from '../language.ts';
import { type Change, compare, noteSightings, type Run, type Sighting } from './compare.ts';
import { createPlayer, type Player, type Progress, type Replayed } from './play.ts';
import type { Rules } from './rules.ts';

export interface Beside {
  /** The film under the rules in question. */
  readonly replayed: Replayed;
  readonly changes: readonly Change[];
}

/** Where both want the same pictures the film is read once. */
export async function playBeside(
  film: string,
  rules: { readonly was: Rules; readonly now: Rules },
  language: Language,
  progress: Progress,
  signal: AbortSignal,
): Promise<Beside> {
  const was = openRun(rules.was, language);
  const now = openRun(rules.now, language);
  const see = (frame: GreyFrame) => {
    now.see(frame);
    progress.show(frame.monoMs / 1000, now.player.events().length);
  };
  const both = (frame: GreyFrame) => {
    was.see(frame);
    see(frame);
  };
  const once = samePictures(rules.was.motion, rules.now.motion);
  if (!once) await readGreyFilm(film, rules.was.motion, was.see, signal);
  const read = await readGreyFilm(film, rules.now.motion, once ? both : see, signal);
  progress.clear();
  return end(read, was, now);
}

interface OpenRun {
  readonly player: Player;
  see(frame: GreyFrame): void;
  run(): { readonly run: Run; readonly played: Omit<Replayed, 'read'> };
}

function openRun({ motion, ...rules }: Rules, language: Language): OpenRun {
  const player = createPlayer({ motion, ...rules }, language);
  const sightings: Sighting[] = [];
  return {
    player,
    see: (frame) => {
      player.see(frame);
      noteSightings(sightings, player.motion.sight, motion);
    },
    run: () => {
      const played = player.end();
      return { played, run: { motion, events: played.events, sightings } };
    },
  };
}

function end(read: FilmRead, was: OpenRun, now: OpenRun): Beside {
  const before = was.run();
  const after = now.run();
  return { replayed: { read, ...after.played }, changes: compare(before.run, after.run) };
}

const samePictures = (one: GreyRules, other: GreyRules): boolean =>
  one.width === other.width && one.height === other.height && one.fps === other.fps;
