// Watches over the camera itself: an alarm with the last good picture when somebody covers, sprays, turns, blurs, dazzles or freezes it, a fault as long as that stands.
import type { GreyFrame } from '../../hal/ports.ts';
import { tamperReason } from '../core/tamper/reason.ts';
import { createTamper, type TamperNews, type TamperRules } from '../core/tamper/tamper.ts';
import type { Stills } from './stills.ts';
import type { Troubles } from './troubles.ts';
import type { Witness } from './witness.ts';

export interface TamperWatch {
  see(frame: GreyFrame): void;
  jpeg(bytes: Uint8Array, monoMs: number): void;
  /** The picture may be another one. */
  forget(): void;
}

interface Good {
  readonly bytes: Uint8Array;
  readonly monoMs: number;
}
/** Of the seconds before an alarm some pictures are kept in memory: enough to reach from before the first bad look (under 15 s) back to a quiet moment. */
const goodMax = 6;
const goodEveryMs = 3000;
/** Paint begins with a drop: what is wrong begins some seconds before it is noticed. */
const beforeMs = 3000;

export function openTamperWatch(
  rules: TamperRules,
  witness: Pick<Witness, 'see' | 'current'>,
  stills: Pick<Stills, 'add'>,
  troubles: Pick<Troubles, 'raise' | 'over' | 'note'>,
): TamperWatch {
  const tamper = createTamper(rules);
  let good: readonly Good[] = [];

  const alarm = (news: TamperNews) => {
    const { kind, monoMs, sinceMonoMs } = news;
    const reason = tamperReason('vi', news);
    witness.see({ is: 'trigger', monoMs, trigger: 'tamper', level: 'alarm', reason, tamper: { kind, sinceMonoMs } });
    const id = witness.current();
    const last = good.findLast((one) => one.monoMs <= sinceMonoMs - beforeMs) ?? good[0];
    if (id !== undefined && last !== undefined) stills.add(id, last.bytes, last.monoMs);
    // The camera's own watch tells a frozen picture.
    if (kind !== 'frozen') troubles.raise(codeOf(kind), reason);
  };

  const tell = (news: TamperNews) => {
    if (news.is === 'alarm') return alarm(news);
    troubles.over(codeOf(news.kind));
    if (news.is === 'relearned') troubles.note('camera-relearned', tamperReason('vi', news));
  };

  return {
    see: (frame) => {
      const stood = tamper.standing();
      const news = tamper.see(frame);
      if (news === undefined) return;
      // One thing stands at a time: what was there before gives way to what is there now.
      if (news.is === 'alarm' && stood !== undefined) troubles.over(codeOf(stood));
      tell(news);
    },
    jpeg: (bytes, monoMs) => {
      const newest = good.at(-1);
      if (!tamper.isCalm() || (newest !== undefined && monoMs - newest.monoMs < goodEveryMs)) return;
      good = [...good, { bytes, monoMs }].slice(-goodMax);
    },
    forget: () => {
      const stood = tamper.standing();
      if (stood !== undefined) troubles.over(codeOf(stood));
      tamper.forget();
      good = [];
    },
  };
}

const codeOf = (kind: TamperNews['kind']): string => `camera-${kind}`;
