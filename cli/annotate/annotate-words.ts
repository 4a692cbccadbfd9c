// What is written over an annotated film, in both languages.
import type { Language } from '../language.ts';

interface AnnotateWords {
  readonly option: string;
  readonly background: string;
  readonly differs: string;
  readonly quiet: string;
  readonly warming: string;
  readonly event: (count: number) => string;
  /** Nothing moves, but the quiet time is not over. */
  readonly ending: (count: number) => string;
  readonly counts: (needs: number) => string;
  readonly held: (rule: string, needs: number) => string;
  readonly figures: (sensitivity: number, bar: number, noise: number, percent: number) => string;
  readonly made: (path: string, pictures: number) => string;
  readonly sameFile: string;
  readonly failed: (path: string, why: string) => string;
  readonly drawn: (seconds: number, events: number) => string;
}

const comma = (value: number, digits: number) => value.toFixed(digits).replace('.', ',');

export const annotateWords: Readonly<Record<Language, AnnotateWords>> = {
  vi: {
    option: 'vẽ nền, khung, đường đi và lý do lên phim, ghi ra tệp MP4 này',
    background: 'nền đã học',
    differs: 'khác nền',
    quiet: 'yên',
    warming: 'đang học nền',
    event: (count) => `SỰ KIỆN ${count}`,
    ending: (count) => `SỰ KIỆN ${count} · đang chờ yên`,
    counts: (needs) => `tính (từ độ nhạy ${needs})`,
    held: (rule, needs) => (needs > 10 ? rule : `${rule} · độ nhạy ${needs} thì tính`),
    figures: (sensitivity, bar, noise, percent) =>
      `độ nhạy ${sensitivity} · ngưỡng ${comma(bar, 1)} · nhiễu ${comma(noise, 1)} · khác nền ${comma(percent, 1)} %`,
    made: (path, pictures) => `đã ghi ${path} (${pictures} hình)`,
    sameFile: 'tệp phim ghi ra phải khác tệp phim đọc vào',
    failed: (path, why) => `không ghi được ${path}: ${why}`,
    drawn: (seconds, events) => `đã vẽ ${seconds.toFixed(0)} giây phim, ${events} sự kiện`,
  },
  en: {
    option: 'draw model, boxes, ways and the decision over the film, into this MP4 file',
    background: 'background',
    differs: 'differs',
    quiet: 'quiet',
    warming: 'learning the background',
    event: (count) => `EVENT ${count}`,
    ending: (count) => `EVENT ${count} · waiting for quiet`,
    counts: (needs) => `counts (from sensitivity ${needs})`,
    held: (rule, needs) => (needs > 10 ? rule : `${rule} · counts at sensitivity ${needs}`),
    figures: (sensitivity, bar, noise, percent) =>
      `sensitivity ${sensitivity} · bar ${bar.toFixed(1)} · noise ${noise.toFixed(1)} · differs ${percent.toFixed(1)} %`,
    made: (path, pictures) => `${path} written (${pictures} pictures)`,
    sameFile: 'the film to write must not be the film to read',
    failed: (path, why) => `${path} could not be written: ${why}`,
    drawn: (seconds, events) => `${seconds.toFixed(0)} s of film drawn, ${events} events`,
  },
};
