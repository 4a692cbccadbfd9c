// A node that does not know the time cannot tell whether a command is old. It gives out a nonce in its status; a command that carries it is younger
// than the nonce.
import { randomBytes } from 'node:crypto';

export interface Nonces {
  /** The one to give out now: a new one every few minutes. */
  current(): string;
  /** How old it is; undefined for one that was not given out, or too long ago. */
  ageMs(nonce: string): number | undefined;
}

const renewAfterMs = 300_000;
/** Of the two last ones a command may carry either: it may have crossed the newer one on its way. */
const keptMax = 2;

export function openNonces(monoMs: () => number): Nonces {
  const given: { readonly nonce: string; readonly atMs: number }[] = [];
  return {
    current: () => {
      const last = given.at(-1);
      if (last !== undefined && monoMs() - last.atMs < renewAfterMs) return last.nonce;
      const next = { nonce: randomBytes(16).toString('hex'), atMs: monoMs() };
      given.push(next);
      given.splice(0, given.length - keptMax);
      return next.nonce;
    },
    ageMs: (nonce) => {
      const found = given.find((each) => each.nonce === nonce);
      return found === undefined ? undefined : monoMs() - found.atMs;
    },
  };
}
