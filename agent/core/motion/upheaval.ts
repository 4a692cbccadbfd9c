// So much of the picture changes at once, out of calm and without a subject, that it is the camera or the light: the infrared filter, a lamp, a turned camera.
//
//         share over upheavalShare at once        share falls: it was a flash
//   calm ──────────────────────────────────▶ upheaval ──────────────────────▶ calm
//                                               └── lasts upheavalMsMax: the background begins anew

/** Of the watched area. */
const upheavalShare = 0.6;
const calmShare = 0.25;
const upheavalMsMax = 1000;

export type Calm = 'calm' | 'upheaval' | 'lasting';

export interface Upheaval {
  /** `share` of the watched area differs; `subjects` are in view. */
  step(share: number, subjects: boolean, monoMs: number): Calm;
  reset(): void;
}

export function createUpheaval(): Upheaval {
  const state = { lastShare: 0, sinceMs: 0, stands: false };

  function step(share: number, subjects: boolean, monoMs: number): Calm {
    const before = state.lastShare;
    state.lastShare = share;
    if (!state.stands) {
      if (share < upheavalShare || before > calmShare || subjects) return 'calm';
      state.sinceMs = monoMs;
      state.stands = true;
    }
    if (share < upheavalShare) {
      state.stands = false;
      return 'calm';
    }
    state.lastShare = before;
    return monoMs - state.sinceMs >= upheavalMsMax ? 'lasting' : 'upheaval';
  }

  return {
    step,
    reset: () => {
      state.stands = false;
      state.lastShare = 0;
    },
  };
}
