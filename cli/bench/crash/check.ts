// After a power cut and a recovery: is everything that was promised still true?
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { bytesAt, type Image } from '../../../hal/sim-disk/image.ts';
import { foldBoot, foldNode, type Link } from '../../../hub/chain.ts';
import { isSameHash } from '../../../protocol/identity.ts';
import { parseFileName } from '../../../protocol/record-file.ts';
import type { Fact } from './facts.ts';
import { at } from './paths.ts';
import type { Promises } from './promises.ts';

export interface Finding {
  /** `chain`: a gap or a fork that the hub would see. `repeated`: a number given out twice. */
  readonly is: 'lost' | 'torn' | 'stuck' | 'chain' | 'repeated';
  readonly text: string;
}

interface Lying {
  readonly folder: string;
  readonly name: string;
  readonly fact: Fact;
}

/** What lies where, without drafts: by name, with all the places of that name. */
type Found = ReadonlyMap<string, readonly Lying[]>;

function survey(image: Image, factsOf: (bytes: Uint8Array) => Fact): Found {
  const found = new Map<string, Lying[]>();
  for (const [path, file] of image.names) {
    const slash = path.lastIndexOf('/');
    const [folder, name] = [path.slice(0, slash), path.slice(slash + 1)];
    const bytes = image.files.get(file)?.now;
    if (bytes === undefined || parseFileName(name) === undefined) continue;
    const lying = { folder, name, fact: factsOf(bytes) };
    const same = found.get(name);
    if (same === undefined) found.set(name, [lying]);
    else same.push(lying);
  }
  return found;
}

export interface Checked {
  readonly findings: Finding[];
  /** The chain parts at a record that the hub alone has, and nowhere else. The hub says so. */
  readonly isParted: boolean;
}

/** `image` is the card after recovery, `promises` are as of the moment of the cut. */
export function check(image: Image, promises: Promises, factsOf: (bytes: Uint8Array) => Fact): Checked {
  const found = survey(image, factsOf);
  const ofAll = chainFaults(image, found);
  // The node knows of what the hub alone has or it does not: either way its chain must be whole.
  const ofChain = ofAll.length === 0 ? ofAll : chainFaults(image, withoutHubsAlone(found, promises));
  return {
    findings: [...tornOnes(found), ...lostOnes(image, found, promises), ...ofChain, ...identityFaults(image, promises)],
    isParted: ofAll.length > 0 && ofChain.length === 0,
  };
}

/** Nothing half-written may have a name that others look at. */
function tornOnes(found: Found): Finding[] {
  const torn: Finding[] = [];
  for (const [name, places] of found) {
    const hash16 = parseFileName(name)?.hash16 ?? '';
    for (const { folder, fact } of places) {
      if (fact.whole && fact.sha256.startsWith(hash16)) continue;
      torn.push({ is: 'torn', text: `${folder}/${name} is damaged` });
    }
  }
  return torn;
}

function lostOnes(image: Image, found: Found, promises: Promises): Finding[] {
  const buried = new Set<string>();
  for (const places of found.values())
    for (const gone of places[0]?.fact.gone ?? []) buried.add(`${gone.boot} ${gone.number} ${gone.sha256}`);
  const buriedSegments = new Set<string>();
  const segments = new Map<string, readonly Lying[]>();
  for (const [name, places] of found) {
    for (const gone of places[0]?.fact.gone ?? [])
      if (gone.kind === 'segment') buriedSegments.add(`${gone.boot}-${String(gone.number).padStart(10, '0')}-`);
    if (name.endsWith('.seg')) segments.set(name.slice(0, 27), places);
  }
  const isBuried = (name: string): boolean => {
    const file = parseFileName(name);
    if (file === undefined) return false;
    return buried.has(`${file.boot} ${file.is === 'record' ? file.seq : file.seg} ${file.hash16}`);
  };
  const lost: Finding[] = [];
  const lose = (text: string) => lost.push({ is: 'lost', text });
  for (const name of promises.records)
    if (!found.has(name) && !isBuried(name)) lose(`record ${name} was acknowledged and is nowhere`);
  for (const name of promises.inRing) if (!found.has(name)) lose(`segment ${name} was in the ring and is nowhere`);
  for (const name of promises.pinned.keys()) {
    const kept = found.get(name)?.some(({ folder }) => !folder.endsWith('/ring')) === true;
    if (!kept && !isBuried(name)) lose(`segment ${name} was pinned and is not`);
  }
  for (const places of found.values())
    for (const { boot, seg } of places[0]?.fact.record?.segments ?? []) {
      const key = `${boot}-${String(seg).padStart(10, '0')}-`;
      const kept = segments.get(key)?.some(({ folder }) => !folder.endsWith('/ring')) === true;
      if (!kept && !buriedSegments.has(key)) lose(`${places[0]?.name} names segment ${boot} ${seg}, which is not kept`);
    }
  for (const left of promises.left)
    if (image.names.has(`${at.data}/spool/${left}`)) lose(`${left} had left the queue and is in it again`);
  for (const path of promises.archived) if (!image.names.has(path)) lose(`the hub signed for ${path} and has it not`);
  return lost;
}

