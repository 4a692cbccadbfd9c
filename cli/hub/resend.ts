// `matlang hub resend`: the hub lost its disk; what the nodes still hold is asked for again, and how much of it came is printed.
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { HubConfig } from '../../hub/config.ts';
import type { Held, ResendAnswer } from '../../hub/resend.ts';
import type { Language } from '../language.ts';
import { actor, type HubDoor, knockAtHub } from './door.ts';

const words = {
  vi: {
    about: 'hỏi lại các mắt camera những gì máy chủ đã mất (mắt camera còn giữ bản đã gửi khi thẻ còn chỗ)',
    node: 'chỉ hỏi mắt camera này; có thể ghi nhiều lần',
    wait: 'chờ nhiều nhất bấy nhiêu giây; 0: chỉ hỏi, không chờ',
    stopped: 'máy chủ xã chưa chạy: hãy khởi động máy chủ rồi gõ lại lệnh này',
    holds: (node: string, files: number) => `${node}: còn giữ ${files} tệp, đang gửi lại`,
    silent: (node: string, text: string) => `${node}: không hỏi được (${text}); hãy hỏi lại khi mắt camera có mạng`,
    progress: (back: number, of: number) => `  đã về ${back} trên ${of} tệp`,
    share: (node: string, back: number, of: number, share: string, missing: number) =>
      `${node}: đã về ${back} trên ${of} tệp còn giữ (${share} %)${missing === 0 ? '' : `, còn thiếu ${missing} bản ghi không mắt camera nào giữ`}`,
    all: (back: number, of: number, share: string) => `Tất cả: ${back} trên ${of} tệp (${share} %)`,
  },
  en: {
    about: 'ask the nodes again for what the hub has lost (they keep what was delivered while there is room)',
    node: 'ask this node only; may be given several times',
    wait: 'wait so many seconds at most; 0: ask and do not wait',
    stopped: 'the hub is not running: start it, then run this again',
    holds: (node: string, files: number) => `${node}: holds ${files} files, sending them again`,
    silent: (node: string, text: string) => `${node}: could not be asked (${text}); ask again when it is online`,
    progress: (back: number, of: number) => `  ${back} of ${of} files are back`,
    share: (node: string, back: number, of: number, share: string, missing: number) =>
      `${node}: ${back} of the ${of} files it holds are back (${share} %)${missing === 0 ? '' : `, ${missing} records are missing that it no longer holds`}`,
    all: (back: number, of: number, share: string) => `All: ${back} of ${of} files (${share} %)`,
  },
} as const;

interface Options {
  readonly node?: readonly string[];
  readonly wait: number;
}
interface Back {
  readonly node: string;
  /** Files the node holds and sends again; undefined where it could not be asked. */
  readonly held: number | undefined;
  readonly back: number;
  readonly missing: number;
  readonly text: string;
}

const waitSUsual = 3600;
const waitSMax = 7 * 24 * 3600;

/** `config` tells what is wrong with the file itself, and gives undefined. */
export function registerResend(hub: Command, language: Language, config: () => Promise<HubConfig | undefined>): void {
  const say = words[language];
  hub
    .command('resend')
    .description(say.about)
    .option('--node <name>', say.node, (name: string, before: readonly string[] = []) => [...before, name])
    .option('--wait <seconds>', say.wait, secondsOf, waitSUsual)
    .action(async (options: Options) => {
      const read = await config();
      if (read === undefined) return;
      const door = await knockAtHub(read.dataDir);
      if (door === undefined) throw new Error(say.stopped);
      const json = hub.opts<{ json?: boolean }>().json === true;
      const found = await askAll(
        door,
        options,
        json ? () => undefined : (text) => void process.stderr.write(`${text}\n`),
        language,
      );
      tell(found, json, language);
    });
}

async function askAll(
  door: HubDoor,
  { node, wait }: Options,
  note: (text: string) => void,
  language: Language,
): Promise<readonly Back[]> {
  const say = words[language];
  const before = await door.holds();
  const answers = await door.resend(actor(), node ?? null);
  for (const answer of answers) {
    if (answer.ok) note(say.holds(answer.node, answer.files ?? 0));
    else note(say.silent(answer.node, answer.text));
  }
  const startedMs = performance.now();
  for (let told = -1; ; await pause(1000)) {
    const found = compare(answers, before, await door.holds());
    const [back, of] = [sum(found.map((each) => each.back)), sum(found.map(({ held }) => held ?? 0))];
    if (back >= of || performance.now() - startedMs >= wait * 1000) return found;
    if (back !== told) note(say.progress(back, of));
    told = back;
  }
}

/** What was signed for since is what came again; new records of the same minutes may be among it, so never more than was held. */
function compare(answers: readonly ResendAnswer[], before: readonly Held[], now: readonly Held[]): Back[] {
  const of = (held: readonly Held[], node: string) => held.find((each) => each.node === node);
  return answers.map((answer) => {
    const held = answer.ok ? (answer.files ?? 0) : undefined;
    const came = (of(now, answer.node)?.signed ?? 0) - (of(before, answer.node)?.signed ?? 0);
    const missing = of(now, answer.node)?.missing ?? 0;
    return { node: answer.node, held, back: Math.min(came, held ?? 0), missing, text: answer.text };
  });
}

function tell(found: readonly Back[], json: boolean, language: Language): void {
  const say = words[language];
  const asked = found.filter(({ held }) => held !== undefined);
  const [back, of] = [sum(asked.map((each) => each.back)), sum(asked.map(({ held }) => held ?? 0))];
  const share = of === 0 ? 1 : back / of;
  if (json) process.stdout.write(`${JSON.stringify({ nodes: found, back, held: of, share })}\n`);
  else {
    for (const { node, held, back: here, missing } of found)
      if (held !== undefined) process.stdout.write(`${say.share(node, here, held, percent(here, held), missing)}\n`);
    process.stdout.write(`${say.all(back, of, percent(back, of))}\n`);
  }
  if (back < of || asked.length < found.length) process.exitCode = 1;
}

const percent = (part: number, of: number): string => (of === 0 ? '100' : ((100 * part) / of).toFixed(1));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(Number.isInteger(seconds) && seconds >= 0 && seconds <= waitSMax))
    throw new InvalidArgumentError(`must be a whole number from 0 to ${waitSMax}, not ${text}`);
  return seconds;
}
