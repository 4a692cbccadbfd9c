// `matlang hub clock`: whether the hub believes its own clock, and the word of a person that it is right. Works beside a running hub.
import type { Command } from 'commander';
import type { HubConfig } from '../../hub/config.ts';
import { readBelief, writeBelief } from '../../hub/retention/clock.ts';
import type { Language } from '../language.ts';
import { auditBeside } from './audit-beside.ts';
import { actor } from './door.ts';
import { local } from './local.ts';
import { withDesk } from './with-desk.ts';

const words = {
  vi: {
    about: 'đồng hồ của máy chủ có đang bị nghi ngờ không (khi đó tạm ngừng xóa theo lịch)',
    confirm: 'xác nhận đồng hồ đang chạy đúng: xóa theo lịch hoạt động trở lại',
    believed: (now: string) => `Đồng hồ máy chủ: ${now}. Không bị nghi ngờ.`,
    doubted: (now: string, trusted: string) =>
      `Đồng hồ máy chủ: ${now}. Đã nhảy từ ${trusted}, tạm ngừng xóa theo lịch.\nNếu giờ này đúng: matlang hub clock --confirm`,
    confirmed: (now: string) => `Đã ghi nhận: ${now} là giờ đúng.`,
  },
  en: {
    about: 'whether the clock of the hub is in doubt (nothing is deleted by schedule meanwhile)',
    confirm: 'the clock is right: deleting by schedule goes on',
    believed: (now: string) => `The hub's clock: ${now}. It is believed.`,
    doubted: (now: string, trusted: string) =>
      `The hub's clock: ${now}. It leapt there from ${trusted}; nothing is deleted by schedule.\nIf that is the right time: matlang hub clock --confirm`,
    confirmed: (now: string) => `Noted: ${now} is right.`,
  },
} as const;

export function registerClock(
  hub: Command,
  language: Language,
  readConfig: () => Promise<HubConfig | undefined>,
): void {
  const say = words[language];
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  hub
    .command('clock')
    .description(say.about)
    .option('--confirm', say.confirm)
    .action(({ confirm }: { confirm?: boolean }) =>
      withDesk(readConfig, async (store, config) => {
        const nowMs = Date.now();
        const belief = readBelief(store);
        if (belief?.doubt === undefined) return void tell(say.believed(local(nowMs)));
        const { trustedMs } = belief;
        if (confirm !== true) return void tell(say.doubted(local(nowMs), local(trustedMs)));
        const audit = await auditBeside(config);
        const details = { trustedMs, nowMs, confirmed: true };
        await audit.append({ actor: actor(), action: 'change', subject: 'clock', details });
        writeBelief(store, { trustedMs: nowMs, doubt: undefined });
        tell(say.confirmed(local(nowMs)));
      }),
    );
}
