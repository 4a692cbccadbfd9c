// The sheet to sign (biên bản): its contents, in the words that HTML and PDF share. Vietnamese only: it is a paper of a Vietnamese office.
import { localTime } from '../../agent/core/local-time.ts';
import type { AuditLine } from '../../protocol/audit.ts';
import { eventDetailsSchema } from '../../protocol/details.ts';
import type { Manifest, Stamp } from '../../protocol/manifest.ts';
import actionWords from '../page/actions.json' with { type: 'json' };
import type { Packed } from './pack.ts';
import type { RecordRow, Scope } from './select.ts';

export interface EventOnSheet {
  readonly id: string;
  readonly trigger: string;
  readonly level: string;
  /** What the camera said. */
  readonly time: Stamp;
  /** What is known. */
  readonly known: Pick<RecordRow, 'atMs' | 'atErrorMs' | 'atBy'>;
  readonly storedMs: number;
  readonly reason: string | undefined;
}
export interface Sheet {
  readonly commune: string;
  readonly case: string;
  readonly reason: string;
  readonly actor: string;
  readonly atMs: number;
  readonly of: Scope;
  readonly node: string;
  readonly title: string;
  readonly events: readonly EventOnSheet[];
  /** Videos and pictures. */
  readonly shown: readonly Packed[];
  readonly sums: Packed;
  readonly originals: { readonly records: number; readonly segments: number };
  readonly keys: readonly { readonly name: string; readonly fingerprint: string }[];
  readonly custody: readonly AuditLine[];
  readonly hold: string;
  readonly absent: number;
  readonly damaged: readonly string[];
}

/** An event's first record tells when it began, its last one what came of it. */
export function eventOnSheet(
  before: EventOnSheet | undefined,
  event: NonNullable<Manifest['event']>,
  time: Stamp,
  known: RecordRow,
  details: Uint8Array | undefined,
): EventOnSheet {
  const { id, trigger } = event;
  const level = before?.level === 'alarm' ? 'alarm' : event.level;
  const reason = reasonIn(details) ?? before?.reason;
  const first = before ?? { time, known, storedMs: known.storedMs };
  return { ...{ id, trigger, level, reason }, time: first.time, known: first.known, storedMs: first.storedMs };
}

function reasonIn(details: Uint8Array | undefined): string | undefined {
  try {
    return eventDetailsSchema.parse(JSON.parse(Buffer.from(details ?? []).toString('utf8'))).reason;
  } catch {
    // Without details there is no reason to tell.
    return undefined;
  }
}

/** One after another, as both papers show them. */
export type Block =
  | { readonly is: 'title' | 'centre' | 'heading' | 'text'; readonly text: string }
  | { readonly is: 'facts'; readonly rows: readonly (readonly [string, string])[] }
  /** A long value below its name, in letters of one width. */
  | { readonly is: 'values'; readonly rows: readonly { readonly name: string; readonly value: string }[] }
  | { readonly is: 'signatures'; readonly names: readonly string[] };

const triggers: Readonly<Record<string, string>> = {
  motion: 'chuyển động',
  panic: 'nút báo động',
  tamper: 'camera bị che, xoay hoặc phá',
  pir: 'cảm biến hồng ngoại',
  door: 'cửa mở',
  fire: 'báo cháy',
  keyword: 'từ khóa giọng nói',
  bang: 'tiếng động lớn',
  command: 'theo lệnh',
};
/** As on the page. */
const actions: Readonly<Record<AuditLine['action'], { readonly vi: string }>> = actionWords;
const dots = '……………………………………………………';
/** Lines of the log that stand on paper; the file has all. */
const custodyShown = 12;

