// `matlang update apply|status`: a release from a folder onto this node, and where its updates stand.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Applied, apply } from '../../ota/apply.ts';
import { selfTestMsMax } from '../../ota/launcher.ts';
import { readState } from '../../ota/root.ts';
import { shelf } from '../../ota/shelf.ts';
import { type Language, languageOf } from '../language.ts';

const rootDefault = '/opt/matlang';
const configDefault = '/etc/matlang/node.yaml';

interface ApplyOptions {
  readonly from: string;
  readonly root: string;
  readonly config: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  const update = program.command('update').description(say.about);
  update
    .command('apply')
    .description(say.apply)
    .requiredOption('--from <dir>', say.from)
    .option('--root <dir>', say.root, rootDefault)
    .option('--config <file>', say.config, configDefault)
    .option('--json', say.json)
    .action(async (options: ApplyOptions) => {
      process.exitCode = await applyFrom(options, language);
    });
  update
    .command('status')
    .description(say.status)
    .option('--root <dir>', say.root, rootDefault)
    .option('--json', say.json)
    .action((options: { root: string; json?: boolean }) => {
      process.exitCode = status(options, language);
    });
}

async function applyFrom(options: ApplyOptions, language: Language): Promise<number> {
  const rules = { root: resolve(options.root), selfTestArgs: ['--config', resolve(options.config)], selfTestMsMax };
  const applied = await apply(shelf, rules, resolve(options.from)).catch(
    (error: unknown): Applied => ({
      ok: false,
      why: 'io',
      text: error instanceof Error ? error.message : String(error),
    }),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(applied)}\n`);
  else if (applied.ok) process.stdout.write(`${words[language].done(applied.release)}\n`);
  else process.stderr.write(`matlang: ${words[language].refused[applied.why]} (${applied.text})\n`);
  return applied.ok ? 0 : 1;
}

function status({ root, json }: { root: string; json?: boolean }, language: Language): number {
  const say = words[language];
  if (!existsSync(root)) {
    process.stderr.write(`matlang: ${say.noRoot(root)}\n`);
    return 1;
  }
  const state = readState(root);
  if (json) process.stdout.write(`${JSON.stringify(state)}\n`);
  else if (state.name !== 'steady') process.stdout.write(`${say.underWay(state.name)}\n`);
  else {
    process.stdout.write(`${say.running(state.release, state.previous)}\n`);
    if (state.back !== undefined)
      process.stdout.write(`${say.back(state.back.release)}\n${state.back.whys.map((why) => `  - ${why}\n`).join('')}`);
  }
  return 0;
}

type Refusal = Extract<Applied, { ok: false }>['why'];
interface UpdateWords {
  readonly about: string;
  readonly apply: string;
  readonly status: string;
  readonly from: string;
  readonly root: string;
  readonly config: string;
  readonly json: string;
  readonly done: (release: string) => string;
  readonly noRoot: (root: string) => string;
  readonly underWay: (name: string) => string;
  readonly running: (release: string | null, previous: string | null) => string;
  readonly back: (release: string) => string;
  readonly refused: Readonly<Record<Refusal, string>>;
}

const restart = 'sudo systemctl restart matlang-recorder matlang-uplink';
const words: Readonly<Record<Language, UpdateWords>> = {
  vi: {
    about: 'cập nhật phần mềm của mắt camera',
    apply: 'cài một bản từ thư mục (USB), tự kiểm tra, không đạt thì quay về bản cũ',
    status: 'bản đang chạy, bản trước, và lý do lần quay về gần nhất',
    from: 'thư mục có release.json',
    root: 'nơi cài các bản phần mềm',
    config: 'cấu hình của mắt camera, dùng khi tự kiểm tra',
    json: 'in kết quả dạng JSON',
    done: (release) => `Đã cài bản ${release}. Bước tiếp theo: ${restart}`,
    noRoot: (root) => `không có thư mục ${root}`,
    underWay: (name) => `Cập nhật đang dở (${name}); khởi động lại máy để hoàn tất`,
    running: (release, previous) => `Đang chạy: ${release ?? 'chưa có bản nào'}; bản trước: ${previous ?? 'không có'}`,
    back: (release) => `Bản ${release} không đạt tự kiểm tra, đã quay về:`,
    refused: {
      'no-list': 'thư mục này không phải một bản phần mềm',
      'bad-list': 'danh sách tệp không hợp lệ',
      'bad-path': 'danh sách có đường dẫn bị cấm',
      'wrong-arch': 'bản này dành cho loại máy khác',
      missing: 'thiếu tệp',
      'not-a-file': 'có mục không phải tệp thường',
      damaged: 'tệp bị hỏng, hãy chép lại từ nguồn',
      'name-taken': 'một bản khác cùng tên đang được dùng',
      'no-room': 'thẻ không đủ chỗ trống',
      io: 'không đọc hoặc ghi được',
      busy: 'một lần cập nhật khác đang chạy',
      'already-running': 'bản này đang chạy rồi',
      'rolled-back': 'bản mới không đạt tự kiểm tra, đã quay về bản cũ',
    },
  },
  en: {
    about: "update the node's software",
    apply: 'install a release from a folder (stick), let it test itself, go back if it fails',
    status: 'the release that runs, the one before, and why the last roll-back happened',
    from: 'folder with release.json',
    root: 'where releases are installed',
    config: "the node's configuration, for the self-test",
    json: 'print the result as JSON',
    done: (release) => `Release ${release} is installed. Next step: ${restart}`,
    noRoot: (root) => `there is no ${root}`,
    underWay: (name) => `An update is under way (${name}); restart the machine to finish it`,
    running: (release, previous) => `Running: ${release ?? 'no release'}; before it: ${previous ?? 'none'}`,
    back: (release) => `Release ${release} failed its self-test and was taken back:`,
    refused: {
      'no-list': 'this folder is not a release',
      'bad-list': 'the list of files is not valid',
      'bad-path': 'the list names a forbidden path',
      'wrong-arch': 'this release is for another kind of machine',
      missing: 'a file is missing',
      'not-a-file': 'something is not a plain file',
      damaged: 'a file is damaged: copy it again from its source',
      'name-taken': 'another release of that name is in use',
      'no-room': 'the card has too little room',
      io: 'it could not be read or written',
      busy: 'another update is at work',
      'already-running': 'this release is running already',
      'rolled-back': 'the new release failed its self-test; the old one is back',
    },
  },
};
