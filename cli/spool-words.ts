// What `matlang spool` says.
import type { StickFault } from '../agent/stick.ts';

interface SpoolWords {
  readonly about: string;
  readonly status: string;
  readonly export: string;
  readonly receipts: string;
  readonly import: string;
  readonly dir: string;
  readonly node: string;
  readonly hub: string;
  readonly json: string;
  readonly waits: (files: number, size: string, events: number) => string;
  readonly classes: readonly string[];
  readonly held: (delivered: string, ring: string, quarantine: number, free: string) => string;
  readonly ownCard: (dir: string) => string;
  readonly copying: (done: number, files: number, size: string, of: string) => string;
  readonly taken: (delivered: number, cleared: number) => string;
  readonly exported: (written: number, there: number, size: string) => string;
  readonly damaged: (count: number) => string;
  readonly notOurs: (count: number) => string;
  readonly stopped: (done: number, files: number) => string;
  readonly importing: (files: number, size: string) => string;
  readonly imported: (nodes: number, stored: number, known: number, receipts: number) => string;
  readonly alone: string;
  readonly refused: (node: string, name: string, why: string) => string;
  readonly more: (count: number) => string;
  readonly faults: Readonly<Record<StickFault | 'other-commune' | 'nothing' | 'hub-full', string>>;
}