/** Without what the hub alone has because it was sent from a card that could not flush any more: that is promised; that the node still has it after a cut is not. */
function withoutHubsAlone(found: Found, { sentUnflushed }: Promises): Found {
  const isHubsAlone = (name: string, places: readonly Lying[]) =>
    sentUnflushed.has(name) && places.every(({ folder }) => folder.startsWith(at.hub));
  return new Map([...found].filter(([name, places]) => !isHubsAlone(name, places)));
}

/** As the hub would judge the chain if all there is came to it. */
function chainFaults(image: Image, found: Found): Finding[] {
  const boots = new Map<string, Map<number, Link>>();
  const add = (boot: string, link: Link) => {
    const links = boots.get(boot) ?? new Map<number, Link>();
    boots.set(boot, links);
    const before = links.get(link.seq);
    // Known from a tombstone and there all the same: the record has the say.
    if (before === undefined || before.prev === undefined) links.set(link.seq, link);
    else if (link.prev !== undefined && before.sha256 !== link.sha256) doubles.push(`${boot} ${link.seq}`);
  };
  const doubles: string[] = [];
  for (const places of found.values()) {
    const fact = places[0]?.fact;
    if (fact?.record === undefined) continue;
    add(fact.record.boot, { seq: fact.record.seq, sha256: fact.sha256, prev: fact.record.prev });
    for (const gone of fact.gone)
      if (gone.kind !== 'segment') add(gone.boot, { seq: gone.number, sha256: gone.sha256, prev: undefined });
  }
  const folded = [...boots].sort().flatMap(([boot, links]) => {
    const inOrder = [...links.values()].sort((one, other) => one.seq - other.seq);
    return foldBoot(boot, inOrder) ?? [];
  });
  const { gaps } = foldNode(folded);
  // What the next record will name, and what it ought to.
  const [end, named] = [folded.at(-1)?.last, headIn(image)];
  const goesOn = end === undefined ? named === undefined : named !== undefined && isSameHash(named, end);
  return [
    ...(goesOn ? [] : [{ is: 'chain', text: `the chain ends with ${end}, the head names ${named}` } as const]),
    ...doubles.map((double): Finding => ({ is: 'repeated', text: `${double} was given out twice` })),
    ...(gaps === 0 ? [] : [{ is: 'chain', text: `${gaps} gaps in the chain` } as const]),
  ];
}

/** SHA-256 of the last manifest, as the head tells it. */
function headIn(image: Image): string | undefined {
  const bytes = bytesAt(image, `${at.identity}/head`);
  if (bytes === undefined) return undefined;
  const head: { last?: { sha256: string } } = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return head.last?.sha256;
}

const keysThatFit = new WeakMap<Uint8Array, Uint8Array>();

function identityFaults(image: Image, promises: Promises): Finding[] {
  const faults: Finding[] = [];
  const text = (name: string) => {
    const bytes = bytesAt(image, `${at.identity}/${name}`);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  };
  const kept = text('config.good.yaml');
  if (kept === undefined ? promises.configKept : !promises.goodConfigs.includes(kept))
    faults.push({ is: kept === undefined ? 'lost' : 'torn', text: 'the last good configuration is not one of ours' });
  const [secret, open] = [bytesAt(image, `${at.identity}/signing.pem`), bytesAt(image, `${at.identity}/signing.pub`)];
  if (promises.publicKey !== undefined && text('signing.pub') !== promises.publicKey)
    faults.push({ is: 'lost', text: 'the signing key is another one' });
  if (promises.publicKey !== undefined && secret === undefined)
    faults.push({ is: 'lost', text: 'the signing key is gone' });
  if (secret !== undefined && (open === undefined || !fits(secret, open)))
    faults.push({ is: 'torn', text: 'the two halves of the signing key do not fit' });
  return faults;
}

function fits(secret: Uint8Array, open: Uint8Array): boolean {
  if (keysThatFit.get(secret) === open) return true;
  try {
    const key = createPublicKey(createPrivateKey(Buffer.from(secret)));
    if (key.export({ type: 'spki', format: 'pem' }) !== Buffer.from(open).toString('utf8')) return false;
  } catch {
    return false;
  }
  keysThatFit.set(secret, open);
  return true;
}
