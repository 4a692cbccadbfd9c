// Configuration, and the release that runs here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { holds, readListIn } from '../../ota/install.ts';
import { readState, releaseIn } from '../../ota/root.ts';
import { type Check, fail, ok, warn } from './check.ts';

export const releaseChecks: readonly Check[] = [
  {
    id: 'config',
    vi: 'Cấu hình',
    en: 'Configuration',
    look: async ({ configFile, configFaults, language }) => {
      const vi = language === 'vi';
      if (configFile === undefined)
        return warn(
          vi ? 'chưa có cấu hình' : 'no configuration',
          vi ? 'Chạy lại với --config TỆP' : 'Run again with --config FILE',
        );
      if (configFaults.length === 0) return ok(configFile);
      return fail(configFaults.join('\n'), vi ? `Sửa ${configFile}` : `Correct ${configFile}`);
    },
  },
  {
    id: 'release',
    vi: 'Bản phần mềm',
    en: 'Release',
    look: async ({ root, language }) => {
      const vi = language === 'vi';
      if (!existsSync(join(root, 'releases')))
        return ok(vi ? `chạy từ mã nguồn (không có ${root})` : `from a checkout (there is no ${root})`);
      const state = readState(root);
      if (state.name === 'proving')
        return warn(
          vi
            ? `${state.release}: đang chạy thử, chờ máy chủ xã xác nhận`
            : `${state.release}: on trial, until the hub has signed for it`,
          vi ? 'Không phải làm gì; nếu lâu thì xem mạng' : 'Nothing to do; if it takes long, look at the link',
        );
      if (state.name !== 'steady')
        return warn(
          `${state.name}`,
          vi ? 'Khởi động lại máy để hoàn tất cập nhật' : 'Restart the machine to finish the update',
        );
      if (state.release === null) return fail(vi ? 'chưa có bản nào' : 'no release', 'matlang update apply --from DIR');
      const list = readListIn(releaseIn(root, state.release));
      if (!list.ok || !holds(releaseIn(root, state.release), list.list)) {
        return fail(
          vi ? `${state.release}: tệp bị hỏng` : `${state.release}: damaged files`,
          vi ? 'Cài lại một bản khác từ USB' : 'Apply another release from a stick',
        );
      }
      if (state.back === undefined) return ok(state.release);
      return warn(
        `${state.release}; ${state.back.release} ✗ ${state.back.whys.at(-1) ?? ''}`,
        vi
          ? 'Bản mới không đạt tự kiểm tra: gửi lý do này cho nơi phát hành'
          : 'The newer release failed its self-test: send this reason to its makers',
      );
    },
  },
];
