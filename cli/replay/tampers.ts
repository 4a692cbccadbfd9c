// What the film shows to have been done to the camera itself.
import type { MotionConfig } from '../../agent/core/config/schema.ts';
import { tamperReason } from '../../agent/core/tamper/reason.ts';
import { createTamper, type TamperNews } from '../../agent/core/tamper/tamper.ts';
import type { GreyFrame } from '../../hal/ports.ts';
import type { Language } from '../language.ts';

export interface ReplayedTamper {
  readonly is: TamperNews['is'];
  readonly kind: TamperNews['kind'];
  readonly atMs: number;
  /** The last moment at which the picture was good. */
  readonly sinceMs: number;
  readonly reason: string;
}

export interface TamperList {
  see(frame: GreyFrame): void;
  all(): readonly ReplayedTamper[];
}

/** A film is read as it is: without privacy masks. */
export function createTamperList({ width, height }: MotionConfig, language: Language): TamperList {
  const tamper = createTamper({ width, height, masks: [] });
  const tampers: ReplayedTamper[] = [];
  return {
    see: (frame) => {
      const news = tamper.see(frame);
      if (news === undefined) return;
      const { is, kind, monoMs, sinceMonoMs } = news;
      tampers.push({ is, kind, atMs: monoMs, sinceMs: sinceMonoMs, reason: tamperReason(language, news) });
    },
    all: () => tampers,
  };
}

const seconds = (ms: number): number => Math.round(ms) / 1000;

export const tampersAsData = (tampers: readonly ReplayedTamper[]) =>
  tampers.map(({ is, kind, atMs, sinceMs, reason }) => ({
    is,
    kind,
    atS: seconds(atMs),
    sinceS: seconds(sinceMs),
    reason,
  }));

/** One line each; `clock` writes a moment of the film. */
export const tamperLines = (tampers: readonly ReplayedTamper[], clock: (ms: number) => string): string[] =>
  tampers.map(({ atMs, reason }) => `${clock(atMs).padStart(9)}  ${reason}`);
