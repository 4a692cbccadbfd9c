// `matlang replay FILE`: what the motion filter makes of a film, and why.
import { access, readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { type EventsConfig, eventsSchema, type MotionConfig, motionSchema } from '../../agent/core/config/schema.ts';
import { type EventState, step, updateMs, watching } from '../../agent/core/events.ts';
import { createMotion } from '../../agent/core/motion/motion.ts';
import type { EventDetails } from '../../protocol/details.ts';
import { type FilmRead, readGreyFilm } from '../grey-film.ts';
import { type Language, languageOf } from '../language.ts';

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}
interface Rules {
  readonly motion: MotionConfig;
  readonly events: EventsConfig;
}
interface Replayed {
  readonly read: FilmRead;
  readonly frames: number;
  readonly cpuMsPerFrame: number;
  readonly events: readonly EventDetails[];
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  program
    .command('replay')
    .description(say.about)
    .argument(`<${say.file}>`, say.film)
    .option('--config <file>', say.config)
    .option('--json', say.json)
    .action(async (film: string, options: Options) => {
      process.exitCode = await replay(film, options, language);
    });
}

async function replay(film: string, options: Options, language: Language): Promise<number> {
  const say = words[language];
  const rules = await rulesFrom(options.config, language);
  if (typeof rules === 'string') return fail(rules);
  const found = await stat(film).catch((error: unknown) => error);
  if (found instanceof Error) return fail(say.noFile(film));
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const replayed = await play(film, rules, language, stopped.signal);
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (!replayed.read.ok && replayed.read.why === 'unreadable') return fail(say.noFilm(film, replayed.read.text));
  process.stdout.write(options.json ? asJson(replayed, rules) : asTable(replayed, rules, language));
  if (replayed.read.ok) return 0;
  return fail(say.cut(film, replayed.frames / rules.motion.fps, replayed.read.announcedS));
}

async function rulesFrom(path: string | undefined, language: Language): Promise<Rules | string> {
  if (path === undefined) return { motion: motionSchema.parse({}), events: eventsSchema.parse({}) };
  const readable = await access(path).then(
    () => true,
    () => false,
  );
  if (!readable) return words[language].noFile(path);
  const read = readNodeConfig(await readFile(path), path);
  return read.ok ? read.config : read.faults.map((fault) => faultLine(fault, language)).join('\n');
}

