// `matlang update trust|check|apply|status`: signed releases from a stick or a server onto this node, and where its updates stand.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadConfig } from '../../agent/config-file.ts';
import { readHead } from '../../agent/head.ts';
import { keepTime } from '../../agent/keep-time.ts';
import { openBoardClock } from '../../hal/clock.ts';
import { disk } from '../../hal/disk.ts';
import { type Applied, apply } from '../../ota/apply.ts';
import { handOverFor, installedRoot } from '../../ota/hand-over.ts';
import { selfTestMsMax } from '../../ota/launcher.ts';
import { besideEvidence, type MayUse } from '../../ota/room.ts';
import { readState } from '../../ota/root.ts';
import { shelf } from '../../ota/shelf.ts';
import { type Told, tell } from '../../ota/told.ts';
import { isVouched, madeMsOf, referenceTime } from '../../ota/trust/reference-time.ts';
import { sourceAt } from '../../ota/trust/source.ts';
import { hasTrust, plantTrust, readTrust } from '../../ota/trust/store.ts';
import { look, type Updated, update as updateFrom } from '../../ota/trust/update.ts';
import { type Language, languageOf } from '../language.ts';

const rootDefault = installedRoot;
const configDefault = '/etc/matlang/node.yaml';
/** sysexits.h, EX_TEMPFAIL: another update is at work, and systemd tries again (systemd/matlang-install.service). */
const exitBusy = 75;

