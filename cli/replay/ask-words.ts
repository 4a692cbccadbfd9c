// What the questions to the trace say, in both languages.
import type { Language } from '../language.ts';

interface AskWords {
  readonly trace: string;
  readonly archive: string;
  readonly node: string;
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly needsSensitivity: string;
  readonly filmOrTrace: string;
  readonly archiveNeeds: string;
  readonly noKey: (path: string) => string;
  readonly unreadable: (why: string) => string;
  readonly bad: (path: string, why: string) => string;
  readonly none: string;
  readonly badTime: (told: string) => string;
  readonly head: (sensitivity: number, events: number, hours: number) => string;
  readonly before: (sensitivity: number, events: number) => string;
  readonly caught: string;
  readonly held: (rule: string, needs: number) => string;
  readonly cells: (name: string) => string;
  readonly gaps: (count: number, minutes: number) => string;
  readonly limits: string;
}

const decimal = (value: number, language: Language): string =>
  language === 'vi' ? value.toFixed(1).replace('.', ',') : value.toFixed(1);

export const askWords: Readonly<Record<Language, AskWords>> = {
  vi: {
    trace: 'hỏi vết phân tích đã lưu (tệp hoặc thư mục) thay cho phim',
    archive: 'hỏi vết trong kho của máy chủ xã: thư mục dữ liệu có archive/ bên trong',
    node: 'mã mắt camera trong kho',
    key: 'tệp khóa mở dữ liệu của máy chủ (key.txt)',
    from: 'từ lúc: 2026-11-22T18:00, hoặc 24h (tính lùi từ hình mới nhất)',
    to: 'đến lúc',
    needsSensitivity: 'cần --sensitivity N (1 đến 10): hỏi độ nhạy nào?',
    filmOrTrace: 'cần một tệp phim, hoặc --trace, hoặc --archive',
    archiveNeeds: '--archive cần cả --node và --key',
    noKey: (path) => `không có khóa age trong ${path}`,
    unreadable: (why) => `không đọc được: ${why}`,
    bad: (path, why) => `${path}: ${why}`,
    none: 'không tìm thấy vết phân tích nào',
    badTime: (told) => `không hiểu thời điểm "${told}": viết 2026-11-22T18:00 hoặc 24h, 30m, 7d`,
    head: (sensitivity, events, hours) =>
      `Ở độ nhạy ${sensitivity}: ${events} sự kiện trong ${hours < 1 ? `${decimal(60 * hours, 'vi')} phút` : `${decimal(hours, 'vi')} giờ`} có vết.`,
    before: (sensitivity, events) => `Ở độ nhạy ${sensitivity} đang đặt: ${events} sự kiện.`,
    caught: 'đã tính',
    held: (rule, needs) => `không tính: ${rule} (độ nhạy ${needs} thì tính)`,
    cells: (name) => `ô ${name}`,
    gaps: (count, minutes) => `Không có vết ở ${count} quãng, tổng ${decimal(minutes, 'vi')} phút.`,
    limits:
      'Chính xác: hình nào được tính, sự kiện bắt đầu và kết thúc lúc nào. Gần đúng: khung (làm tròn 2 điểm ảnh), diện tích. Không có trong vết: nút bấm, âm thanh, mức báo động của vùng.',
  },
  en: {
    trace: 'ask the kept trace (files or folders) instead of a film',
    archive: "ask the trace in a hub's archive: the data folder that holds archive/",
    node: 'name of the node in the archive',
    key: "file with the hub's key for sealed data (key.txt)",
    from: 'from: 2026-11-22T18:00, or 24h (back from the newest picture)',
    to: 'to',
    needsSensitivity: '--sensitivity N (1 to 10) is needed: which one is asked about?',
    filmOrTrace: 'a film is needed, or --trace, or --archive',
    archiveNeeds: '--archive needs --node and --key too',
    noKey: (path) => `no age key in ${path}`,
    unreadable: (why) => `cannot be read: ${why}`,
    bad: (path, why) => `${path}: ${why}`,
    none: 'no trace was found',
    badTime: (told) => `"${told}" is no time: write 2026-11-22T18:00, or 24h, 30m, 7d`,
    head: (sensitivity, events, hours) =>
      `At sensitivity ${sensitivity}: ${events} ${events === 1 ? 'event' : 'events'} in ${hours < 1 ? `${decimal(60 * hours, 'en')} minutes` : `${decimal(hours, 'en')} hours`} of trace.`,
    before: (sensitivity, events) =>
      `At sensitivity ${sensitivity}, which is set: ${events} ${events === 1 ? 'event' : 'events'}.`,
    caught: 'counted',
    held: (rule, needs) => `suppressed: ${rule} (counts at sensitivity ${needs})`,
    cells: (name) => `cells ${name}`,
    gaps: (count, minutes) => `No trace of ${count} spans, ${decimal(minutes, 'en')} minutes in all.`,
    limits:
      'Exact: which pictures count, when events begin and end. Approximate: boxes (rounded to 2 pixels), areas. Not in the trace: buttons, sounds, levels of zones.',
  },
};
