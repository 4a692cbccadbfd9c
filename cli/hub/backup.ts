// `matlang hub backup` and `matlang hub restore`.
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { openLog } from '../../agent/log.ts';
import { disk } from '../../hal/disk.ts';
import type { HubConfig } from '../../hub/config.ts';
import { readUnsealKey } from '../../hub/unseal-key.ts';
import type { Language } from '../language.ts';

const words = {
  vi: {
    backup: 'sao lưu máy chủ xã sang ổ khác: chỉ chép phần mới; khóa và cấu hình được bọc bằng mật khẩu',
    restore: 'dựng lại máy chủ xã trên máy trống từ bản sao lưu, bằng mật khẩu hoặc bằng khóa dự phòng',
    to: 'thư mục chứa bản sao lưu (nên ở ổ khác)',
    passphrase: 'tệp chứa mật khẩu, "-" để đọc từ đầu vào (ít nhất 12 ký tự)',
    from: 'thư mục chứa bản sao lưu',
    into: 'thư mục mới cho máy chủ xã',
    escrow: 'khóa dự phòng (escrow.txt) lấy từ két, thay cho mật khẩu',
    which: 'cần --passphrase-file hoặc --escrow, một trong hai',
    saved: (files: number, databases: number, secrets: number) =>
      `Đã sao lưu: ${files} tệp mới, ${databases} cơ sở dữ liệu, ${secrets} tệp khóa và cấu hình.`,
    noEscrow: 'Máy chủ này không có khóa dự phòng: mất mật khẩu là mất khóa.',
    restored: (path: string, files: number, bad: number) =>
      `Đã dựng lại ${files} tệp${bad === 0 ? '' : `, ${bad} tệp hỏng`}. Bước tiếp theo: sudo matlang hub init ${dirname(path)} (bọc lại khóa, bổ sung tệp systemd), rồi matlang hub --config ${path}`,
  },
  en: {
    backup:
      'back the hub up onto another disk: only what is new is copied; keys and configuration are wrapped by a passphrase',
    restore: 'bring the hub back on a blank machine, from a backup and its passphrase, or the escrow key',
    to: "the backup's folder (on another disk)",
    passphrase: 'file with the passphrase, "-" for the standard input (at least 12 characters)',
    from: "the backup's folder",
    into: 'new folder for the hub',
    escrow: 'the escrow key (escrow.txt) out of the safe, in place of the passphrase',
    which: 'needs one of --passphrase-file and --escrow',
    saved: (files: number, databases: number, secrets: number) =>
      `Backed up: ${files} new files, ${databases} databases, ${secrets} files of keys and configuration.`,
    noEscrow: 'This hub has no escrow key: without the passphrase its keys are lost.',
    restored: (path: string, files: number, bad: number) =>
      `Restored ${files} files${bad === 0 ? '' : `, ${bad} damaged`}. Next steps: sudo matlang hub init ${dirname(path)} (wraps the key anew, adds files for systemd), then matlang hub --config ${path}`,
  },
} as const;

interface HubOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function registerBackup(hub: Command, language: Language, configOf: () => Promise<HubConfig | undefined>): void {
  const say = words[language];
  hub
    .command('backup')
    .description(say.backup)
    .requiredOption('--to <dir>', say.to)
    .requiredOption('--passphrase-file <file>', say.passphrase)
    .action(async ({ to, passphraseFile }: { to: string; passphraseFile: string }) => {
      const config = await configOf();
      const { config: path = 'hub.yaml', json } = hub.opts<HubOptions>();
      if (config === undefined) return;
      const { backup } = await import('../../hub/backup/backup.ts');
      const passphrase = await secretFrom(passphraseFile);
      const done = await backup({ configPath: resolve(path), config, to, passphrase, actor: actor() }, disk);
      if (json === true) process.stdout.write(`${JSON.stringify(done)}\n`);
      else process.stdout.write(`${say.saved(done.files, done.databases, done.secrets)}\n`);
      if (!done.escrow) process.stderr.write(`${say.noEscrow}\n`);
    });
  hub
    .command('restore <from>')
    .description(say.restore)
    .requiredOption('--into <dir>', say.into)
    .option('--passphrase-file <file>', say.passphrase)
    .option('--escrow <file>', say.escrow)
    .action(async (from: string, options: { into: string; passphraseFile?: string; escrow?: string }) => {
      const { restore } = await import('../../hub/backup/restore.ts');
      const secret = await secretOf(options, say.which);
      const done = await restore(
        { from, into: options.into, secret, actor: actor() },
        disk,
        openLog('restore', 'warn'),
      );
      if (hub.opts<HubOptions>().json === true) process.stdout.write(`${JSON.stringify(done)}\n`);
      else process.stdout.write(`${say.restored(done.configPath, done.files, done.bad)}\n`);
      if (done.bad > 0) process.exitCode = 1;
    });
}

async function secretOf({ passphraseFile, escrow }: { passphraseFile?: string; escrow?: string }, which: string) {
  if (passphraseFile !== undefined && escrow === undefined) return { passphrase: await secretFrom(passphraseFile) };
  if (escrow === undefined || passphraseFile !== undefined) throw new Error(which);
  return { identity: await readUnsealKey(escrow) };
}

/** Never an argument: those are seen by everybody on the machine. */
async function secretFrom(path: string): Promise<string> {
  return (path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')).replace(/\r?\n$/, '');
}

const actor = (): string => `cli:${process.env.SUDO_USER ?? userInfo().username}`;
