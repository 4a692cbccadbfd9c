// What the virtual node that is updated and its lab say to each other, one JSON object a line.

/** So many the makers have signed. */
export const releasesMade = 600;
/** So many may be begun in one life; it is not begun with fewer. */
export const releasesPerLife = 20;
export const madeMs = Date.UTC(2026, 10, 28);
export const nameOf = (nth: number): string => `1.0.${nth}`;
/** Each third fails its self-test and must be taken back. */
export const isFaulty = (nth: number): boolean => nth % 3 === 0;

/** To the node, once: begin, with this release. */
export interface UpdateGo {
  readonly from: number;
}

export type UpdateWord =
  | { readonly is: 'parked' }
  /** What this life found, once the launcher had gone on from it. */
  | {
      readonly is: 'found';
      readonly running: string | null;
      readonly state: string;
      readonly whole: boolean;
      /** Over names and bytes of all that waits for the hub. */
      readonly spool: string;
    }
  | { readonly is: 'begun'; readonly nth: number }
  | { readonly is: 'done'; readonly nth: number; readonly running: string | null; readonly why: string }
  | { readonly is: 'failed'; readonly why: string };
