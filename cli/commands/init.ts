// `matlang init FILE`: a commented configuration to begin with. Never overwrites.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import type * as z from 'zod';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { cameraSchema, configSchema } from '../../agent/core/config/schema.ts';
import { literals } from '../../agent/core/config/wanted.ts';
import { writeConfig } from '../../agent/core/config/write.ts';
import { type Language, languageOf } from '../language.ts';

interface Choices {
  readonly driver: string;
  readonly commune: string;
  readonly node: string;
  readonly title: string;
  readonly url: string;
  readonly film: string;
  readonly json?: boolean;
}

export const drivers: readonly string[] = cameraSchema.options.flatMap((option) =>
  literals(option.shape.driver).map(String),
);

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  program
    .command('init')
    .description(say.about)
    .argument('<FILE>', say.file)
    .addOption(new Option('--driver <name>', say.driver).choices(drivers).default('v4l2'))
    .option('--commune <name>', say.commune, 'xa-mau')
    .option('--node <name>', say.node, 'mat-01')
    .option('--title <text>', say.title, 'Cổng làng')
    .option('--url <rtsp://…>', say.url, 'rtsp://192.168.1.64:554/stream1')
    .option('--film <file>', say.film, 'film.mp4')
    .option('--json', say.json)
    .action((file: string, choices: Choices) => {
      process.exitCode = init(file, choices, language);
    });
}

/** A configuration below /etc is a package's: what its services write lies where they may. */
export const placesFor = (path: string): { readonly dataDir?: string; readonly identityDir?: string } =>
  path.startsWith('/etc/') ? { dataDir: '/var/lib/matlang/data', identityDir: '/var/lib/matlang/identity' } : {};

/** The text of a new file; the same choices give the same text. `more`: where data and identity do not lie beside it, and what is wired. */
export function newConfig(
  choices: Omit<Choices, 'json'>,
  more: {
    readonly dataDir?: string;
    readonly identityDir?: string;
    readonly pins?: z.input<typeof configSchema>['pins'];
  } = {},
): string {
  const { driver, commune, node, title } = choices;
  const own = driver === 'rtsp' ? { url: choices.url } : driver === 'film' ? { path: choices.film } : {};
  return writeConfig(configSchema, { commune, node, title, ...more, camera: { driver, ...own } });
}

function init(file: string, choices: Choices, language: Language): number {
  const say = words[language];
  const text = newConfig(choices);
  const read = readNodeConfig(text, basename(file));
  if (!read.ok) {
    // Only the names given on the command line can be wrong here.
    for (const fault of read.faults) process.stderr.write(`${faultLine(fault, language).replace(/^\S+ /, '')}\n`);
    return 1;
  }
  const fault = writeNew(file, text);
  if (fault !== undefined) {
    process.stderr.write(`matlang: ${fault === 'EEXIST' ? say.exists(file) : say.cannot(file, fault)}\n`);
    return 1;
  }
  process.stdout.write(choices.json ? `${JSON.stringify({ file, driver: choices.driver })}\n` : `${say.done(file)}\n`);
  return 0;
}

/** The code of what went wrong. Only the owner may read the file: a camera's password may stand in it. */
function writeNew(file: string, text: string): string | undefined {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

const words = {
  vi: {
    about: 'Tạo tệp cấu hình có chú thích cho một mắt camera (không ghi đè)',
    file: 'tệp sẽ tạo',
    driver: 'loại camera',
    commune: 'mã xã',
    node: 'mã mắt camera',
    title: 'tên gọi của điểm camera',
    url: 'địa chỉ RTSP (với --driver rtsp)',
    film: 'tệp phim (với --driver film)',
    json: 'kết quả dạng JSON',
    exists: (file: string) => `${file} đã có, không ghi đè; hãy chọn tên khác`,
    cannot: (file: string, code: string) => `không tạo được ${file} (${code})`,
    done: (file: string) => `Đã tạo ${file}. Mở ra xem, sửa cho đúng, rồi chạy: matlang node --config ${file}`,
  },
  en: {
    about: "Write a node's commented configuration (never overwrites)",
    file: 'file to write',
    driver: 'kind of camera',
    commune: "the commune's name",
    node: "the node's name",
    title: 'what people call this point',
    url: 'RTSP address (with --driver rtsp)',
    film: 'film (with --driver film)',
    json: 'result as JSON',
    exists: (file: string) => `${file} exists and was left alone; choose another name`,
    cannot: (file: string, code: string) => `cannot write ${file} (${code})`,
    done: (file: string) => `Wrote ${file}. Look through it, then run: matlang node --config ${file}`,
  },
} as const;
