// `matlang bench NAME`: repeatable measurements.
import { Argument, type Command } from 'commander';
import { printBench } from '../bench/figures.ts';
import { benchPipeline } from '../bench/pipeline.ts';
import { languageOf } from '../language.ts';

const benches = { pipeline: benchPipeline } as const;
type Name = keyof typeof benches;

export function register(program: Command): void {
  const vi = languageOf(program) === 'vi';
  program
    .command('bench')
    .description(vi ? 'đo hiệu năng, in số liệu và so với mục tiêu' : 'measure, and compare with the targets')
    .addArgument(new Argument('<name>', vi ? 'phép đo' : 'which measurement').choices(Object.keys(benches)))
    .option('--json', vi ? 'in kết quả dạng JSON' : 'print the result as JSON')
    .action(async (name: Name, { json }: { json?: boolean }) => {
      const result = await benches[name]((line) => process.stderr.write(`${line}\n`));
      process.exitCode = printBench(name, result, json === true) ? 0 : 1;
    });
}
