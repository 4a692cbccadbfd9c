// `matlang release build`: a node's release from this checkout, as a folder; the rest signs and publishes it.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { buildRelease } from '../../ota/build-release.ts';
import { nodeRelease } from '../../ota/node-release.ts';
import { type Machine, machines, putRuntime, stagePackages, stagingCache } from '../deb/staging.ts';
import { type Language, languageOf } from '../language.ts';
import { committedS } from '../release/committed.ts';
import { registerSigning } from '../release/signing.ts';

interface Options {
  readonly out: string;
  readonly name?: string;
  readonly arch?: string;
  readonly runtime?: string;
  readonly entry: readonly string[];
  readonly json?: boolean;
}

export function register(program: Command): void {
  const language = languageOf(program);
  const vi = language === 'vi';
  const release = program.command('release').description(vi ? 'làm bản phần mềm' : 'make releases');
  release
    .command('build')
    .description(vi ? 'đóng gói bản phần mềm cho mắt camera' : "bundle a node's release")
    .requiredOption('--out <dir>', vi ? 'thư mục trống để ghi' : 'an empty folder to write to')
    .option(
      '--name <name>',
      vi ? 'tên bản (mặc định: phiên bản trong package.json)' : "name (default: package.json's version)",
    )
    .addOption(
      new Option(
        '--arch <arch>',
        vi
          ? 'cho loại máy này, từ đúng những gì gói .deb của nó có (mặc định: máy này, từ node_modules)'
          : 'for this machine, of what its .deb is made of (default: this one, of node_modules)',
      )
        .choices(machines.map(({ debian }) => debian))
        .conflicts('runtime'),
    )
    .option(
      '--runtime <file>',
      vi ? 'tệp node đi kèm (mặc định: node đã khóa)' : 'the node binary to ship (default: the locked one)',
    )
    .option(
      '--entry <name=file>',
      vi
        ? 'chỉ đóng gói tệp này, nhắc lại được; tên đầu là chương trình tự kiểm tra'
        : 'bundle only this, repeatable; the first is the self-test',
      collect,
      [],
    )
    .option('--json', vi ? 'in kết quả dạng JSON' : 'print the result as JSON')
    .action(async (options: Options) => {
      process.exitCode = await build(options, language);
    });
  registerSigning(release, language);
}

async function build(options: Options, language: Language): Promise<number> {
  const work = await mkdtemp(join(tmpdir(), 'matlang-release-'));
  try {
    return await buildIn(work, options, language);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function buildIn(work: string, options: Options, language: Language): Promise<number> {
  const checkout = fileURLToPath(new URL('../../', import.meta.url));
  const machine = machines.find(({ debian }) => debian === options.arch);
  const made = { madeS: await committedS(checkout) };
  const of = machine === undefined ? undefined : await ofPackages(checkout, machine, work);
  const runtime = of?.runtime ?? options.runtime ?? lockedRuntime(checkout);
  const plan = { ...nodeRelease(checkout, options.name ?? version(checkout), runtime, of?.from), ...made };
  const entries = options.entry.map((text) => {
    const [name = '', main = ''] = text.split('=');
    return { name, main: resolve(main), program: `matlang-${name}` };
  });
  const first = entries[0];
  const built = await buildRelease(
    first === undefined ? plan : { ...plan, entries, selfTest: [`bin/${first.program}`], packages: [] },
    resolve(options.out),
  );
  if (!built.ok) {
    if (options.json) process.stdout.write(`${JSON.stringify(built)}\n`);
    else process.stderr.write(`matlang: ${built.text}\n`);
    return 1;
  }
  const { list, bytes } = built;
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ ok: true, release: list.release, arch: list.arch, files: list.files.length, bytes })}\n`,
    );
  else {
    const size = `${(bytes / 1e6).toFixed(1)} MB`;
    const told =
      language === 'vi'
        ? `Bản ${list.release} (${list.arch}): ${list.files.length} tệp, ${size}, ở ${options.out}`
        : `Release ${list.release} (${list.arch}): ${list.files.length} files, ${size}, in ${options.out}`;
    process.stdout.write(`${told}\n`);
  }
  return 0;
}

/** The same bytes as in the package: a node that was installed from one is not sent a runtime that it has. */
async function ofPackages(checkout: string, machine: Machine, work: string) {
  const staged = await stagePackages(checkout, machine, stagingCache());
  const runtime = join(work, 'node');
  await putRuntime(machine, staged, runtime);
  return { runtime, from: { arch: machine.node, nodeModules: join(staged, 'node_modules') } };
}

/** The Node that npm locked for this machine. */
function lockedRuntime(checkout: string): string {
  const locked = join(checkout, `node_modules/node-linux-${process.arch}/bin/node`);
  return existsSync(locked) ? locked : process.execPath;
}

function version(checkout: string): string {
  const file: unknown = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : '';
}

const collect = (text: string, all: readonly string[]): string[] => [...all, text];