export function blocks(sheet: Sheet): Block[] {
  const at = localTime(sheet.atMs);
  return [
    { is: 'centre', text: 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc' },
    { is: 'title', text: 'BIÊN BẢN TRÍCH XUẤT DỮ LIỆU ĐIỆN TỬ' },
    {
      is: 'text',
      text: `Hồi ${at.hour} giờ ${two(at.minute)} phút ngày ${at.day} tháng ${at.month} năm ${at.year}, tại ${dots}`,
    },
    {
      is: 'facts',
      rows: [
        ['Người trích xuất', `${dots} (tài khoản: ${sheet.actor})`],
        ['Người nhận', dots],
        ['Người chứng kiến', dots],
        ['Vụ việc', sheet.case],
        ['Lý do', sheet.reason],
        ['Xã', sheet.commune],
        ['Điểm camera', sheet.title === sheet.node ? sheet.node : `${sheet.title} (${sheet.node})`],
        ['Phạm vi', range(sheet.of)],
      ],
    },
    { is: 'heading', text: '1. Sự kiện' },
    ...(sheet.events.length === 0 ? [text('Không có sự kiện nào trong phạm vi này.')] : sheet.events.map(eventBlock)),
    { is: 'heading', text: '2. Tệp giao nhận và giá trị băm SHA-256' },
    {
      is: 'values',
      rows: sheet.shown.map((file) => ({ name: `${file.path} (${size(file.bytes)})`, value: file.sha256 })),
    },
    text(
      `Kèm theo: ${sheet.originals.records} bản ghi và ${sheet.originals.segments} phân đoạn gốc, đã mã hóa, có chữ ký số của camera (thư mục records), ` +
        'nội dung đã mở của chúng (parts, details), bản kê của mọi bản ghi ở giữa (chain), khóa công khai (keys) và nhật ký (custody). ' +
        'Tệp SHA256SUMS ghi giá trị băm của từng tệp; giá trị băm của chính nó là:',
    ),
    { is: 'values', rows: [{ name: sheet.sums.path, value: sheet.sums.sha256 }] },
    text(`Giá trị băm SHA-256 của tệp ZIP (ghi tay khi giao nhận): ${dots}${dots}`),
    { is: 'heading', text: '3. Khóa công khai dùng để kiểm tra chữ ký' },
    text('So từng dòng với dấu vân tay khóa đã ghi khi lắp đặt thiết bị. Nếu khác: không phải khóa của thiết bị đó.'),
    {
      is: 'values',
      rows: sheet.keys.map(({ name, fingerprint }) => ({ name: `keys/${name}.pub`, value: fingerprint })),
    },
    { is: 'heading', text: '4. Nhật ký truy cập' },
    ...custody(sheet.custody),
    { is: 'heading', text: '5. Bản gốc' },
    text(
      `Bản gốc vẫn nằm trong kho lưu của máy chủ xã, được giữ lại, không xóa (mã giữ lại ${sheet.hold}). ` +
        'Bản này là bản sao; các tệp trong video là bản để xem, dựng lại từ các tệp trong parts mà không đổi hình.',
    ),
    { is: 'heading', text: '6. Điều không thể khẳng định' },
    ...unknowns(sheet).map(text),
    text(`Cách kiểm tra bằng openssl, sha256sum và age: xem tệp huong-dan-kiem-tra.txt.`),
    { is: 'signatures', names: ['Người trích xuất', 'Người nhận', 'Người chứng kiến'] },
  ];
}

const text = (words: string): Block => ({ is: 'text', text: words });

function eventBlock(event: EventOnSheet): Block {
  const rows: [string, string][] = [
    [
      'Sự kiện',
      `${event.level === 'alarm' ? 'BÁO ĐỘNG, ' : ''}${triggers[event.trigger] ?? event.trigger} (${event.id})`,
    ],
    ['Thời điểm', moment(event)],
    ['Máy chủ xã nhận', shownTime(event.storedMs)],
  ];
  return { is: 'facts', rows: event.reason === undefined ? rows : [...rows, ['Vì sao', event.reason]] };
}

function moment({ time, known }: EventOnSheet): string {
  const { wallMs, clock, errorMs } = time;
  const said = wallMs === null ? 'camera khi đó chưa có giờ chuẩn' : `camera khi đó ghi ${shownTime(wallMs)}`;
  if (known.atBy === 'stored') return `${said}; xem thời điểm máy chủ nhận`;
  const errors = `sai số không quá ${Math.round(known.atErrorMs ?? 0)} ms`;
  if (known.atBy === 're-timed')
    return `${shownTime(known.atMs)}, tính lại theo các mốc giờ của chính lần khởi động đó, ${errors}; ${said}`;
  return `${shownTime(known.atMs)}, theo đồng hồ của camera (nguồn ${clock}, sai số không quá ${errorMs} ms)`;
}

function custody(lines: readonly AuditLine[]): Block[] {
  if (lines.length === 0) return [text('Chưa có dòng nào.')];
  const shown = lines.slice(-custodyShown);
  const rows = shown.map(({ atMs, actor, action, reason }): [string, string] => [
    shownTime(atMs),
    `${actor}: ${actions[action].vi}${reason === undefined ? '' : ` (${reason})`}`,
  ]);
  const left = lines.length - shown.length;
  return [{ is: 'facts', rows }, ...(left === 0 ? [] : [text(`… và ${left} dòng trước đó, trong custody/audit.jws.`)])];
}

function unknowns({ absent, damaged }: Sheet): string[] {
  return [
    'Chữ ký số chứng minh dữ liệu không đổi từ khi camera ký; không chứng minh điều gì xảy ra trước ống kính, và không chứng minh khóa của camera chưa từng bị lộ.',
    'Thời điểm do camera ghi chỉ chính xác trong sai số đã nêu; chữ ký của máy chủ xã chỉ chứng minh dữ liệu đã có không muộn hơn thời điểm máy chủ ký.',
    ...(absent === 0
      ? []
      : [`${absent} phân đoạn thuộc các đoạn video trên chưa về tới máy chủ xã, nên không có trong bản này.`]),
    ...(damaged.length === 0 ? [] : [`Không mở được, hoặc không đúng với chữ ký: ${damaged.join(', ')}.`]),
  ];
}

function range(of: Scope): string {
  return of.is === 'event' ? `Sự kiện ${of.id}` : `Từ ${shownTime(of.fromMs)} đến ${shownTime(of.toMs)}`;
}

function shownTime(ms: number): string {
  const { day, month, year, hour, minute, second } = localTime(ms);
  return `${two(hour)}:${two(minute)}:${two(second)} ${two(day)}/${two(month)}/${year}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

function size(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return megabytes >= 1 ? `${megabytes.toFixed(1).replace('.', ',')} MB` : `${Math.ceil(bytes / 1000)} kB`;
}
