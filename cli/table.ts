// The commands that exist, one line each, in the order in which `matlang --help` shows them. A module is loaded only when its command is named.
import type { Command } from 'commander';
import type { Words } from './language.ts';

export interface CommandModule {
  /** Adds the command, its options and its action to `program`; words in `languageOf(program)`. */
  register(program: Command): void;
}
export interface CommandEntry extends Words {
  readonly load: () => Promise<CommandModule>;
}

// biome-ignore format: one line a command
export const commands: Readonly<Record<string, CommandEntry>> = {
  demo: { vi: 'Chạy thử máy chủ xã và các mắt camera trên một máy', en: 'Run a hub and nodes on one machine', load: () => import('./commands/demo.ts') },
  node: { vi: 'Chạy một mắt camera', en: 'Run a node (recorder and uplink)', load: () => import('./commands/node.ts') },
  hub: { vi: 'Chạy máy chủ xã', en: 'Run a hub', load: () => import('./commands/hub.ts') },
  recorder: { vi: 'Chạy tiến trình ghi hình', en: "Run a node's recorder alone", load: () => import('./commands/recorder.ts') },
  uplink: { vi: 'Chạy tiến trình gửi về máy chủ xã', en: "Run a node's uplink alone", load: () => import('./commands/uplink.ts') },
  init: { vi: 'Tạo tệp cấu hình có chú thích', en: 'Write a commented configuration', load: () => import('./commands/init.ts') },
  enrol: { vi: 'Đưa mắt camera này vào xã bằng mã đăng ký', en: 'Join a commune with a ticket', load: () => import('./commands/enrol.ts') },
  replay: { vi: 'Chạy bộ lọc chuyển động trên một đoạn phim', en: 'Run the motion filter over a film', load: () => import('./commands/replay.ts') },
  verify: { vi: 'Kiểm tra ngoại tuyến một bản trích xuất, kho lưu hoặc thẻ nhớ', en: 'Check an export, an archive or a card offline', load: () => import('./commands/verify.ts') },
  bench: { vi: 'Đo hiệu năng', en: 'Measure', load: () => import('./commands/bench.ts') },
  doctor: { vi: 'Kiểm tra máy, camera, thẻ, đồng hồ và cấu hình', en: 'Check machine, camera, card, clock and configuration', load: () => import('./commands/doctor.ts') },
  spool: { vi: 'Xem dữ liệu chờ gửi, chuyển bằng USB', en: 'Look into what waits, carry it on a stick', load: () => import('./commands/spool.ts') },
  release: { vi: 'Làm bản phần mềm', en: 'Make releases', load: () => import('./commands/release.ts') },
  deb: { vi: 'Đóng gói .deb cho mắt camera và máy chủ xã', en: 'Make the .deb packages of node and hub', load: () => import('./commands/deb.ts') },
  update: { vi: 'Cập nhật phần mềm của mắt camera', en: "Update the node's software", load: () => import('./commands/update.ts') },
};
