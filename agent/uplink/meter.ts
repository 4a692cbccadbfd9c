// How much this link carries, and what of it video may have. The month's tally outlasts a restart in one small file, written seldom for the card's sake.
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk, NetLink } from '../../hal/ports.ts';
import type { DrainClass } from '../../protocol/manifest.ts';
import { type BudgetRules, countedBytes, countTraffic, type MonthUse, mayGo, unusedMonth } from '../core/budget.ts';
import { unlessGone } from '../gone.ts';
import { writeDurable } from '../write-durable.ts';
import type { Troubles } from './troubles.ts';

export interface MeterWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly links: () => Promise<readonly NetLink[]>;
  readonly wallMs: () => number;
  readonly monoMs: () => number;
  readonly troubles: Pick<Troubles, 'raise' | 'clear'>;
  /** Video may go again, or must wait from here on. */
  readonly turned: () => void;
}

export interface Meter {
  mayGo(drainClass: DrainClass): boolean;
  /** For the vitals. */
  told(): Readonly<Record<string, unknown>>;
  /** Resolves when the tally is written, after the signal. */
  readonly ended: Promise<void>;
}

const lookEveryMs = 30_000;
/** A power cut forgets at most this much of the month. */
const writeEveryMs = 900_000;
/** Told before the budget is spent. */
const nearShare = 0.9;
const pathIn = (dataDir: string) => join(dataDir, 'link-month.json');
const fileSchema = z.strictObject({ month: z.string().max(7), bytes: z.number().nonnegative() });

/** `sofar`: what `readUse` gave. Counts in the background from now on. */
export function startMeter(world: MeterWorld, rules: BudgetRules, sofar: MonthUse, signal: AbortSignal): Meter {
  const path = pathIn(world.dataDir);
  let use = sofar;
  let links: readonly NetLink[] = [];
  let rates: ReadonlyMap<string, number> = new Map();
  const at = { lookMs: world.monoMs(), writeMs: world.monoMs(), mayVideo: true };

  const look = async () => {
    const before = links;
    links = await world.links();
    const passedS = Math.max(1, world.monoMs() - at.lookMs) / 1000;
    at.lookMs = world.monoMs();
    rates = new Map(links.map((link) => [link.name, rateOf(link, before, passedS)]));
    use = countTraffic(use, countedBytes(links), world.wallMs());
    tellBudget();
    if (world.monoMs() - at.writeMs >= writeEveryMs) await write();
  };
  const tellBudget = () => {
    if (rules.link === 'unmetered') return;
    const text = `${mb(use.bytes)} of ${mb(rules.monthlyBytes)} MB of this month's data are used`;
    if (use.bytes >= rules.monthlyBytes * nearShare) world.troubles.raise('data-budget', text);
    else world.troubles.clear('data-budget');
    const mayVideo = mayGo(4, use, rules, world.wallMs());
    if (mayVideo !== at.mayVideo) world.turned();
    at.mayVideo = mayVideo;
  };
  const write = async () => {
    at.writeMs = world.monoMs();
    const { month, bytes } = use;
    await writeDurable(world.disk, path, Buffer.from(`${JSON.stringify({ month, bytes })}\n`));
  };
  // A card that takes nothing costs the tally's newest quarter of an hour; the spool itself tells of the card.
  const quietly = (work: () => Promise<void>) => work().catch(() => undefined);

  const first = quietly(look);
  const timer = setInterval(() => void quietly(look), lookEveryMs);
  return {
    mayGo: (drainClass) => mayGo(drainClass, use, rules, world.wallMs()),
    told: () => ({
      kind: rules.link,
      monthBytes: use.bytes,
      monthBudgetBytes: rules.link === 'metered' ? rules.monthlyBytes : null,
      videoWaits: !mayGo(4, use, rules, world.wallMs()),
      interfaces: links.map(({ name, up, signalDbm }) => ({ name, up, signalDbm, bytesPerS: rates.get(name) ?? 0 })),
    }),
    ended: new Promise((resolve) => {
      const end = () => {
        clearInterval(timer);
        void first.then(() => quietly(look)).then(() => quietly(write).then(resolve));
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }),
  };
}

function rateOf(link: NetLink, before: readonly NetLink[], passedS: number): number {
  const old = before.find(({ name }) => name === link.name);
  if (old === undefined) return 0;
  return Math.max(0, Math.round((link.rxBytes + link.txBytes - old.rxBytes - old.txBytes) / passedS));
}

/** This month's tally, as far as it was written down; nothing where it cannot be read. */
export async function readUse(disk: Disk, dataDir: string): Promise<MonthUse> {
  const bytes = await unlessGone(disk.read(pathIn(dataDir))).catch(() => undefined);
  if (bytes === undefined) return unusedMonth;
  try {
    const read = fileSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return read.success ? { ...read.data, counter: undefined } : unusedMonth;
  } catch {
    return unusedMonth;
  }
}

const mb = (bytes: number): number => Math.round(bytes / 1e6);
