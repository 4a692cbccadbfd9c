// `matlang doctor`: looks at everything a node needs, says what it measured, and one next step for what is not well.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { faultLine, readNodeConfig } from '../../agent/core/config/read.ts';
import { release } from '../../agent/release.ts';
import { boardChecks } from '../doctor/board.ts';
import { writeBundle } from '../doctor/bundle.ts';
import { cameraCheck } from '../doctor/camera.ts';
import { cardChecks } from '../doctor/card.ts';
import { type Check, type Found, fail, type Patient } from '../doctor/check.ts';
import { linkChecks } from '../doctor/link.ts';
import { programChecks } from '../doctor/programs.ts';
import { releaseChecks } from '../doctor/release.ts';
import { runningCheck } from '../doctor/running.ts';
import { surveyAll } from '../doctor/survey.ts';
import { type Language, languageOf } from '../language.ts';
import { namesOf } from '../names-of.ts';

const checks: readonly Check[] = [
  ...programChecks,
  ...releaseChecks,
  cameraCheck,
  runningCheck,
  ...cardChecks,
  ...boardChecks,
  ...linkChecks,
];
/** Each has its paragraph in docs/guide/kiem-tra.md. */
export const checkIds: readonly string[] = checks.map(({ id }) => id);
const marks: Readonly<Record<Found['status'], string>> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };

interface Options {
  readonly config?: string;
  readonly root: string;
  readonly only?: readonly string[];
  readonly json?: boolean;
  readonly bundle?: string;
  readonly camera: readonly string[];
  readonly csv?: string;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const vi = language === 'vi';
  program
    .command('doctor')
    .description(
      vi ? 'kiểm tra máy, camera, thẻ, đồng hồ và cấu hình' : 'check machine, camera, card, clock and configuration',
    )
    .option('--config <file>', vi ? 'tệp cấu hình của mắt camera' : "the node's configuration")
    .option('--root <dir>', vi ? 'nơi cài các bản phần mềm' : 'where releases are installed', '/opt/matlang')
    .option(
      '--only <ids>',
      vi ? 'chỉ các mục này, cách nhau bằng dấu phẩy: camera,link' : 'these checks alone, with commas: camera,link',
      onlyThese,
    )
    .option('--json', vi ? 'in kết quả dạng JSON' : 'print the result as JSON')
    .option(
      '--bundle <file>',
      vi ? 'ghi gói .tar.gz cho nơi hỗ trợ (đã xóa mật khẩu, khóa)' : 'write a redacted .tar.gz for support',
    )
    .option(
      '--camera <url>',
      vi ? 'khảo sát camera có sẵn (rtsp://…), nhắc lại được' : 'survey a camera you have (rtsp://…), repeatable',
      (url: string, all: readonly string[]) => [...all, url],
      [],
    )
    .option('--csv <file>', vi ? 'thêm kết quả khảo sát vào bảng' : 'add the survey to a table')
    .action(async (options: Options) => {
      const { camera, csv, json } = options;
      if (camera.length === 0) process.exitCode = await doctor(options, language);
      else
        process.exitCode = await surveyAll(
          camera,
          { ...(csv === undefined ? {} : { csv }), ...(json === undefined ? {} : { json }) },
          language,
        );
    });
}

const onlyThese = (text: string): readonly string[] =>
  namesOf(text, checkIds, (unknown) => `must be some of ${checkIds.join(', ')}, not ${JSON.stringify(unknown)}`);

async function doctor(options: Options, language: Language): Promise<number> {
  const patient = await admit(options, language);
  const found: (Found & { readonly id: string })[] = [];
  // One after another: so that one check's load is not another's finding.
  for (const check of checks.filter(({ id }) => options.only?.includes(id) ?? true)) {
    const result = await check.look(patient).catch((error: unknown) => fail(String(error), 'MATLANG_DEBUG=1'));
    found.push({ id: check.id, ...result });
    if (!options.json) process.stdout.write(row(check[language], result));
  }
  const count = (status: Found['status']) => found.filter((one) => one.status === status).length;
  const well = count('fail') === 0;
  const report = `${JSON.stringify({ ok: well, release, checks: found }, undefined, 2)}\n`;
  const bundle = options.bundle === undefined ? undefined : await writeBundle(patient, report, options.bundle);
  if (options.json) {
    process.stdout.write(report);
  } else {
    const vi = language === 'vi';
    process.stdout.write(
      `\n${count('ok')} ok, ${count('warn')} ${vi ? 'cảnh báo' : 'warnings'}, ${count('fail')} ${vi ? 'lỗi' : 'failures'}\n`,
    );
    if (bundle !== undefined) process.stdout.write(`${bundle}\n`);
  }
  return well ? 0 : 1;
}

async function admit({ config, root }: Options, language: Language): Promise<Patient> {
  const base = {
    language,
    root,
    env: process.env,
    configFile: config,
    home: config === undefined ? '.' : dirname(resolve(config)),
  };
  if (config === undefined) return { ...base, config: undefined, configFaults: [] };
  const text = await readFile(config).catch((error: unknown) => String(error));
  if (typeof text === 'string') return { ...base, config: undefined, configFaults: [text] };
  const read = readNodeConfig(text, config);
  if (read.ok) return { ...base, config: read.config, configFaults: [] };
  return { ...base, config: undefined, configFaults: read.faults.map((fault) => faultLine(fault, language)) };
}

function row(title: string, found: Found): string {
  const lines = [`${marks[found.status]}  ${title}: ${found.measured.split('\n').join('\n        ')}\n`];
  if (found.next !== '') lines.push(`        → ${found.next}\n`);
  return lines.join('');
}
