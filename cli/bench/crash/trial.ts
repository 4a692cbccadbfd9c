// One card through several lives. In each life a node starts, recovers, works, and is cut off at many moments at once: every one of those
// cards is recovered and checked, and one of them goes on to the next life.
import { openOutbox } from '../../../agent/outbox.ts';
import { openSpool } from '../../../agent/spool.ts';
import { openParcel } from '../../../agent/uplink/parcel.ts';
import type { Disk } from '../../../hal/ports.ts';
import { afterPowerCut, type Image, withRot } from '../../../hal/sim-disk/image.ts';
import { type Mutant, mutated, type Step } from '../../../hal/sim-disk/mutant.ts';
import { below, pick, type Random, seeded } from '../../../hal/sim-disk/random.ts';
import { openSimDisk, type SimRules } from '../../../hal/sim-disk/sim-disk.ts';
import { openArchive } from '../../../hub/archive.ts';
import { bootCounter } from '../../../protocol/identity.ts';
import { drainClasses } from '../../../protocol/manifest.ts';
import { type Act, beginLife, chooseAct, perform } from './acts.ts';
import { check, type Finding } from './check.ts';
import type { Fact } from './facts.ts';
import { type Stage, stampAt, startNode, type Workshop } from './node.ts';
import { at, siteOf } from './paths.ts';
import { asOfNow, noPromises, type Promises } from './promises.ts';

export interface TrialRules {
  readonly seed: number;
  readonly lives: number;
  /** How many moments of a life are cut at, about; each is cut twice. */
  readonly cutsPerLife: number;
  readonly mutant?: Mutant | undefined;
  /** The card answers half of its flushes without doing them. Nothing can be promised then but to go on: see `carryOn`. */
  readonly liar?: boolean;
  /** The acts of each life; chosen by chance where there are none. */
  readonly acts?: readonly (readonly Act[])[];
  /** Told each place at which a step is made. */
  readonly seen?: (site: string, op: Step['op']) => void;
}

export interface TrialResult {
  readonly crashes: number;
  /** Calls that failed on purpose. */
  readonly faults: number;
  /** Cards with one changed bit. */
  readonly rotten: number;
  /** Cards whose chain parts at a record that the hub alone has: the node's card failed its flush, and the record was sent all the same. */
  readonly parted: number;
  readonly findings: readonly Finding[];
}

interface Moment {
  readonly image: Image;
  readonly promises: Promises;
}

const actsPerLifeMax = 10;
/** A life has about so many calls: what a cut's chance is counted from. */
const callsPerLife = 160;
/** Each of so many calls after a step that was left out is cut at: that is where it must show. */
const callsAfterMutant = 16;

/** Ends at the first life with findings. */
export async function runTrial(
  workshop: Workshop,
  factsOf: (bytes: Uint8Array) => Fact,
  rules: TrialRules,
): Promise<TrialResult> {
  const random = seeded(rules.seed);
  const findings: Finding[] = [];
  const tally = { crashes: 0, faults: 0, rotten: 0, parted: 0 };
  let moment: Moment = { image: workshop.newCard, promises: noPromises() };

  for (let life = 0; life < rules.lives && findings.length === 0; life++) {
    const promises = asOfNow(moment.promises);
    const lived = await live(workshop, moment.image, promises, random, rules, rules.acts?.[life]);
    findings.push(...lived.findings);
    tally.faults += lived.faults;
    for (const each of lived.moments) {
      for (const image of [afterPowerCut(each.image, random), afterPowerCut(each.image, random)]) {
        tally.crashes += 1;
        const after =
          rules.liar === true
            ? await carryOn(workshop, image, undefined)
            : await recover(workshop, factsOf, image, each.promises, tally);
        findings.push(...after);
      }
      if (findings.length > 0) break;
    }
    const last = lived.moments.at(-1);
    if (last !== undefined && rules.mutant === undefined && rules.liar !== true) {
      tally.rotten += 1;
      findings.push(...(await carryOn(workshop, ...rotted(last.image, random))));
    }
    // A third are only killed: what was not flushed is still to be seen, and still to be lost. Best where a name is.
    const isKilled = random() < 0.35;
    const unflushed = isKilled ? lived.moments.filter(hasUnflushedName) : [];
    const next = pick(unflushed.length > 0 ? unflushed : lived.moments, random);
    if (next === undefined) break;
    moment = isKilled ? next : { ...next, image: afterPowerCut(next.image, random) };
  }
  return { ...tally, findings };
}

