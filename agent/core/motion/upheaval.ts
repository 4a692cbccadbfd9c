// So much of the picture changes at once, out of calm and without a subject, that it is the camera or the light: the infrared filter, a lamp, a turned camera.
//
//         much of the picture, everywhere, at once     it falls: it was a flash
//   calm ───────────────────────────────────────▶ upheaval ────────────────────▶ calm
//                                                  └── lasts upheavalMsMax: the background begins anew

/** Of the watched area: so much at once, out of calm, wherever it is. */
const upheavalShare = 0.6;
const calmShare = 0.25;
/** Or so much, out of calm, in most parts of the picture: a subject is in one place. */
const spreadShare = 0.15;
const spreadCalmShare = 0.06;
/** Of the sixteen parts. */
const spreadPartsMin = 11;
/** With subjects in view a large one must not be taken for it. */
const spreadPartsMinWithSubjects = 15;
const overShare = 0.08;
const upheavalMsMax = 1000;

export type Calm = 'calm' | 'upheaval' | 'lasting';

export interface Upheaval {
  /** `share` of the watched area differs, in `parts()` of its sixteen parts; `subjects` are in view; `isLost`: one light no longer explains it at once. */
  step(share: number, parts: () => number, subjects: boolean, monoMs: number, isLost: boolean): Calm;
  reset(): void;
}

export function createUpheaval(): Upheaval {
  const state = { lastShare: 0, sinceMs: 0, stands: false };

  function step(share: number, parts: () => number, subjects: boolean, monoMs: number, isLost: boolean): Calm {
    const before = state.lastShare;
    state.lastShare = share;
    if (!state.stands) {
      if (!(isLost && !subjects) && !breaksOut(share, before, parts, subjects)) return 'calm';
      state.sinceMs = monoMs;
      state.stands = true;
    }
    if (share < overShare) {
      state.stands = false;
      return 'calm';
    }
    state.lastShare = before;
    return monoMs - state.sinceMs >= upheavalMsMax ? 'lasting' : 'upheaval';
  }

  function breaksOut(share: number, before: number, parts: () => number, subjects: boolean): boolean {
    if (share >= upheavalShare && before <= calmShare && !subjects) return true;
    if (share < spreadShare || before > spreadCalmShare) return false;
    return parts() >= (subjects ? spreadPartsMinWithSubjects : spreadPartsMin);
  }

  return {
    step,
    reset: () => {
      state.stands = false;
      state.lastShare = 0;
    },
  };
}
