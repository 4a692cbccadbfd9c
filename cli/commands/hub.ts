// `matlang hub`: the commune's hub; `matlang hub init`: its keys and a configuration to begin with; `matlang hub reindex`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { faultLine } from '../../agent/core/config/read.ts';
import { openLog } from '../../agent/log.ts';
import { disk } from '../../hal/disk.ts';
import { openNotify } from '../../hal/notify.ts';
import { type HubConfig, readHubConfig } from '../../hub/config.ts';
import { registerBackup } from '../hub/backup.ts';
import { registerExport } from '../hub/export.ts';
import { type Language, languageOf } from '../language.ts';

const words = {
  vi: {
    about: 'chạy máy chủ xã: nhận, lưu và hiện dữ liệu của các mắt camera',
    config: 'tệp cấu hình của máy chủ (hub.yaml)',
    json: 'in cho máy đọc',
    reindex: 'dựng lại danh mục từ kho lưu (khi máy chủ đang dừng)',
    init: 'tạo khóa và tệp cấu hình hub.yaml trong một thư mục mới',
    up: (url: string) => `Màn hình trực ban: ${url}`,
    broker: (url: string) => `Máy chủ MQTT: ${url}`,
    done: (added: number, bad: number) => `Đã đưa ${added} tệp vào danh mục${bad === 0 ? '' : `, ${bad} tệp hỏng`}.`,
    made: (dir: string) => `Đã tạo trong ${dir}. Cất escrow.txt vào két rồi xóa khỏi máy này.`,
  },
  en: {
    about: 'run the commune hub: receives, keeps and shows what the nodes see',
    config: "the hub's configuration (hub.yaml)",
    json: 'print for machines',
    reindex: 'rebuild the catalogue from the archive (while the hub is stopped)',
    init: 'make keys and a configuration, hub.yaml, in a new folder',
    up: (url: string) => `Duty desk: ${url}`,
    broker: (url: string) => `MQTT broker: ${url}`,
    done: (added: number, bad: number) =>
      `${added} files put into the catalogue${bad === 0 ? '' : `, ${bad} damaged`}.`,
    made: (dir: string) => `Made in ${dir}. Put escrow.txt into a safe and remove it from this machine.`,
  },
} as const;

const pingEveryMs = 20_000;

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  const hub = program
    .command('hub')
    .description(say.about)
    .option('--config <file>', say.config, 'hub.yaml')
    .option('--json', say.json)
    .action((options: Options) => run(options, language));
  hub
    .command('reindex')
    .description(say.reindex)
    .action(() => reindex(hub.opts<Options>(), language));
  const configOf = () => readOrComplain(hub.opts<Options>().config ?? 'hub.yaml', language);
  registerExport(hub, language, configOf);
  registerBackup(hub, language, configOf);
  hub
    .command('init <dir>')
    .description(say.init)
    .requiredOption('--commune <name>', language === 'vi' ? 'mã xã' : 'name of the commune')
    .action((dir: string, { commune }: { commune: string }) => init(dir, commune, language));
}

async function run({ config: path = 'hub.yaml', json }: Options, language: Language): Promise<void> {
  const config = await readOrComplain(path, language);
  if (config === undefined) return;
  const stop = new AbortController();
  // Every time: a second signal must not cut short what the first one began (the kernel itself sends a parent's death more than once).
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const { runHub } = await import('../../hub/run.ts');
  const running = await runHub(config, disk, stop.signal, openLog('hub', logLevel()));
  const { url, broker } = running;
  const say = words[language];
  process.stdout.write(
    json === true ? `${JSON.stringify({ url, broker })}\n` : `${say.up(url)}\n${say.broker(broker)}\n`,
  );
  const notify = openNotify();
  notify.ready();
  // The event loop turns: ingest, page and broker live in it.
  const pinging = setInterval(notify.alive, pingEveryMs);
  const summary = await running.stopped;
  clearInterval(pinging);
  notify.stopping();
  await notify.settled();
  if (json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
}

async function reindex({ config: path = 'hub.yaml', json }: Options, language: Language): Promise<void> {
  const config = await readOrComplain(path, language);
  if (config === undefined) return;
  const { reindexHub } = await import('../../hub/run.ts');
  const done = await reindexHub(config, disk, openLog('hub', logLevel()));
  process.stdout.write(`${json === true ? JSON.stringify(done) : words[language].done(done.added, done.bad)}\n`);
  if (done.bad > 0) process.exitCode = 1;
}

async function init(dir: string, commune: string, language: Language): Promise<void> {
  const { makeHubKeys } = await import('../../hub/keys.ts');
  const path = join(dir, 'hub.yaml');
  const text = await readFile(new URL('../../hub/hub.example.yaml', import.meta.url), 'utf8');
  const filled = text.replace(/^commune: .*$/m, `commune: ${commune}`);
  const read = readHubConfig(filled, path);
  if (!read.ok) throw new Error(read.faults.map((fault) => faultLine(fault, language)).join('; '));
  await makeHubKeys(dir);
  await mkdir(join(dir, 'keys'), { recursive: true });
  await writeFile(path, filled, { flag: 'wx' });
  process.stdout.write(`${words[language].made(resolve(dir))}\n`);
}

/** Undefined when the configuration is faulty: every fault has been told, and the exit code set. */
async function readOrComplain(path: string, language: Language): Promise<HubConfig | undefined> {
  const read = readHubConfig(await readFile(path), path);
  if (read.ok) return read.config;
  for (const fault of read.faults) process.stderr.write(`${faultLine(fault, language)}\n`);
  process.exitCode = 1;
  return undefined;
}

function logLevel(): Parameters<typeof openLog>[1] {
  return process.env.MATLANG_DEBUG === undefined ? 'info' : 'debug';
}