const hasUnflushedName = ({ image }: Moment): boolean =>
  image.pending.some(({ path, file }) => file !== undefined && path.startsWith(`${at.data}/spool/`));

async function live(
  workshop: Workshop,
  image: Image,
  promises: Promises,
  random: Random,
  rules: TrialRules,
  given: readonly Act[] | undefined,
): Promise<{ moments: Moment[]; faults: number; findings: Finding[] }> {
  const moments: Moment[] = [];
  const trouble = planTrouble(random);
  const stage: Stage = { act: '', onName: undefined, isUnflushed: false };
  const near = { calls: 0 };
  const before: SimRules['before'] = (call) => {
    near.calls -= 1;
    if (near.calls >= 0 || random() < rules.cutsPerLife / callsPerLife)
      moments.push({ image: sim.image(), promises: asOfNow(promises) });
    return trouble.meets(call);
  };
  const sim = openSimDisk(image, { before, ...(rules.liar === true ? { lies: () => random() < 0.5 } : {}) });
  const steps = mutated(
    sim,
    rules.mutant,
    (step) => siteOf(stage.act, step),
    (site, op) => {
      if (site === rules.mutant?.site) near.calls = callsAfterMutant;
      rules.seen?.(site, op);
    },
  );
  const findings: Finding[] = [];
  const attempt = async <T>(act: string, work: () => Promise<T>): Promise<T | undefined> => {
    stage.act = act;
    const faultsBefore = trouble.count();
    try {
      return await work();
    } catch (error) {
      // What throws without a fault is a node that stands still.
      // A card that lied may have lost the signing key: that node is enrolled anew.
      const isKeyLost = rules.liar === true && stage.act === 'key';
      if (trouble.count() === faultsBefore && !isKeyLost)
        findings.push({ is: 'stuck', text: `${act}: ${String(error)}` });
      return undefined;
    }
  };
  const disk: Disk = {
    ...steps,
    syncFolder: async (path) => {
      try {
        await steps.syncFolder(path);
      } catch (error) {
        if (stage.act === 'look') stage.isUnflushed = true;
        throw error;
      }
    },
    rename: async (from, to) => {
      await steps.rename(from, to);
      const { onName } = stage;
      stage.onName = undefined;
      if (onName !== undefined) await attempt('overtake', onName);
    },
  };
  const start = () => attempt('start', () => startNode(workshop, disk, random() < 0.8 ? 0 : 1, promises, stage));
  let node = await start();
  if (node === undefined && findings.length === 0) {
    trouble.end();
    node = await start();
  }
  if (node !== undefined) {
    const life = beginLife(node, promises, random);
    const acts = given ?? Array.from({ length: 1 + below(actsPerLifeMax, random) }, () => chooseAct(random));
    for (const act of acts) await attempt(act.do, () => perform(life, act));
  }
  moments.push({ image: sim.image(), promises: asOfNow(promises) });
  return { moments, faults: trouble.count(), findings };
}

/** In some lives the card fails for one call, for a few, or from some call on. */
function planTrouble(random: Random): {
  meets(call: { op: string }): string | undefined;
  count(): number;
  end(): void;
} {
  const code = pick(['ENOSPC', 'EIO', 'EROFS'] as const, random);
  const from = random() < 0.3 ? below(callsPerLife, random) : Number.POSITIVE_INFINITY;
  const plan = { until: from + (random() < 0.5 ? 1 : below(callsPerLife, random)) };
  const tally = { calls: 0, faults: 0 };
  return {
    meets: ({ op }) => {
      tally.calls += 1;
      if (tally.calls < from || tally.calls >= plan.until) return undefined;
      const reads = op === 'read' || op === 'list' || op === 'size';
      if (reads ? code !== 'EIO' : code === 'ENOSPC' && (op === 'sync' || op === 'syncFolder' || op === 'remove'))
        return undefined;
      tally.faults += 1;
      return code;
    },
    count: () => tally.faults,
    end: () => {
      plan.until = 0;
    },
  };
}