async function play(film: string, rules: Rules, language: Language, signal: AbortSignal): Promise<Replayed> {
  const motion = createMotion(rules.motion, language);
  const eventRules = { quietMs: rules.events.quietMs, updateMs };
  const events: EventDetails[] = [];
  const progress = progressOn(process.stderr, words[language]);
  let state: EventState = watching('replay');
  let frames = 0;
  let cpuUs = 0;
  const advance = (seen: Parameters<typeof step>[1]) => {
    const next = step(state, seen, eventRules);
    state = next.state;
    for (const action of next.actions) if (action.do === 'close') events.push(action.event);
  };
  const read = await readGreyFilm(
    film,
    rules.motion,
    (frame) => {
      const before = process.threadCpuUsage();
      const seen = motion.see(frame);
      const used = process.threadCpuUsage(before);
      cpuUs += used.user + used.system;
      frames++;
      advance(seen);
      progress.show(frame.monoMs / 1000, events.length);
    },
    signal,
  );
  advance({ is: 'break', monoMs: (frames * 1000) / rules.motion.fps, why: 'film-end' });
  progress.clear();
  return { read, frames, cpuMsPerFrame: frames === 0 ? 0 : cpuUs / 1000 / frames, events };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

function asJson({ frames, cpuMsPerFrame, events }: Replayed, rules: Rules): string {
  const told = {
    frames,
    seconds: rounded(frames / rules.motion.fps, 3),
    cpuMsPerFrame: rounded(cpuMsPerFrame, 4),
    events: events.map((event) => ({
      startS: rounded(event.firstMonoMs / 1000, 3),
      endS: rounded(event.lastMonoMs / 1000, 3),
      peakShare: rounded(event.peakShare, 5),
      boxes: event.boxes.map(({ x, y, w, h }) => ({
        x: rounded(x, 4),
        y: rounded(y, 4),
        w: rounded(w, 4),
        h: rounded(h, 4),
      })),
      reason: event.reason,
    })),
  };
  return `${JSON.stringify(told)}\n`;
}

function asTable({ frames, cpuMsPerFrame, events }: Replayed, rules: Rules, language: Language): string {
  const say = words[language];
  const rows = events.map((event) =>
    [
      clock(event.firstMonoMs).padStart(9),
      clock(event.lastMonoMs).padStart(9),
      `${(100 * event.peakShare).toFixed(1)} %`.padStart(7),
      ` ${event.reason}`,
    ].join(' '),
  );
  const head = [say.from.padStart(9), say.to.padStart(9), say.peak.padStart(7), ` ${say.why}`].join(' ');
  const total = say.total(frames, frames / rules.motion.fps, events.length, cpuMsPerFrame);
  return `${[...(rows.length === 0 ? [] : [head, ...rows]), total].join('\n')}\n`;
}

/** 0:07.4, 12:03.0 */
function clock(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = (tenths % 600) / 10;
  return `${Math.floor(tenths / 600)}:${seconds.toFixed(1).padStart(4, '0')}`;
}

/** One line that rewrites itself, for people who wait: only on a terminal, at most twice a second. */
function progressOn(stream: NodeJS.WriteStream, say: ReplayWords) {
  let shownMs = performance.now();
  let shown = false;
  return {
    show: (seconds: number, events: number) => {
      if (!stream.isTTY || performance.now() - shownMs < 500) return;
      shownMs = performance.now();
      shown = true;
      stream.write(`\r${say.progress(seconds, events)}\u001b[K`);
    },
    clear: () => {
      if (shown) stream.write('\r\u001b[K');
    },
  };
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}

/** An MP4 keeps its index at the end: half of one is nothing. */
const noIndex = /moov atom not found/;

interface ReplayWords {
  readonly about: string;
  readonly file: string;
  readonly film: string;
  readonly config: string;
  readonly json: string;
  readonly from: string;
  readonly to: string;
  readonly peak: string;
  readonly why: string;
  readonly noFile: (path: string) => string;
  readonly noFilm: (path: string, why: string) => string;
  readonly cut: (path: string, seconds: number, announcedS: number | undefined) => string;
  readonly progress: (seconds: number, events: number) => string;
  readonly total: (frames: number, seconds: number, events: number, cpuMsPerFrame: number) => string;
}

const words: Readonly<Record<Language, ReplayWords>> = {
  vi: {
    about: 'chạy bộ lọc chuyển động trên một đoạn phim và nói vì sao có từng sự kiện',
    file: 'tệp',
    film: 'tệp phim',
    config: 'tệp cấu hình của mắt camera; không có thì dùng giá trị mặc định',
    json: 'in một đối tượng JSON cho máy đọc',
    from: 'từ',
    to: 'đến',
    peak: 'lớn nhất',
    why: 'vì sao',
    noFile: (path) => `không tìm thấy tệp: ${path}`,
    noFilm: (path, why) =>
      `không đọc được phim ${path}: ${noIndex.test(why) ? 'tệp bị cắt cụt (mất mục lục ở cuối), hoặc không phải là phim' : why}`,
    cut: (path, seconds, announcedS) =>
      `phim ${path} bị cắt cụt hoặc hỏng: chỉ đọc được ${seconds.toFixed(1)} giây${announcedS === undefined ? '' : ` trong ${announcedS.toFixed(1)} giây`}; kết quả trên chỉ tính phần đọc được`,
    progress: (seconds, events) => `đã xem ${seconds.toFixed(0)} giây phim, ${events} sự kiện`,
    total: (frames, seconds, events, cpuMsPerFrame) =>
      `${events} sự kiện trong ${seconds.toFixed(1)} giây phim (${frames} hình; bộ lọc tốn ${cpuMsPerFrame.toFixed(2)} ms CPU mỗi hình, chưa kể giải mã)`,
  },
  en: {
    about: 'run the motion filter over a film and say why each event is one',
    file: 'file',
    film: 'film to read',
    config: "the node's configuration; without it the defaults hold",
    json: 'print one JSON object for machines',
    from: 'from',
    to: 'to',
    peak: 'peak',
    why: 'why',
    noFile: (path) => `no such file: ${path}`,
    noFilm: (path, why) =>
      `cannot read the film ${path}: ${noIndex.test(why) ? 'it is cut short (the index at its end is missing), or is no film' : why}`,
    cut: (path, seconds, announcedS) =>
      `the film ${path} is cut short or damaged: only ${seconds.toFixed(1)} s${announcedS === undefined ? '' : ` of ${announcedS.toFixed(1)} s`} could be read; the result above is of that part`,
    progress: (seconds, events) => `${seconds.toFixed(0)} s of film seen, ${events} events`,
    total: (frames, seconds, events, cpuMsPerFrame) =>
      `${events} events in ${seconds.toFixed(1)} s of film (${frames} pictures; the filter took ${cpuMsPerFrame.toFixed(2)} ms CPU a picture, decoding not counted)`,
  },
};
