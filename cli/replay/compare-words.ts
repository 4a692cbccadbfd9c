// What `matlang replay --config` says of changes, in both languages.
import type { TraceRule } from '../../agent/core/trace/sight.ts';
import type { Language } from '../language.ts';
import type { Change, HeldBack, What } from './compare.ts';

export interface CompareWords {
  readonly against: string;
  readonly starts: string;
  readonly badStarts: (told: string) => string;
  /** `undefined`: the defaults. */
  readonly title: (against: string | undefined) => string;
  readonly change: Readonly<Record<Change['is'], string>>;
  readonly what: Readonly<Record<What, string>>;
  readonly seconds: string;
  readonly joined: (into: string) => string;
  readonly split: (from: string) => string;
  readonly held: (rule: string, pictures: number, of: number, needs: number | undefined) => string;
  readonly heldBefore: (held: string) => string;
  /** Beyond the filter's own rules. */
  readonly elsewhere: Readonly<Record<Exclude<HeldBack['rule'], TraceRule>, string>>;
  readonly wholePicture: string;
  readonly total: (was: number, now: number) => string;
}

export const compareWords: Readonly<Record<Language, CompareWords>> = {
  vi: {
    against: 'so với cấu hình này thay vì giá trị mặc định',
    starts: 'phim bắt đầu lúc nào (2026-11-22T21:00), để xét giờ canh; không có thì mọi vùng đều canh',
    badStarts: (told) => `--starts phải là ngày giờ như 2026-11-22T21:00, không phải "${told}"`,
    title: (against) => `So với ${against ?? 'giá trị mặc định'}:`,
    change: {
      kept: 'như cũ',
      changed: 'thay đổi',
      gone: 'không còn',
      new: 'thêm mới',
      joined: 'gộp lại',
      split: 'tách ra',
    },
    what: { start: 'bắt đầu', end: 'kết thúc', level: 'mức', zones: 'vùng' },
    seconds: 'giây',
    joined: (into) => `nay thuộc sự kiện ${into}`,
    split: (from) => `trước thuộc sự kiện ${from}`,
    held: (rule, pictures, of, needs) =>
      `${rule} (${pictures}/${of} hình)${needs === undefined ? '' : `; độ nhạy ${needs} thì tính`}`,
    heldBefore: (held) => `trước không tính: ${held}`,
    elsewhere: { outside: 'ngoài vùng phát hiện hoặc trong vùng bỏ qua', unseen: 'không thấy gì ở đó' },
    wholePicture: 'cả hình',
    total: (was, now) => `trước ${was} sự kiện, nay ${now} sự kiện`,
  },
  en: {
    against: 'compare with this configuration instead of the defaults',
    starts: 'when the film begins (2026-11-22T21:00), for the armed hours; without it every zone is armed',
    badStarts: (told) => `--starts must be a date and time like 2026-11-22T21:00, not "${told}"`,
    title: (against) => `Against ${against ?? 'the defaults'}:`,
    change: { kept: 'kept', changed: 'changed', gone: 'gone', new: 'new', joined: 'joined', split: 'split' },
    what: { start: 'start', end: 'end', level: 'level', zones: 'zones' },
    seconds: 's',
    joined: (into) => `now part of the event ${into}`,
    split: (from) => `was part of the event ${from}`,
    held: (rule, pictures, of, needs) =>
      `${rule} (${pictures} of ${of} pictures)${needs === undefined ? '' : `; counts at sensitivity ${needs}`}`,
    heldBefore: (held) => `did not count before: ${held}`,
    elsewhere: { outside: 'outside the watch zones or in an ignore zone', unseen: 'nothing was seen there' },
    wholePicture: 'whole picture',
    total: (was, now) => `${was} ${was === 1 ? 'event' : 'events'} before, ${now} now`,
  },
};
