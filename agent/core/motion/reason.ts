// Why something was a subject, in words for people and figures for whoever asks twice.
import type { Track } from './track.ts';

export type Language = 'vi' | 'en';

export interface Why {
  readonly track: Track;
  /** Parts of the watched area. */
  readonly share: number;
  readonly minShare: number;
  /** Grey levels. */
  readonly bar: number;
  readonly pictureWidth: number;
  readonly monoMs: number;
  readonly zones: readonly string[];
}

export function reasonIn(language: Language, why: Why): string {
  const { track } = why;
  const figure = (value: number, digits: number) =>
    language === 'vi' ? value.toFixed(digits).replace('.', ',') : value.toFixed(digits);
  const seconds = figure((why.monoMs - track.bornMs) / 1000, 1);
  const way = figure((100 * track.travelled) / why.pictureWidth, 0);
  const size = `${figure(100 * why.share, 2)} %`;
  const least = `${figure(100 * why.minShare, 2)} %`;
  const contrast = figure(track.evidence.contrast, 0);
  const bar = figure(why.bar, 0);
  const zones = why.zones.join(', ');
  if (language === 'vi') {
    const what =
      track.why === 'travel'
        ? `vật di chuyển (đi ít nhất ${way} % bề ngang hình)`
        : 'vật mới xuất hiện và ở lại một chỗ';
    return `${what}, theo dõi ${seconds} giây; chiếm ${size} vùng phát hiện (tối thiểu ${least}); lệch nền ${contrast} mức xám (ngưỡng ${bar})${zones === '' ? '' : `; vùng: ${zones}`}`;
  }
  const what =
    track.why === 'travel'
      ? `something travelled (at least ${way} % of the picture's width)`
      : 'something new appeared and stayed';
  return `${what}, followed for ${seconds} s; ${size} of the watched area (least ${least}); ${contrast} grey levels off the background (bar ${bar})${zones === '' ? '' : `; zones: ${zones}`}`;
}
