// `matlang release keys|init|rotate|sign|publish`: the makers' side of signed updates. Each holder runs it with the own key only; what is not signed by enough is
// staged, and nodes never see it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { makeKeyPair, readHand, readPublicKey, type SigningHand } from '../../ota/trust/keys.ts';
import {
  type Holders,
  holdersOf,
  publish,
  type RootStanding,
  signStaged,
  signStagedRoot,
  stageRelease,
  writeRoot,
} from '../../ota/trust/repository.ts';
import type { Role } from '../../ota/trust/trusted-set.ts';
import type { Language } from '../language.ts';

const roles = ['root', 'targets', 'snapshot', 'timestamp'] as const satisfies readonly Role[];
/** Two of three for the root, two of two for what is installed; the hub renews the other two by itself. */
const thresholds: Readonly<Record<Role, number>> = { root: 2, targets: 2, snapshot: 1, timestamp: 1 };

interface Repo {
  readonly repo: string;
  readonly key: readonly string[];
}
type Publics = Readonly<Record<Role, readonly string[]>>;

export function registerSigning(release: Command, language: Language): void {
  const say = words[language];
  const tell = (text: string) => process.stdout.write(`${text}\n`);
  const keyed = (command: Command) =>
    command.requiredOption('--repo <dir>', say.repo).option('--key <file>', say.key, collect, []);

  release
    .command('keys <name...>')
    .description(say.keys)
    .requiredOption('--out <dir>', say.out)
    .action((names: readonly string[], { out }: { out: string }) => {
      mkdirSync(out, { recursive: true, mode: 0o700 });
      for (const name of names) tell(say.madeKey(makeKey(resolve(out), name)));
    });
  const init = keyed(release.command('init').description(say.init));
  for (const role of roles) init.requiredOption(`--${role} <pub...>`, say.publicOf(role));
  init.action((options: Repo & Publics) => {
    if (holdersOf(options.repo) !== undefined) throw new Error(say.hasRoot(options.repo));
    writeNext(options, Object.fromEntries(roles.map((role) => [role, options[role]])), say, tell);
  });
  const rotate = keyed(release.command('rotate').description(say.rotate));
  for (const role of roles) rotate.option(`--${role} <pub...>`, say.publicOf(role));
  rotate.action((options: Repo & Partial<Publics>) => {
    if (holdersOf(options.repo) === undefined) throw new Error(say.noRoot(options.repo));
    writeNext(options, Object.fromEntries(roles.map((role) => [role, options[role]])), say, tell);
  });
  keyed(release.command('sign').description(say.sign))
    .option('--release <dir>', say.release)
    .option('--note-vi <text>', say.note('vi'), '')
    .option('--note-en <text>', say.note('en'), '')
    .action((options: Repo & { release?: string; noteVi: string; noteEn: string }) => {
      if (options.release !== undefined) {
        const note = { vi: options.noteVi, en: options.noteEn };
        const { release: name, arch, serial } = made(stageRelease(options.repo, options.release, note, Date.now()));
        tell(say.staged(name, arch, serial));
      }
      for (const hand of handsIn(options.key)) {
        const root = signStagedRoot(options.repo, hand);
        if (root !== undefined) {
          tell(say.rooted(made(root), options.repo));
          continue;
        }
        const { signed, needed } = made(signStaged(options.repo, hand));
        tell(say.signed(signed, needed));
      }
    });
  keyed(release.command('publish').description(say.publish)).action((options: Repo) => {
    tell(say.published(made(publish(options.repo, handsIn(options.key), Date.now()))));
  });
}

type Say = (typeof words)['vi' | 'en'];

/** The root as it was, with the named roles given to other keys. */
function writeNext(
  { repo, key }: Repo,
  publics: Readonly<Record<string, readonly string[] | undefined>>,
  say: Say,
  tell: (text: string) => void,
): void {
  const before = holdersOf(repo);
  const of = (role: Role) => {
    const keys = publics[role]?.map((path) => readPublicKey(readFileSync(path, 'utf8'))) ?? before?.[role].keys ?? [];
    if (new Set(keys.map(({ keyID }) => keyID)).size < thresholds[role])
      throw new Error(say.tooFew(role, thresholds[role], keys.length));
    return { keys, threshold: thresholds[role] };
  };
  const holders: Holders = {
    root: of('root'),
    targets: of('targets'),
    snapshot: of('snapshot'),
    timestamp: of('timestamp'),
  };
  tell(say.rooted(made(writeRoot(repo, holders, handsIn(key), Date.now())), repo));
}

function makeKey(folder: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    throw new Error(`a key's name is 1 to 64 of a-z, 0-9 and -, not ${name}`);
  const path = join(folder, `${name}.key.pem`);
  if (existsSync(path)) throw new Error(`${path} is there already`);
  const pair = makeKeyPair(passphrase());
  writeFileSync(path, pair.privatePem, { mode: 0o600, flag: 'wx' });
  writeFileSync(join(folder, `${name}.pub.pem`), pair.publicPem, { flag: 'wx' });
  return path;
}

