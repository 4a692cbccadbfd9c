// `matlang demo`: hub, broker and nodes on one machine, with throw-away keys.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { runDemo } from '../demo/show.ts';
import { demoWords } from '../demo/words.ts';
import { type Language, languageOf } from '../language.ts';

interface Options {
  readonly seconds?: number;
  readonly nodes: number;
  readonly film?: string;
  readonly outage?: { fromS: number; toS: number };
  readonly broker?: string;
  readonly trust?: string;
  readonly keep?: string;
  readonly port: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const vi = language === 'vi';
  program
    .command('demo')
    .description(vi ? 'chạy thử máy chủ xã và các mắt camera trên một máy' : 'run a hub and nodes on one machine')
    .option(
      '--seconds <n>',
      vi ? 'ghi bao nhiêu giây rồi tổng kết' : 'record this long, then sum up',
      wholeFrom(1, 86_400),
    )
    .option('--nodes <n>', vi ? 'số mắt camera' : 'how many nodes', wholeFrom(1, 35), 3)
    .option('--film <file>', vi ? 'mắt đầu tiên dùng phim này' : "this film is the first node's camera")
    .option(
      '--outage <from-to>',
      vi ? 'cắt kết nối trong khoảng giây này, ví dụ 10-25' : 'cut the link between these seconds, as in 10-25',
      range,
    )
    .option('--broker <url>', vi ? 'dùng máy chủ MQTT đang chạy, ví dụ mqtt://127.0.0.1:1883' : 'use a running broker')
    .option(
      '--trust <dir>',
      vi
        ? 'với --broker mqtts://…: thư mục trust của `matlang hub init`'
        : 'with --broker mqtts://…: the trust folder of `matlang hub init`',
    )
    .option('--keep <dir>', vi ? 'giữ lại mọi thứ trong thư mục này' : 'leave everything in this folder')
    .option(
      '--port <n>',
      vi ? 'cổng của trang web (bận thì chọn cổng khác)' : "the page's port (another one if taken)",
      wholeFrom(0, 65_535),
      8787,
    )
    .option('--json', vi ? 'in kết quả dạng JSON' : 'print the result as JSON')
    .action((options: Options) => demo(options, language));
}

async function demo(options: Options, language: Language): Promise<void> {
  const words = demoWords[language];
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const { film, outage, broker } = options;
  const trust = options.trust === undefined ? undefined : resolve(options.trust);
  const keep = options.keep === undefined ? undefined : resolve(options.keep);
  const summary = await runDemo(
    {
      seconds: options.seconds,
      nodes: options.nodes,
      film,
      outage,
      broker,
      trust,
      keep,
      port: options.port,
      language,
      say,
    },
    stopping.signal,
  );
  const { ok, lost, ...told } = summary;
  if (options.json === true) process.stdout.write(`${JSON.stringify(told)}\n`);
  else if (process.stdout.isTTY) console.table(told.nodes);
  const { events, clips, stills } = summary.hub;
  say(words.result(ok, events, clips, stills, summary.seconds));
  if (lost.length > 0) say(`${words.lost(lost.length)} ${lost.slice(0, 5).join(' ')}`);
  if (keep !== undefined) say(words.kept(keep));
  process.exitCode = ok ? 0 : 1;
}

function wholeFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}, not ${text}`);
  };
}

function range(text: string): { fromS: number; toS: number } {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const [fromS, toS] = [Number(from), Number(to)];
  if (fromS < toS) return { fromS, toS };
  throw new InvalidArgumentError(`must be FROM-TO in seconds, as in 10-25, not ${text}`);
}
