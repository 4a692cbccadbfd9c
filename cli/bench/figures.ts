// How every bench reports: a table for people, one object with `--json`; it passes when every target is met.
import { cpus, totalmem } from 'node:os';

export interface Target {
  readonly max?: number;
  readonly min?: number;
}

export interface BenchResult {
  readonly figures: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, Target>>;
  /** The same figures of something else, measured in the same run. */
  readonly peers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Rows that say where the figures come from; shown, not judged. */
  readonly details: readonly Readonly<Record<string, string | number>>[];
}

export function isMet(figure: number | undefined, target: Target): boolean {
  if (figure === undefined || Number.isNaN(figure)) return false;
  return figure <= (target.max ?? Number.POSITIVE_INFINITY) && figure >= (target.min ?? Number.NEGATIVE_INFINITY);
}

export function passes({ figures, targets }: BenchResult): boolean {
  return Object.entries(targets).every(([key, target]) => isMet(figures[key], target));
}

/** Prints to stdout; true when it passes. */
export function printBench(bench: string, result: BenchResult, json: boolean): boolean {
  const { figures, targets, peers, details } = result;
  const pass = passes(result);
  if (json) {
    process.stdout.write(`${JSON.stringify({ bench, machine: machine(), figures, targets, peers, details, pass })}\n`);
    return pass;
  }
  process.stdout.write(`${bench} · ${machine()}\n\n`);
  for (const [key, figure] of Object.entries(figures)) {
    const target = targets[key];
    const wanted = target === undefined ? '' : `${target.max === undefined ? '≥' : '≤'} ${target.max ?? target.min}`;
    const verdict = target === undefined ? '' : isMet(figure, target) ? 'ok' : 'NOT MET';
    process.stdout.write(`  ${key.padEnd(28)} ${String(figure).padStart(10)}  ${wanted.padEnd(10)} ${verdict}\n`);
  }
  for (const table of tablesOf(details)) process.stdout.write(`\n${table}`);
  process.stdout.write(`\n${pass ? 'pass' : 'FAIL'}\n`);
  return pass;
}

type DetailRow = Readonly<Record<string, string | number>>;

/** Rows one after another that have the same keys are one table with aligned columns. */
function tablesOf(details: readonly DetailRow[]): string[] {
  const groups: DetailRow[][] = [];
  for (const row of details) {
    const group = groups.at(-1);
    if (group !== undefined && keysOf(group[0]) === keysOf(row)) group.push(row);
    else groups.push([row]);
  }
  return groups.map((rows) => {
    const keys = Object.keys(rows[0] ?? {});
    const lines = [keys, ...rows.map((row) => keys.map((key) => String(row[key])))];
    const widths = keys.map((_, at) => Math.max(...lines.map((line) => (line[at] ?? '').length)));
    const cell = (text: string, at: number) =>
      at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0);
    return lines.map((line) => `  ${line.map(cell).join('  ')}\n`).join('');
  });
}

const keysOf = (row: DetailRow | undefined): string => Object.keys(row ?? {}).join(',');

export function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GB, Node ${process.versions.node}`;
}