const handsIn = (paths: readonly string[]): SigningHand[] =>
  paths.map((path) => readHand(readFileSync(path, 'utf8'), passphrase()));

/** Not an option: options are seen in the list of processes. */
const passphrase = (): string | undefined => process.env.MATLANG_KEY_PASSPHRASE;

function made<T>(result: { readonly ok: true; readonly made: T } | { readonly ok: false; readonly text: string }): T {
  if (!result.ok) throw new Error(result.text);
  return result.made;
}

const collect = (text: string, all: readonly string[]): string[] => [...all, text];

const words = {
  vi: {
    repo: 'kho bản phần mềm (thư mục)',
    key: 'khóa riêng của người ký, nhắc lại được; mật khẩu của khóa trong biến MATLANG_KEY_PASSPHRASE',
    out: 'nơi ghi khóa',
    keys: 'tạo cặp khóa ký, mỗi người giữ một khóa',
    init: 'lễ khóa: ghi gốc tin cậy đầu tiên (gốc: 2 trong 3 khóa, bản phần mềm: 2 trong 2)',
    rotate: 'thay khóa của một vai trò; người giữ khóa gốc cũ và mới cùng ký, mỗi người trên máy của mình cũng được',
    sign: 'đưa một bản vào danh sách chờ và ký, hoặc ký gốc tin cậy đang chờ; người thứ hai chạy lại không cần --release',
    publish: 'công bố khi đủ chữ ký, hoặc gia hạn dấu thời gian',
    release: 'thư mục do `release build` tạo',
    note: (language: string) => `lời nhắn cho kỹ thuật viên (${language})`,
    publicOf: (role: string) => `khóa công khai của vai trò ${role}`,
    madeKey: (path: string) => `Đã tạo ${path}. Giao cho đúng người giữ rồi xóa khỏi máy này.`,
    rooted: ({ version, lacks }: RootStanding, repo: string) =>
      lacks === undefined
        ? `Đã ghi gốc tin cậy số ${version} trong ${join(repo, 'metadata')}.`
        : `Gốc tin cậy số ${version} còn chờ chữ ký (${lacks}). Người giữ khóa gốc khác gõ: matlang release sign --repo ${repo} --key …`,
    staged: (name: string, arch: string, serial: number) => `Bản ${name} (${arch}), số thứ tự ${serial}, đang chờ ký.`,
    signed: (signed: number, needed: number) => `Đã có ${signed} trong ${needed} chữ ký.`,
    published: (version: number) => `Đã công bố danh sách số ${version}.`,
    hasRoot: (repo: string) => `${repo} đã có gốc tin cậy; dùng release rotate`,
    noRoot: (repo: string) => `${repo} chưa có gốc tin cậy; dùng release init`,
    tooFew: (role: string, needed: number, given: number) =>
      `vai trò ${role} cần ít nhất ${needed} khóa, không phải ${given}`,
  },
  en: {
    repo: 'the repository of releases (a folder)',
    key: "the signer's private key, repeatable; its passphrase is read from MATLANG_KEY_PASSPHRASE",
    out: 'where to write the keys',
    keys: 'make signing key pairs, one for each holder',
    init: 'key ceremony: write the first root of trust (root: 2 of 3 keys, releases: 2 of 2)',
    rotate: "replace a role's keys; holders of old and new root keys sign, each on a machine of their own if need be",
    sign: 'put a release on the list that waits, and sign it, or sign a root that waits; the second holder runs it without --release',
    publish: 'publish when there are enough signatures, or renew the timestamp',
    release: 'the folder made by `release build`',
    note: (language: string) => `words for the technician (${language})`,
    publicOf: (role: string) => `public keys of the role ${role}`,
    madeKey: (path: string) => `Made ${path}. Hand it to its holder and remove it from this machine.`,
    rooted: ({ version, lacks }: RootStanding, repo: string) =>
      lacks === undefined
        ? `Root of trust number ${version} is in ${join(repo, 'metadata')}.`
        : `Root of trust number ${version} waits for signatures (${lacks}). Another holder of a root key types: matlang release sign --repo ${repo} --key …`,
    staged: (name: string, arch: string, serial: number) =>
      `Release ${name} (${arch}), serial ${serial}, waits for signatures.`,
    signed: (signed: number, needed: number) => `${signed} of ${needed} signatures.`,
    published: (version: number) => `List number ${version} is published.`,
    hasRoot: (repo: string) => `${repo} has a root of trust already: use release rotate`,
    noRoot: (repo: string) => `${repo} has no root of trust yet: use release init`,
    tooFew: (role: string, needed: number, given: number) =>
      `the role ${role} needs at least ${needed} keys, not ${given}`,
  },
} as const;
