// `matlang hub export`: a case as a ZIP, with the sheet to sign.
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { openLog } from '../../agent/log.ts';
import { disk } from '../../hal/disk.ts';
import type { HubConfig } from '../../hub/config.ts';
import type { ExportAsked } from '../../hub/export/work.ts';
import { nameSchema } from '../../protocol/identity.ts';
import type { Language } from '../language.ts';

const words = {
  vi: {
    about: 'trích xuất một vụ việc thành tệp ZIP: video, ảnh, bản gốc, chữ ký, biên bản',
    event: 'sự kiện cần trích xuất',
    node: 'mắt camera',
    from: 'từ lúc, ví dụ 2026-11-28T08:00:00+07:00',
    to: 'đến lúc',
    case: 'tên hoặc số vụ việc',
    reason: 'lý do trích xuất',
    actor: 'ai trích xuất (mặc định: người đang đăng nhập máy này)',
    out: 'tệp ZIP cần tạo',
    which: 'cần --event, hoặc cả --node, --from và --to',
    nothing: 'không có gì trong phạm vi đã nêu (nếu nhiều mắt có sự kiện cùng mã: thêm --node)',
    'too-much': 'phạm vi quá rộng; hãy chia thành nhiều lần',
    done: (path: string, sha256: string) => `Đã trích xuất: ${path}\nSHA-256 của tệp ZIP, ghi vào biên bản: ${sha256}`,
    counts: (clips: number, stills: number, records: number) =>
      `${clips} đoạn video, ${stills} ảnh, ${records} bản ghi.`,
    absent: (count: number) => `${count} phân đoạn chưa về tới máy chủ.`,
    damaged: (names: readonly string[]) => `Không mở được: ${names.join(', ')}`,
  },
  en: {
    about: 'hand a case over as a ZIP: videos, pictures, originals, signatures, a sheet to sign',
    event: 'the event',
    node: 'the node',
    from: 'from, as in 2026-11-28T08:00:00+07:00',
    to: 'to',
    case: 'name or number of the case',
    reason: 'why it is taken out',
    actor: 'who takes it out (default: who is signed in on this machine)',
    out: 'the ZIP to make',
    which: 'needs --event, or all of --node, --from and --to',
    nothing: 'there is nothing in this range (if several nodes have an event of this name, add --node)',
    'too-much': 'the range is too wide; split it',
    done: (path: string, sha256: string) => `Exported: ${path}\nSHA-256 of the ZIP, for the sheet: ${sha256}`,
    counts: (clips: number, stills: number, records: number) => `${clips} clips, ${stills} stills, ${records} records.`,
    absent: (count: number) => `${count} segments have not come to the hub.`,
    damaged: (names: readonly string[]) => `Cannot be opened: ${names.join(', ')}`,
  },
} as const;

interface Options {
  readonly node?: string;
  readonly event?: string;
  readonly from?: number;
  readonly to?: number;
  readonly case: string;
  readonly reason: string;
  readonly actor?: string;
  readonly out?: string;
}

export function registerExport(hub: Command, language: Language, configOf: () => Promise<HubConfig | undefined>): void {
  const say = words[language];
  hub
    .command('export')
    .description(say.about)
    .option('--node <name>', say.node, nodeOf)
    .option('--event <id>', say.event)
    .option('--from <time>', say.from, timeOf)
    .option('--to <time>', say.to, timeOf)
    .requiredOption('--case <name>', say.case)
    .requiredOption('--reason <text>', say.reason)
    .option('--actor <name>', say.actor)
    .option('--out <file>', say.out)
    .action(async (options: Options) => {
      const config = await configOf();
      if (config !== undefined) await take(options, config, language, hub.opts<{ json?: boolean }>().json === true);
    });
}

async function take(options: Options, config: HubConfig, language: Language, json: boolean): Promise<void> {
  const say = words[language];
  const { exportBeside } = await import('../../hub/export/beside.ts');
  const { reason } = options;
  const asked = {
    of: wanted(options, say.which),
    case: options.case,
    reason,
    actor: options.actor ?? `cli:${person()}`,
  };
  const opened = await exportBeside(config, disk, asked, openLog('export', 'error'));
  if (!opened.ok) throw new Error(say[opened.why]);
  const path = resolve(options.out ?? opened.fileName);
  const draft = `${path}.part`;
  try {
    await pipeline(opened.stream, createWriteStream(draft, { flags: 'wx', mode: 0o600 }));
    await flush(draft);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const done = await opened.done;
  if (json) process.stdout.write(`${JSON.stringify({ path, ...done })}\n`);
  else {
    process.stdout.write(`${say.done(path, done.sha256)}\n${say.counts(done.clips, done.stills, done.records)}\n`);
    if (done.absent > 0) process.stdout.write(`${say.absent(done.absent)}\n`);
    if (done.damaged.length > 0) process.stderr.write(`${say.damaged(done.damaged)}\n`);
  }
  if (done.damaged.length > 0) process.exitCode = 1;
}

function wanted({ node, event, from, to }: Options, which: string): ExportAsked['of'] {
  if (event !== undefined && from === undefined && to === undefined) return { is: 'event', node, id: event };
  if (event === undefined && node !== undefined && from !== undefined && to !== undefined)
    return { is: 'range', node, fromMs: from, toMs: to };
  throw new Error(which);
}

async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

const person = (): string => process.env.SUDO_USER ?? userInfo().username;

function nodeOf(text: string): string {
  const name = nameSchema.safeParse(text);
  if (!name.success) throw new InvalidArgumentError(`must be the name of a node, not ${text}`);
  return name.data;
}

function timeOf(text: string): number {
  const ms = Date.parse(text);
  // A time without its zone would mean another moment on another machine.
  if (Number.isNaN(ms) || !/(?:Z|[+-]\d\d:\d\d)$/.test(text))
    throw new InvalidArgumentError(`must be a time with its zone, as in 2026-11-28T08:00:00+07:00, not ${text}`);
  return ms;
}
