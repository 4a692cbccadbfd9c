// What `matlang replay` says, in both languages.
import type { TraceRule } from '../../agent/core/trace/sight.ts';
import type { Language } from '../language.ts';

/** An MP4 keeps its index at the end: half of one is nothing. */
const noIndex = /moov atom not found/;

export interface ReplayWords {
  readonly about: string;
  readonly file: string;
  readonly film: string;
  readonly config: string;
  readonly json: string;
  readonly from: string;
  readonly to: string;
  readonly peak: string;
  readonly why: string;
  readonly noFile: (path: string) => string;
  readonly noFilm: (path: string, why: string) => string;
  readonly cut: (path: string, seconds: number, announcedS: number | undefined) => string;
  readonly progress: (seconds: number, events: number) => string;
  readonly sensitivity: string;
  readonly badSensitivity: (told: string) => string;
  readonly nearMisses: string;
  readonly rules: Readonly<Record<TraceRule, string>>;
  /** `cells` is undefined for the whole picture; `needs` 11 for never. */
  readonly held: (times: number, rule: string, cells: string | undefined, span: string, needs: number) => string;
  readonly span: (from: string, to: string) => string;
  readonly otherHeld: (groups: number, times: number) => string;
  readonly total: (frames: number, seconds: number, events: number, cpuMsPerFrame: number) => string;
}

export const words: Readonly<Record<Language, ReplayWords>> = {
  vi: {
    about: 'chạy bộ lọc chuyển động trên một đoạn phim và nói vì sao có từng sự kiện',
    file: 'tệp',
    film: 'tệp phim',
    config: 'tệp cấu hình của mắt camera; không có thì dùng giá trị mặc định',
    json: 'in một đối tượng JSON cho máy đọc',
    from: 'từ',
    to: 'đến',
    peak: 'lớn nhất',
    why: 'vì sao',
    noFile: (path) => `không tìm thấy tệp: ${path}`,
    noFilm: (path, why) =>
      `không đọc được phim ${path}: ${noIndex.test(why) ? 'tệp bị cắt cụt (mất mục lục ở cuối), hoặc không phải là phim' : why}`,
    cut: (path, seconds, announcedS) =>
      `phim ${path} bị cắt cụt hoặc hỏng: chỉ đọc được ${seconds.toFixed(1)} giây${announcedS === undefined ? '' : ` trong ${announcedS.toFixed(1)} giây`}; kết quả trên chỉ tính phần đọc được`,
    progress: (seconds, events) => `đã xem ${seconds.toFixed(0)} giây phim, ${events} sự kiện`,
    sensitivity: 'độ nhạy từ 1 đến 10, thay cho giá trị trong cấu hình',
    badSensitivity: (told) => `độ nhạy phải là số từ 1 đến 10, không phải "${told}"`,
    nearMisses: 'Thấy mà không tính:',
    rules: {
      none: 'được tính',
      small: 'nhỏ hơn cỡ tối thiểu',
      light: 'chỉ là ánh sáng',
      hole: 'chỗ trống sau khi vật rời đi',
      unproven: 'không rời chỗ, cũng không ở lại đủ lâu',
      restless: 'cây lay, cờ hoặc mặt nước',
      brief: 'thoáng qua',
      furniture: 'đứng đã lâu, coi như đồ vật tại chỗ',
      sweep: 'vệt đèn pha',
      insect: 'côn trùng gần ống kính',
      upheaval: 'cả hình thay đổi cùng lúc',
      shake: 'camera rung',
      disarmed: 'ngoài giờ canh',
      faint: 'quá mờ so với nền',
      low: 'thấp và dài như chó, mèo',
    },
    held: (times, rule, cells, span, needs) =>
      `không tính ${times} lần: ${rule}${cells === undefined ? '' : `, ô ${cells}`} (${span})${needs > 10 ? '' : `; độ nhạy ${needs} thì tính`}`,
    span: (from, to) => (from === to ? from : `từ ${from} đến ${to}`),
    otherHeld: (groups, times) => `và ${groups} chỗ khác, cộng ${times} lần`,
    total: (frames, seconds, events, cpuMsPerFrame) =>
      `${events} sự kiện trong ${seconds.toFixed(1)} giây phim (${frames} hình; bộ lọc tốn ${cpuMsPerFrame.toFixed(2)} ms CPU mỗi hình, chưa kể giải mã)`,
  },
  en: {
    about: 'run the motion filter over a film and say why each event is one',
    file: 'file',
    film: 'film to read',
    config: "the node's configuration; without it the defaults hold",
    json: 'print one JSON object for machines',
    from: 'from',
    to: 'to',
    peak: 'peak',
    why: 'why',
    noFile: (path) => `no such file: ${path}`,
    noFilm: (path, why) =>
      `cannot read the film ${path}: ${noIndex.test(why) ? 'it is cut short (the index at its end is missing), or is no film' : why}`,
    cut: (path, seconds, announcedS) =>
      `the film ${path} is cut short or damaged: only ${seconds.toFixed(1)} s${announcedS === undefined ? '' : ` of ${announcedS.toFixed(1)} s`} could be read; the result above is of that part`,
    progress: (seconds, events) => `${seconds.toFixed(0)} s of film seen, ${events} events`,
    sensitivity: 'sensitivity from 1 to 10, instead of the configured one',
    badSensitivity: (told) => `sensitivity must be a number from 1 to 10, not "${told}"`,
    nearMisses: 'Seen but not counted:',
    rules: {
      none: 'counts',
      small: 'too small',
      light: 'only light',
      hole: 'the gap that something left',
      unproven: 'neither left its place nor stayed long enough',
      restless: 'tree, flag or water',
      brief: 'too brief',
      furniture: 'stood so long that it belongs there',
      sweep: 'headlight beam',
      insect: 'insect near the lens',
      upheaval: 'the whole picture changed at once',
      shake: 'the camera shook',
      disarmed: 'outside armed hours',
      faint: 'too faint against the background',
      low: 'low and long, like a dog or a cat',
    },
    held: (times, rule, cells, span, needs) =>
      `suppressed ${times === 1 ? 'once' : `${times} times`}: ${rule}${cells === undefined ? '' : `, cells ${cells}`} (${span})${needs > 10 ? '' : `; counts at sensitivity ${needs}`}`,
    span: (from, to) => (from === to ? from : `${from} to ${to}`),
    otherHeld: (groups, times) =>
      `and ${groups} other ${groups === 1 ? 'place' : 'places'}, ${times === 1 ? 'once' : `${times} times`} in all`,
    total: (frames, seconds, events, cpuMsPerFrame) =>
      `${events} events in ${seconds.toFixed(1)} s of film (${frames} pictures; the filter took ${cpuMsPerFrame.toFixed(2)} ms CPU a picture, decoding not counted)`,
  },
};
