// `matlang bench NAME`: repeatable measurements.
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { benchCard, type CardBenchOptions } from '../bench/card.ts';
import { benchCrash, type CrashBenchOptions } from '../bench/crash.ts';
import { benchDesk, type DeskBenchOptions } from '../bench/desk.ts';
import { benchDrain } from '../bench/drain.ts';
import { printBench } from '../bench/figures.ts';
import { benchFleet, type FleetBenchOptions } from '../bench/fleet.ts';
import { benchMotion, type MotionBenchOptions } from '../bench/motion.ts';
import { onlyWords } from '../bench/motion-plan.ts';
import { benchPipeline } from '../bench/pipeline.ts';
import { benchSeal } from '../bench/seal.ts';
import { benchTamper, type TamperBenchOptions } from '../bench/tamper.ts';
import { benchUpdate, type UpdateBenchOptions } from '../bench/update.ts';
import { languageOf } from '../language.ts';
import { namesOf } from '../names-of.ts';

const benches = {
  pipeline: benchPipeline,
  motion: benchMotion,
  crash: benchCrash,
  seal: benchSeal,
  tamper: benchTamper,
  card: benchCard,
  drain: benchDrain,
  desk: benchDesk,
  fleet: benchFleet,
  update: benchUpdate,
} as const;
type Name = keyof typeof benches;

interface Options
  extends MotionBenchOptions,
    CrashBenchOptions,
    TamperBenchOptions,
    CardBenchOptions,
    DeskBenchOptions,
    UpdateBenchOptions,
    FleetBenchOptions {
  readonly json?: boolean;
}

export function register(program: Command): void {
  const vi = languageOf(program) === 'vi';
  program
    .command('bench')
    .description(vi ? 'đo hiệu năng, in số liệu và so với mục tiêu' : 'measure, and compare with the targets')
    .addArgument(new Argument('<name>', vi ? 'phép đo' : 'which measurement').choices(Object.keys(benches)))
    .option('--json', vi ? 'in kết quả dạng JSON' : 'print the result as JSON')
    .option(
      '--films <dir>',
      vi
        ? 'motion: thêm các phim trong thư mục này, có truth.json'
        : 'motion: the films of this folder too, which has a truth.json',
    )
    .option(
      '--hours <n>',
      vi
        ? 'motion: số giờ cho mỗi loại nhiễu và cho một ngày hỗn hợp'
        : 'motion: hours for each disturbance and for the mixed day',
      hoursOf,
    )
    .option(
      '--only <classes>',
      vi
        ? `motion: chỉ những loại này, cách nhau bằng dấu phẩy (${onlyWords.join(' ')})`
        : `motion: these classes only, commas between (${onlyWords.join(' ')})`,
      classesOf,
    )
    .option('--picture <file.svg>', vi ? 'motion: vẽ kết quả vào tệp này' : 'motion: draw the result into this file')
    .option('--events <n>', vi ? 'card: số sự kiện diễn thử' : 'card: how many events are acted out', wholeTo(500))
    .option(
      '--crashes <n>',
      vi ? 'crash: số lần mất điện mô phỏng' : 'crash: how many simulated power cuts',
      wholeTo(1_000_000_000),
    )
    .option(
      '--cuts <n>',
      vi ? 'update: số lần mất điện mô phỏng' : 'update: how many simulated power cuts',
      wholeTo(10_000_000),
    )
    .option('--nodes <n>', vi ? 'desk, fleet: số mắt camera' : 'desk, fleet: how many nodes', wholeTo(100))
    .option('--viewers <n>', vi ? 'desk: số màn hình đang mở' : 'desk: how many desks are open', wholeTo(16))
    .option(
      '--minutes <n>',
      vi ? 'desk: các sự kiện đến trong bao nhiêu phút' : 'desk: in how many minutes the events come',
      wholeTo(10),
    )
    .option('--edits <n>', vi ? 'tamper: số lần sửa thử' : 'tamper: how many edits', wholeTo(100_000_000))
    .action(async (name: Name, options: Options) => {
      const result = await benches[name]((line) => process.stderr.write(`${line}\n`), options);
      process.exitCode = printBench(name, result, options.json === true) ? 0 : 1;
    });
}

const hoursMax = 1000;

function hoursOf(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= hoursMax))
    throw new InvalidArgumentError(`must be more than 0, at most ${hoursMax}, not ${text}`);
  return hours;
}

/** A whole number from 1 to `max`. */
const wholeTo =
  (max: number) =>
  (text: string): number => {
    const count = Number(text);
    if (!(Number.isInteger(count) && count > 0 && count <= max))
      throw new InvalidArgumentError(`must be a whole number from 1 to ${max}, not ${text}`);
    return count;
  };

const classesOf = (text: string): readonly string[] =>
  namesOf(text, onlyWords, (unknown) => `must be some of ${onlyWords.join(', ')}, not ${unknown}`);