interface Options {
  readonly from: string;
  readonly root: string;
  readonly config: string;
  readonly release?: string;
  readonly told?: string;
  readonly by?: 'hub' | 'hand';
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const say = words[language];
  const update = program.command('update').description(say.about);
  update
    .command('trust <root.json>')
    .description(say.trust)
    .option('--root <dir>', say.root, rootDefault)
    .action((path: string, { root }: { root: string }) => {
      process.exitCode = trust(path, resolve(root), language);
    });
  update
    .command('check')
    .description(say.check)
    .requiredOption('--from <place>', say.from)
    .option('--root <dir>', say.root, rootDefault)
    .option('--config <file>', say.config, configDefault)
    .option('--json', say.json)
    .action(async (options: Options) => {
      process.exitCode = await check(options, language);
    });
  update
    .command('apply')
    .description(say.apply)
    .requiredOption('--from <place>', say.from)
    .option('--root <dir>', say.root, rootDefault)
    .option('--config <file>', say.config, configDefault)
    .option('--release <name>', say.release)
    .addOption(new Option('--told <dir>', say.told).hideHelp())
    .addOption(new Option('--by <who>', say.told).choices(['hub', 'hand']).default('hand').hideHelp())
    .option('--json', say.json)
    .action(async (options: Options) => {
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

function trust(path: string, root: string, language: Language): number {
  const say = words[language];
  mkdirSync(root, { recursive: true, mode: 0o755 });
  if (hasTrust(root) && readTrust(root).ok) {
    process.stderr.write(`matlang: ${say.trustedAlready(root)}\n`);
    return 1;
  }
  const planted = plantTrust(shelf, root, readFileSync(path));
  if (planted.ok) process.stdout.write(`${say.trusted(planted.now.root.signed.version)}\n`);
  else process.stderr.write(`matlang: ${path}: ${say.refused[planted.why]} (${planted.text})\n`);
  return planted.ok ? 0 : 1;
}

async function check(options: Options, language: Language): Promise<number> {
  const say = words[language];
  const root = resolve(options.root);
  if (!hasTrust(root)) {
    process.stderr.write(`matlang: ${say.noTrust(root)}\n`);
    return 1;
  }
  const referenceMs = await referenceOf(options);
  const looked = await look({ shelf, rules: rulesOf(options), source: sourceAt(options.from), referenceMs });
  if (options.json) process.stdout.write(`${JSON.stringify(looked)}\n`);
  else if (!looked.ok) process.stderr.write(`matlang: ${say.refused[looked.why]} (${looked.text})\n`);
  else if (looked.offer === undefined) process.stdout.write(`${say.nothingNew(looked.running)}\n`);
  else process.stdout.write(`${say.offered(looked.offer.release)}\n${looked.offer.note[language]}\n`);
  return looked.ok ? 0 : 1;
}

const rulesOf = ({ root, config }: Options) => ({
  root: resolve(root),
  selfTestArgs: ['--config', resolve(config)],
  selfTestMsMax,
});

/** With a root of trust, only what the makers have signed; a root that was never given one takes a plain release folder from whoever may write there. */
async function applyFrom(options: Options, language: Language): Promise<number> {
  const say = words[language];
  const handOver = handOverFor(resolve(options.root));
  const rules = { ...rulesOf(options), ...(handOver === undefined ? {} : { handOver }) };
  const tellOthers = (is: Told['is'], why: string, text: string) => {
    if (options.told === undefined) return;
    tell(options.told, { is, by: options.by ?? 'hand', release: options.release ?? '', why, text });
  };
  const begun = { told: false };
  const told = (done: number, all: number) => {
    if (!begun.told) tellOthers('accepted', '', '');
    begun.told = true;
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.floor((100 * done) / Math.max(1, all))} %`);
  };
  const signed = async (): Promise<Updated> =>
    updateFrom({
      ...{ shelf, rules, told },
      source: sourceAt(options.from),
      referenceMs: await referenceOf(options),
      wanted: options.release,
      mayUse: await mayUseOf(options),
    });
  const plain = async (): Promise<Applied | NoTrust> => {
    // Nobody is asked when a stick is put in: it must be signed.
    if (options.told !== undefined) return { ok: false, why: 'no-trust', text: rules.root };
    return apply(shelf, { ...rules, mayUse: await mayUseOf(options) }, resolve(options.from));
  };
  const applied = await (hasTrust(rules.root) ? signed() : plain()).catch(
    (error: unknown): Applied => ({
      ok: false,
      why: 'io',
      text: error instanceof Error ? error.message : String(error),
    }),
  );
  const isBusy = !applied.ok && applied.why === 'busy';
  // What the hub wished for waits its turn; somebody at the pole is told at once.
  if (!(isBusy && options.by === 'hub'))
    tellOthers(
      applied.ok ? 'done' : 'refused',
      applied.ok ? '' : applied.why,
      applied.ok ? `${applied.release}` : applied.text,
    );
  if (options.json) process.stdout.write(`${JSON.stringify(applied)}\n`);
  else if (!applied.ok) process.stderr.write(`matlang: ${say.refused[applied.why]} (${applied.text})\n`);
  else if ('nothingNew' in applied) process.stdout.write(`${say.nothingNew(applied.release)}\n`);
  else process.stdout.write(`${handOver === undefined ? say.done(applied.release) : say.onTrial(applied.release)}\n`);
  if (isBusy) return exitBusy;
  return applied.ok ? 0 : 1;
}

/** The time as this node knows it: its own floor, its software's age, and the clock where somebody vouches for it. */
async function referenceOf({ root, config: path }: Options): Promise<number> {
  const config = await loadConfig(disk, path, 'read-only').catch(() => undefined);
  const head = config === undefined ? undefined : await readHead(disk, config.identityDir).catch(() => undefined);
  const floorMs = head?.floorMs ?? 0;
  const now = keepTime(openBoardClock({ trust: config?.config.clock ?? 'auto' }), floorMs).now();
  const madeMs = madeMsOf(resolve(root));
  return referenceTime({ synced: isVouched(now), systemMs: now.wallMs ?? 0, floorMs, madeMs });
}

/** On a node, never the place of what waits for the hub; a root without a configuration beside it has no evidence. */
async function mayUseOf({ root, config: path }: Options): Promise<MayUse | undefined> {
  const loaded = await loadConfig(disk, path, 'read-only').catch(() => undefined);
  if (loaded === undefined) return undefined;
  const keepFreeBytes = loaded.config.storage.keepFreeMiB * 1024 * 1024;
  return besideEvidence(disk, { dataDir: loaded.dataDir, into: resolve(root), keepFreeBytes });
}

function status({ root, json }: { root: string; json?: boolean }, language: Language): number {
  const say = words[language];
  if (!existsSync(root)) {
    process.stderr.write(`matlang: ${say.noRoot(root)}\n`);
    return 1;
  }
  const state = readState(root);
  if (json) process.stdout.write(`${JSON.stringify(state)}\n`);
  else if (state.name === 'proving') process.stdout.write(`${say.proving(state.release, state.before)}\n`);
  else if (state.name !== 'steady') process.stdout.write(`${say.underWay(state.name)}\n`);
  else {
    process.stdout.write(`${say.running(state.release, state.previous)}\n`);
    if (state.back !== undefined)
      process.stdout.write(
        `${say.back(state.back.release)}\n${state.back.whys.map((why) => `  - ${why}\n`).join('')}${state.back.log ?? ''}`,
      );
  }
  return 0;
}

type NoTrust = { readonly ok: false; readonly why: 'no-trust'; readonly text: string };
type Refusal = Extract<Applied | Updated | NoTrust, { ok: false }>['why'];
interface UpdateWords {
  readonly about: string;
  readonly trust: string;
  readonly check: string;
  readonly apply: string;
  readonly status: string;
  readonly from: string;
  readonly root: string;
  readonly config: string;
  readonly release: string;
  readonly told: string;
  readonly json: string;
  readonly trusted: (version: number) => string;
  readonly trustedAlready: (root: string) => string;
  readonly noTrust: (root: string) => string;
  readonly nothingNew: (release: string | null) => string;
  readonly offered: (release: string) => string;
  readonly done: (release: string) => string;
  readonly onTrial: (release: string) => string;
  readonly proving: (release: string, before: string | null) => string;
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
    trust: 'đặt gốc tin cậy ban đầu cho các bản cập nhật (một lần, khi lắp đặt)',
    check: 'xem kho (USB hoặc địa chỉ http) có bản mới đã ký hay không',
    apply: 'cài bản mới đã ký từ kho (USB hoặc địa chỉ http), tự kiểm tra, không đạt thì quay về bản cũ',
    status: 'bản đang chạy, bản trước, và lý do lần quay về gần nhất',
    from: 'kho bản phần mềm: thư mục hoặc địa chỉ http(s)',
    root: 'nơi cài các bản phần mềm',
    config: 'cấu hình của mắt camera, dùng khi tự kiểm tra',
    release: 'chỉ cài đúng bản này',
    told: 'dùng cho dịch vụ: nơi báo kết quả, và ai yêu cầu',
    json: 'in kết quả dạng JSON',
    trusted: (version) => `Đã đặt gốc tin cậy số ${version}.`,
    trustedAlready: (root) => `${root} đã có gốc tin cậy, không thay bằng lệnh này`,
    noTrust: (root) => `${root} chưa có gốc tin cậy; dùng update trust`,
    nothingNew: (release) => `Không có bản mới. Đang chạy: ${release ?? 'chưa có bản nào'}`,
    offered: (release) => `Có bản mới đã ký: ${release}`,
    done: (release) => `Đã cài bản ${release}. Bước tiếp theo: ${restart}`,
    onTrial: (release) =>
      `Đã cài bản ${release}, đang chạy thử. Khi máy chủ xã xác nhận thì bản này được giữ; mất mạng thì cứ chờ, không quay về.`,
    proving: (release, before) =>
      `Đang chạy thử: ${release}, chờ máy chủ xã xác nhận; bản để quay về: ${before ?? 'không có'}`,
    noRoot: (root) => `không có thư mục ${root}`,
    underWay: (name) => `Cập nhật đang dở (${name}); khởi động lại máy để hoàn tất`,
    running: (release, previous) => `Đang chạy: ${release ?? 'chưa có bản nào'}; bản trước: ${previous ?? 'không có'}`,
    back: (release) => `Bản ${release} không đạt, đã quay về:`,
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
      'no-trust': 'mắt camera này chưa có gốc tin cậy (matlang update trust)',
      busy: 'một lần cập nhật khác đang chạy',
      'already-running': 'bản này đang chạy rồi',
      'rolled-back': 'bản mới không đạt tự kiểm tra, đã quay về bản cũ',
      replayed: 'kho này cũ hơn kho đã thấy trước đây',
      malformed: 'dữ liệu của kho không đọc được',
      unsigned: 'không đủ chữ ký của những người giữ khóa',
      'not-next': 'gốc tin cậy không nối tiếp gốc đang dùng',
      mismatch: 'các phần của kho không khớp nhau',
      expired: 'kho đã hết hạn, cần công bố lại',
      absent: 'kho thiếu tệp',
      'too-large': 'tệp lớn hơn mức đã ký',
      unreachable: 'không đọc được kho, lần sau sẽ tải tiếp',
    },
  },
  en: {
    about: "update the node's software",
    trust: 'plant the first root of trust for updates (once, when the node is set up)',
    check: 'see whether a repository (stick or http address) has a newer signed release',
    apply:
      'install the newest signed release of a repository (stick or http address), let it test itself, go back if it fails',
    status: 'the release that runs, the one before, and why the last roll-back happened',
    from: 'repository of releases: a folder or an http(s) address',
    root: 'where releases are installed',
    config: "the node's configuration, for the self-test",
    release: 'no other release than this',
    told: 'for the services: where the outcome is told, and who asked',
    json: 'print the result as JSON',
    trusted: (version) => `Root of trust number ${version} is planted.`,
    trustedAlready: (root) => `${root} has a root of trust already, which this command does not replace`,
    noTrust: (root) => `${root} has no root of trust yet: use update trust`,
    nothingNew: (release) => `Nothing new. Running: ${release ?? 'no release'}`,
    offered: (release) => `A newer signed release: ${release}`,
    done: (release) => `Release ${release} is installed. Next step: ${restart}`,
    onTrial: (release) =>
      `Release ${release} is installed and on trial. It is kept when the hub has signed for it; without a link it waits and does not go back.`,
    proving: (release, before) =>
      `On trial: ${release}, until the hub has signed for it; the way back: ${before ?? 'none'}`,
    noRoot: (root) => `there is no ${root}`,
    underWay: (name) => `An update is under way (${name}); restart the machine to finish it`,
    running: (release, previous) => `Running: ${release ?? 'no release'}; before it: ${previous ?? 'none'}`,
    back: (release) => `Release ${release} was taken back:`,
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
      'no-trust': 'this node was never given a root of trust (matlang update trust)',
      busy: 'another update is at work',
      'already-running': 'this release is running already',
      'rolled-back': 'the new release failed its self-test; the old one is back',
      replayed: 'this repository is older than one seen before',
      malformed: 'the repository cannot be read',
      unsigned: 'too few of the key holders have signed',
      'not-next': 'the root of trust does not follow the one in use',
      mismatch: 'parts of the repository do not belong together',
      expired: 'the repository has expired: publish it again',
      absent: 'the repository lacks a file',
      'too-large': 'a file is larger than signed',
      unreachable: 'the repository cannot be reached; the next try goes on from here',
    },
  },
};
