// `matlang deb`: Debian packages of node and hub for both machines, from this checkout.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { release } from '../../agent/release.ts';
import { buildDeb, type Packing, packers } from '../deb/build.ts';
import { type PackageName, packageNames } from '../deb/control.ts';
import { machines, stagingCache } from '../deb/staging.ts';
import { languageOf } from '../language.ts';
import { committedS } from '../release/committed.ts';

interface Options {
  readonly out: string;
  readonly arch?: string;
  readonly package?: PackageName;
  readonly pack: Packing;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const vi = languageOf(program) === 'vi';
  program
    .command('deb')
    .description(vi ? 'đóng gói .deb cho mắt camera và máy chủ xã' : 'make the .deb packages of node and hub')
    .option('--out <dir>', vi ? 'thư mục để ghi' : 'folder to write to', 'dist')
    .addOption(
      new Option('--arch <arch>', vi ? 'chỉ loại máy này' : 'only this machine').choices(
        machines.map(({ debian }) => debian),
      ),
    )
    .addOption(new Option('--package <name>', vi ? 'chỉ gói này' : 'only this package').choices(packageNames))
    .addOption(
      new Option('--pack <how>', vi ? 'nén cho nhỏ hay cho nhanh' : 'pack it small, or quickly')
        .choices(Object.keys(packers))
        .default('small'),
    )
    .option('--json', vi ? 'in kết quả dạng JSON' : 'print the result as JSON')
    .action(async (options: Options) => {
      const checkout = fileURLToPath(new URL('../../', import.meta.url));
      const cache = stagingCache();
      const madeS = await committedS(checkout);
      if (madeS === undefined)
        throw new Error('a package is dated by the last commit: there is none, nor SOURCE_DATE_EPOCH');
      const built: { file: string; bytes: number }[] = [];
      for (const machine of machines.filter(({ debian }) => options.arch === undefined || debian === options.arch)) {
        for (const name of packageNames.filter((each) => options.package === undefined || each === options.package)) {
          const plan = { name, machine, checkout, version: release, madeS, cache, pack: options.pack };
          const file = await buildDeb(plan, resolve(options.out));
          const bytes = statSync(file).size;
          built.push({ file, bytes });
          if (options.json !== true) process.stdout.write(`${file}  ${(bytes / 1e6).toFixed(1)} MB\n`);
        }
      }
      if (options.json === true) process.stdout.write(`${JSON.stringify({ ok: true, built })}\n`);
    });
}