export const spoolWords: Readonly<Record<'vi' | 'en', SpoolWords>> = {
  vi: {
    about: 'xem dữ liệu chờ gửi; chuyển nó bằng USB khi không có mạng',
    status: 'dữ liệu đang chờ gửi trên thẻ',
    export: 'chép dữ liệu chờ gửi vào USB, nhận xác nhận đã lưu từ USB',
    receipts: 'chỉ nhận xác nhận đã lưu từ USB, không chép gì',
    import: 'đưa dữ liệu từ USB vào máy chủ xã (chạy trên máy chủ)',
    dir: 'thư mục của USB, ví dụ /media/usb',
    node: 'tệp cấu hình của mắt camera',
    hub: 'tệp cấu hình của máy chủ (hub.yaml)',
    json: 'in cho máy đọc',
    waits: (files, size, events) => `Đang chờ gửi: ${files} tệp, ${size}, trong đó ${events} bản ghi sự kiện`,
    classes: ['báo động', 'sự kiện, sự cố', 'ảnh chụp', 'video báo động', 'video sự kiện', 'nhật ký, tình trạng'],
    held: (delivered, ring, quarantine, free) =>
      `Đã gửi, còn giữ: ${delivered} · vòng ghi: ${ring} · hỏng, để riêng: ${quarantine} tệp · thẻ còn trống: ${free}`,
    ownCard: (dir) => `Lưu ý: ${dir} nằm trên chính thẻ của mắt camera này, không phải trên USB.`,
    copying: (done, files, size, of) => `  ${done} trên ${files} tệp, ${size} trên ${of}`,
    taken: (delivered, cleared) => `Xác nhận đã lưu: ${delivered} tệp không còn phải chờ, xóa ${cleared} tệp khỏi USB.`,
    exported: (written, there, size) =>
      `Đã chép và kiểm tra ${written} tệp (${size}), ${there} tệp có sẵn trên USB. Rút USB an toàn rồi mang về máy chủ xã.`,
    damaged: (count) => `${count} tệp hỏng trên thẻ, đã để riêng.`,
    notOurs: (count) => `${count} xác nhận không phải của máy chủ xã mình hoặc cho mắt camera khác: bỏ qua.`,
    stopped: (done, files) =>
      `Đã có ${done} trên ${files} tệp trên USB, báo động trước. Chạy lại lệnh này để chép tiếp.`,
    importing: (files, size) => `  ${files} tệp, ${size}`,
    imported: (nodes, stored, known, receipts) =>
      `${nodes} mắt camera: ${stored} tệp mới, ${known} tệp đã có, ${receipts} xác nhận ghi lên USB. Cắm lại USB này vào mắt camera ở lần tới.`,
    alone: 'Máy chủ xã đang dừng: ghi thẳng vào kho lưu.',
    refused: (node, name, why) => `Không nhận ${node}/${name}: ${why}`,
    more: (count) => `… và ${count} tệp nữa`,
    faults: {
      'stick-full': 'USB đã đầy',
      'stick-gone': 'không thấy USB: đã rút ra hoặc thư mục không có',
      'stick-read-only': 'không ghi được vào USB: đang khóa ghi hoặc thiếu quyền',
      'stick-error': 'USB báo lỗi',
      'stick-bad': 'USB đọc lại sai dữ liệu vừa ghi: hãy dùng USB khác',
      'other-commune': 'USB của xã khác',
      nothing: 'không có dữ liệu của Mắt Làng trên USB',
      'hub-full': 'máy chủ xã không nhận thêm',
    },
  },
  en: {
    about: 'look into what waits; carry it on a stick where there is no network',
    status: 'what waits on the card',
    export: "copy what waits to a stick, and take the hub's receipts from it",
    receipts: 'take the receipts from a stick only, copy nothing',
    import: 'feed a stick to the hub (run on the hub)',
    dir: "the stick's folder, as in /media/usb",
    node: "the node's configuration",
    hub: "the hub's configuration (hub.yaml)",
    json: 'print for machines',
    waits: (files, size, events) => `Waiting: ${files} files, ${size}, ${events} event records among them`,
    classes: ['alarms', 'events, faults', 'stills', 'video of alarms', 'video of events', 'logs, vitals'],
    held: (delivered, ring, quarantine, free) =>
      `Delivered, still held: ${delivered} · ring: ${ring} · damaged, set aside: ${quarantine} files · free on the card: ${free}`,
    ownCard: (dir) => `Note: ${dir} lies on this node's own card, not on a stick.`,
    copying: (done, files, size, of) => `  ${done} of ${files} files, ${size} of ${of}`,
    taken: (delivered, cleared) =>
      `Receipts: ${delivered} files need not wait any longer, ${cleared} removed from the stick.`,
    exported: (written, there, size) =>
      `Copied and checked ${written} files (${size}), ${there} were on the stick. Unmount it and take it to the hub.`,
    damaged: (count) => `${count} files are damaged on the card and were set aside.`,
    notOurs: (count) => `${count} receipts are not our hub's, or for another node: left alone.`,
    stopped: (done, files) => `${done} of ${files} files are on the stick, alarms first. Run this again to go on.`,
    importing: (files, size) => `  ${files} files, ${size}`,
    imported: (nodes, stored, known, receipts) =>
      `${nodes} nodes: ${stored} files are new, ${known} were here, ${receipts} receipts put on the stick. Take it to the node at the next visit.`,
    alone: 'The hub is not running: writing into its archive directly.',
    refused: (node, name, why) => `Not taken: ${node}/${name}: ${why}`,
    more: (count) => `… and ${count} more`,
    faults: {
      'stick-full': 'the stick is full',
      'stick-gone': 'the stick is not there: it was pulled, or there is no such folder',
      'stick-read-only': 'the stick cannot be written to: it is write-protected, or permission is missing',
      'stick-error': 'the stick reports an error',
      'stick-bad': 'the stick does not give back what was written: use another',
      'other-commune': 'the stick is of another commune',
      nothing: 'nothing of Mat Lang is on the stick',
      'hub-full': 'the hub takes no more',
    },
  },
};

/** `3.4 GB`. */
export function sizeWords(bytes: number): string {
  const [unit, per] =
    bytes >= 1e9 ? (['GB', 1e9] as const) : bytes >= 1e6 ? (['MB', 1e6] as const) : (['kB', 1e3] as const);
  return `${(bytes / per).toFixed(1)} ${unit}`;
}
