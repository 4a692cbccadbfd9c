// `npm run lab:power -- [--cuts N] [--seed N] [--json]`: the real recorder on a real ext4, on a card that loses what was not flushed when the power goes.
// Then both controls, which must fail: a node that leaves its flushes out, and a card that lies about them.
import { parseArgs } from 'node:util';
import type { ParkedNode } from './parked-node.ts';
import { makePowerNode } from './power-node.ts';
import { cutPower, type PowerFound, type PowerRules } from './power-trial.ts';

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const [cuts, seed] = [Number(values.cuts), Number(values.seed)];
const footageLostMsMax = 2000;
const footageLostP50MsMax = 1000;
const startMsMax = 120_000;
/** Virtual machines at a time. */
const width = 2;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The cuts are shared out to machines that each have a card of their own. */
async function cutMany(
  node: ParkedNode,
  many: number,
  rules: Omit<PowerRules, 'cuts' | 'seed'>,
): Promise<PowerFound[]> {
  const each = Array.from({ length: Math.min(width, many) }, (_, n) => Math.floor((many + n) / width) || 1);
  const onLife = values.verbose ? say : () => undefined;
  return await Promise.all(
    each.map((share, n) => cutPower(node, { ...rules, cuts: share, seed: seed * 1000 + n, onLife })),
  );
}

const sum = (all: readonly PowerFound[], of: (found: PowerFound) => number) =>
  all.reduce((total, found) => total + of(found), 0);

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function figuresOf(all: readonly PowerFound[]) {
  const lost = all.flatMap((found) => found.footageLostMs).sort((one, other) => one - other);
  return {
    cuts: sum(all, ({ cuts: each }) => each),
    acknowledged: sum(all, (found) => found.acknowledged),
    lost: sum(all, (found) => found.lost.length),
    torn: sum(all, (found) => found.torn.length),
    unmountable: sum(all, (found) => found.unusable.length + found.remade),
    mended: sum(all, (found) => found.mended),
    chainGaps: sum(all, (found) => found.chainGaps),
    remade: sum(all, (found) => found.remade),
    remadeTold: sum(all, (found) => found.remadeTold),
    notUp: sum(all, (found) => found.unusable.length),
    slowestStartMs: Math.max(...all.map((found) => found.slowestStartMs)),
    footageMeasured: lost.length,
    footageLostP50Ms: percentile(lost, 0.5),
    footageLostMaxMs: lost.at(-1) ?? Number.NaN,
    footageWithin: lost.filter((ms) => ms <= footageLostMsMax).length,
    unflushedDropped: sum(all, ({ sectors }) => sectors.dropped),
    unflushedTorn: sum(all, ({ sectors }) => sectors.torn),
  };
}

const made = await makePowerNode(say);
if (!made.ok) {
  say(`the power lab cannot run here: ${made.why}`);
  process.exit(1);
}
const beganMs = performance.now();
const controls = Math.max(6, Math.round(cuts / 10));
say(`${cuts} power cuts on an honest card …`);
const honestAll = await cutMany(made.node, cuts, { honesty: 'honest', flushes: true });
const honest = figuresOf(honestAll);
say(`${controls} cuts of a node that leaves its flushes out …`);
const noFlush = figuresOf(await cutMany(made.node, controls, { honesty: 'honest', flushes: false }));
say(`${controls} cuts on a card that lies about flushes …`);
const lying = figuresOf(await cutMany(made.node, controls, { honesty: 'lies', flushes: true }));

const faults = [
  ...(honest.lost + honest.torn + honest.unmountable + honest.chainGaps > 0
    ? ['something was lost on an honest card']
    : []),
  ...(honest.footageWithin < honest.footageMeasured || !(honest.footageLostP50Ms <= footageLostP50MsMax)
    ? ['more footage was lost than is allowed']
    : []),
  ...(noFlush.lost === 0 ? ['a node without flushes lost nothing: the lab sees nothing'] : []),
  ...(lying.lost === 0 ? ['a card that lies lost nothing: the lab sees nothing'] : []),
  ...(lying.notUp > 0 || lying.slowestStartMs > startMsMax
    ? ['a node did not record again after its card had lied']
    : []),
  ...(lying.remadeTold < lying.remade ? ['a data partition was made anew and the hub was not told'] : []),
];
const minutes = (performance.now() - beganMs) / 60_000;
const result = {
  bench: 'power',
  seed,
  cutsPerMinute: Math.round((cuts + 2 * controls) / minutes),
  honest,
  noFlush,
  lying,
  faults,
  pass: faults.length === 0,
};
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  const keys = Object.keys(honest) as (keyof typeof honest)[];
  process.stdout.write(
    `${''.padEnd(22)}${['honest card', 'no flushes', 'lying card'].map((text) => text.padStart(13)).join('')}\n`,
  );
  for (const key of keys)
    process.stdout.write(
      `${key.padEnd(22)}${[honest, noFlush, lying].map((each) => String(each[key]).padStart(13)).join('')}\n`,
    );
  for (const text of [...honestAll.flatMap((found) => [...found.lost, ...found.torn]).slice(0, 20), ...faults])
    process.stdout.write(`${text}\n`);
  process.stdout.write(`${result.cutsPerMinute} cuts a minute, seed ${seed}: ${result.pass ? 'pass' : 'FAIL'}\n`);
}
process.exitCode = result.pass ? 0 : 1;
