// The commands of a node's release. Each import is written out: what is not named here does not come into the bundle.
import type { CommandEntry } from './table.ts';

// biome-ignore format: one line a command
export const nodeCommands: Readonly<Record<string, CommandEntry>> = {
  doctor: { vi: 'Kiểm tra máy, camera, thẻ, đồng hồ và cấu hình', en: 'Check machine, camera, card, clock and configuration', load: () => import('./commands/doctor.ts') },
  enrol: { vi: 'Đưa mắt camera này vào xã bằng mã đăng ký', en: 'Join a commune with a ticket', load: () => import('./commands/enrol.ts') },
  init: { vi: 'Tạo tệp cấu hình có chú thích', en: 'Write a commented configuration', load: () => import('./commands/init.ts') },
  update: { vi: 'Cập nhật phần mềm của mắt camera', en: "Update the node's software", load: () => import('./commands/update.ts') },
};