/** Each so manieth recovered card is emptied to the hub as well. */
const drainEvery = 16;

/** The unharmed program on what is left. */
async function recover(
  workshop: Workshop,
  factsOf: (bytes: Uint8Array) => Fact,
  image: Image,
  promises: Promises,
  tally: { readonly crashes: number; parted: number },
): Promise<Finding[]> {
  const sim = openSimDisk(image);
  try {
    await openArchive(sim, at.hub);
    const spool = await openSpool(sim, at.data, at.identity, workshop.maker);
    const { findings, isParted } = check(sim.image(), promises, factsOf);
    if (isParted) tally.parted += 1;
    if (bootCounter(spool.boot) <= promises.bootCounter || promises.boots.has(spool.boot))
      findings.push({ is: 'repeated', text: `boot ${spool.boot} after ${promises.bootCounter}` });
    if (tally.crashes % drainEvery === 0) findings.push(...(await drain(sim)));
    return findings;
  } catch (error) {
    return [{ is: 'stuck', text: `no start after the cut: ${String(error)}` }];
  }
}

/** One bit of one file of the data folder, or of the head, is another one. Returns the file's name too. */
function rotted(image: Image, random: Random): [Image, string | undefined] {
  const paths = [...image.names.keys()].filter(
    (path) => path.endsWith('.rec') || path.endsWith('.seg') || path.endsWith('/head'),
  );
  const path = pick(paths, random);
  return path === undefined ? [image, undefined] : [withRot(image, path, random), path];
}

/**
 * On a card that cannot be trusted: the node starts, hands over all that is whole, sets the rest aside, and takes new records. Where one known
 * file is `rotten`, no other may have been set aside.
 */
async function carryOn(workshop: Workshop, image: Image, rotten: string | undefined): Promise<Finding[]> {
  const sim = openSimDisk(image);
  try {
    const spool = await openSpool(sim, at.data, at.identity, workshop.maker);
    const before = await sim.list(`${at.data}/quarantine`);
    const findings = await drain(sim);
    if (rotten !== undefined) {
      const inQuarantine = await sim.list(`${at.data}/quarantine`);
      const aside = inQuarantine.filter((name) => !before.includes(name));
      const isWaiting = rotten.startsWith(`${at.data}/spool/`);
      const wrong = aside.filter((name) => !rotten.endsWith(name) && !image.names.has(`${at.data}/ring/${name}`));
      if (wrong.length > 0) findings.push({ is: 'lost', text: `${wrong.join()} set aside beside ${rotten}` });
      if (isWaiting && !inQuarantine.some((name) => rotten.endsWith(`/${name}`)))
        findings.push({ is: 'torn', text: `${rotten} was changed and sent` });
    }
    const stored = await spool.append({ kind: 'log', class: 1, time: stampAt(0) });
    if (!stored.ok) findings.push({ is: 'stuck', text: `no record is taken: ${String(stored.cause)}` });
    return findings;
  } catch (error) {
    return [{ is: 'stuck', text: `no start on a bad card: ${String(error)}` }];
  }
}

/** The uplink's way: look at each, send it, set aside what is damaged. The queue must be empty at the end. */
async function drain(disk: Parameters<typeof openOutbox>[0]): Promise<Finding[]> {
  const outbox = openOutbox(disk, at.data);
  const findings: Finding[] = [];
  for (const drainClass of drainClasses) {
    for (const item of await outbox.list(drainClass)) {
      const opened = await openParcel(outbox, item);
      if (opened.ok) await outbox.delivered([item]);
      else if (opened.why === 'damaged') await outbox.quarantine(item);
    }
    for (const { name } of await outbox.list(drainClass))
      findings.push({ is: 'stuck', text: `${name} cannot leave the queue` });
  }
  return findings;
}
