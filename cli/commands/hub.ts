// `matlang hub`: the commune's hub, and what is done beside it.
import type { Command } from 'commander';
import { openLog } from '../../agent/log.ts';
import { disk } from '../../hal/disk.ts';
import { openNotify } from '../../hal/notify.ts';
import { registerAccount } from '../hub/account.ts';
import { registerBackup } from '../hub/backup.ts';
import { registerClock } from '../hub/clock.ts';
import { registerExport } from '../hub/export.ts';
import { registerKit } from '../hub/kit-command.ts';
import { readHubOrComplain } from '../hub/read.ts';
import { registerRegulation } from '../hub/regulation.ts';
import { keepPublished, registerReleases } from '../hub/releases.ts';
import { releasesIn } from '../hub/releases-look.ts';
import { registerResend } from '../hub/resend.ts';
import { registerRollout } from '../hub/rollout.ts';
import { registerTrust } from '../hub/trust.ts';
import { type Language, languageOf } from '../language.ts';

const words = {
  vi: {
    about: 'chạy máy chủ xã: nhận, lưu và hiện dữ liệu của các mắt camera',
    config: 'tệp cấu hình của máy chủ (hub.yaml)',
    json: 'in cho máy đọc',
    reindex: 'dựng lại danh mục từ kho lưu (khi máy chủ đang dừng)',
    up: (url: string) => `Màn hình trực ban: ${url}`,
    broker: (url: string) => `Máy chủ MQTT: ${url}`,
    done: (added: number, bad: number) => `Đã đưa ${added} tệp vào danh mục${bad === 0 ? '' : `, ${bad} tệp hỏng`}.`,
  },
  en: {
    about: 'run the commune hub: receives, keeps and shows what the nodes see',
    config: "the hub's configuration (hub.yaml)",
    json: 'print for machines',
    reindex: 'rebuild the catalogue from the archive (while the hub is stopped)',
    up: (url: string) => `Duty desk: ${url}`,
    broker: (url: string) => `MQTT broker: ${url}`,
    done: (added: number, bad: number) =>
      `${added} files put into the catalogue${bad === 0 ? '' : `, ${bad} damaged`}.`,
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
  const configOf = () => readHubOrComplain(hub.opts<Options>().config ?? 'hub.yaml', language);
  registerAccount(hub, language, configOf);
  registerExport(hub, language, configOf);
  registerBackup(hub, language, configOf);
  registerRegulation(hub, language, configOf);
  registerClock(hub, language, configOf);
  registerResend(hub, language, configOf);
  registerReleases(hub, language, configOf);
  registerRollout(hub, language, configOf);
  registerTrust(hub, language);
  registerKit(hub, language);
}

async function run({ config: path = 'hub.yaml', json }: Options, language: Language): Promise<void> {
  const config = await readHubOrComplain(path, language);
  if (config === undefined) return;
  const stop = new AbortController();
  // Every time: a second signal must not cut short what the first one began (the kernel itself sends a parent's death more than once).
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const { runHub } = await import('../../hub/run.ts');
  const running = await runHub(config, disk, stop.signal, openLog('hub', logLevel()), releasesIn(config.releasesDir));
  const { url, broker } = running;
  const say = words[language];
  process.stdout.write(
    json === true ? `${JSON.stringify({ url, broker })}\n` : `${say.up(url)}\n${say.broker(broker)}\n`,
  );
  const notify = openNotify();
  notify.ready();
  // The event loop turns: ingest, page and broker live in it.
  const pinging = setInterval(notify.alive, pingEveryMs);
  const publishing = keepPublished(config, openLog('hub', logLevel()));
  const summary = await running.stopped;
  clearInterval(publishing);
  clearInterval(pinging);
  notify.stopping();
  await notify.settled();
  if (json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
}

async function reindex({ config: path = 'hub.yaml', json }: Options, language: Language): Promise<void> {
  const config = await readHubOrComplain(path, language);
  if (config === undefined) return;
  const { reindexHub } = await import('../../hub/hold.ts');
  const done = await reindexHub(config, disk, openLog('hub', logLevel()));
  process.stdout.write(`${json === true ? JSON.stringify(done) : words[language].done(done.added, done.bad)}\n`);
  if (done.bad > 0) process.exitCode = 1;
}

function logLevel(): Parameters<typeof openLog>[1] {
  return process.env.MATLANG_DEBUG === undefined ? 'info' : 'debug';
}
