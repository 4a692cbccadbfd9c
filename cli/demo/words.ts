// What the demo says while it runs.
import faults from '../../hub/page/faults.json' with { type: 'json' };

const inWords: Readonly<Record<string, { readonly vi: string; readonly en: string }>> = faults;

export interface DemoWords {
  readonly page: (url: string) => string;
  readonly joined: (nodes: number) => string;
  readonly allSee: (nodes: number) => string;
  readonly noPicture: (nodes: string) => string;
  readonly event: (title: string, trigger: string) => string;
  readonly ended: (title: string, what: string, how: string) => string;
  readonly fault: (title: string, code: string, text: string) => string;
  readonly hubEnded: (text: string) => string;
  readonly cut: string;
  readonly mended: string;
  readonly closing: string;
  readonly draining: (left: number) => string;
  readonly result: (ok: boolean, events: number, clips: number, stills: number, seconds: number) => string;
  readonly lost: (count: number) => string;
  readonly kept: (dir: string) => string;
}

export const demoWords: Readonly<Record<'vi' | 'en', DemoWords>> = {
  vi: {
    page: (url) => `Màn hình trực ban: ${url}  (Ctrl+C để dừng)`,
    joined: (nodes) => `${nodes} mắt camera đã đăng ký bằng mã, khóa tạo trên từng mắt.`,
    allSee: (nodes) => `${nodes} mắt camera đã có hình.`,
    noPicture: (nodes) => `sau 60 giây vẫn chưa có hình từ: ${nodes}`,
    event: (title, trigger) => `${title}: sự kiện mới (${trigger === 'motion' ? 'chuyển động' : trigger})`,
    ended: (title, what, how) => `${title}: ${what} đã dừng (${how}), đang khởi động lại`,
    fault: (title, code, text) => `${title}: lỗi: ${inWords[code]?.vi ?? code} (${text})`,
    hubEnded: (text) => `máy chủ xã đã dừng: ${text}`,
    cut: 'Cắt kết nối của các mắt camera: dữ liệu được giữ lại trên thẻ nhớ.',
    mended: 'Đã nối lại: đang gửi dữ liệu chờ.',
    closing: 'Kết thúc các sự kiện đang mở…',
    draining: (left) => `còn ${left} bản ghi chờ gửi`,
    result: (ok, events, clips, stills, seconds) =>
      `${ok ? 'Đạt' : 'KHÔNG ĐẠT'}: ${events} sự kiện, ${clips} đoạn video, ${stills} ảnh chụp trong ${seconds} giây.`,
    lost: (count) => `Máy chủ còn thiếu ${count} bản ghi.`,
    kept: (dir) => `Mọi thứ được giữ lại trong ${dir}`,
  },
  en: {
    page: (url) => `Duty desk: ${url}  (Ctrl+C to stop)`,
    joined: (nodes) => `${nodes} nodes have joined with a ticket, each with keys of its own.`,
    allSee: (nodes) => `${nodes} nodes have a picture.`,
    noPicture: (nodes) => `no picture after 60 s from: ${nodes}`,
    event: (title, trigger) => `${title}: new event (${trigger})`,
    ended: (title, what, how) => `${title}: ${what} ended (${how}), starting it again`,
    fault: (title, code, text) => `${title}: fault: ${inWords[code]?.en ?? code} (${text})`,
    hubEnded: (text) => `the hub ended: ${text}`,
    cut: 'The nodes are cut off: they buffer on their cards.',
    mended: 'Connected again: the backlog drains.',
    closing: 'Closing what is open…',
    draining: (left) => `${left} records waiting to be sent`,
    result: (ok, events, clips, stills, seconds) =>
      `${ok ? 'Passed' : 'FAILED'}: ${events} events, ${clips} clips, ${stills} stills in ${seconds} s.`,
    lost: (count) => `The hub lacks ${count} records.`,
    kept: (dir) => `Everything is kept in ${dir}`,
  },
};
