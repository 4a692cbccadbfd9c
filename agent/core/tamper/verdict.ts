// From how a look agrees with the view to what may have been done to the camera.
import type { PictureTamper } from '../../../protocol/details.ts';
import type { Likeness } from './view.ts';

/**
 * `good`: the same place, seen as well as ever. `unsure`: neither good nor bad, a change of light or somebody close by. `blocked`: something with edges of
 * its own came before the camera and hides nearly all: a lorry, most likely. `blind`: the view has too few edges to say anything.
 */
export type Verdict = 'good' | 'unsure' | 'blocked' | 'blind' | PictureTamper;

/** How the change came. */
export interface Came {
  /** All over the picture at once. */
  readonly atOnce: boolean;
  /** The view's edges were found again this far away, in cells; 0 where they were not. */
  readonly movedCells: number;
}

/** Fewer blocks with edges than this are no ground for an alarm. */
const judgedMin = 8;

export function judge(likeness: Likeness, came: Came): Verdict {
  const { judged, same, lost, other, soft, glare, shades } = likeness;
  if (judged < judgedMin) return 'blind';
  if (isDazzled(likeness)) return 'dazzled';
  if (isBlurred(likeness)) return 'blurred';
  // What covers the lens is too close to be in focus: edges go and none come.
  if (lost >= 0.65 && other <= 0.12) return 'covered';
  if (lost >= 0.22 && other <= 0.2 * lost && same < 0.2) return 'covered';
  // What paint leaves free is as bright as before; infrared turns it over.
  if (lost >= 0.22 && other <= 0.2 * lost && shades >= 0) return 'sprayed';
  if (isElsewhere(likeness)) {
    if (came.movedCells > 0 || came.atOnce) return 'turned';
    if (same <= 0.32) return 'blocked';
  }
  if (same <= 0.32 && lost + other >= 0.6) return 'blocked';
  const isGood = same >= 0.7 && lost <= 0.15 && soft <= 0.4 && glare <= 0.1;
  return isGood ? 'good' : 'unsure';
}

/** Light that swallows a part of the picture; a picture that is only too bright still has its edges. */
const isDazzled = ({ glare, same, other }: Likeness): boolean => glare >= 0.12 && same <= 0.8 && other <= 0.2;

/** The coarse picture is there, its detail is not. */
const isBlurred = ({ soft, shades, contrast, other }: Likeness): boolean =>
  soft >= 0.65 && shades >= 0.8 && contrast >= 0.3 && other <= 0.1;

/** Edges in focus, but not the view's: those of another place agree with them at 0.1 to 0.4, day and night of the same place at 0.6. */
const isElsewhere = ({ edges, crisp, lost, other }: Likeness): boolean =>
  edges <= 0.45 && crisp >= 0.4 && other >= 0.2 && lost <= 0.5;
