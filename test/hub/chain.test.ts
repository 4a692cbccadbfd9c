import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BootChain, foldBoot, foldNode, type Link } from '../../hub/chain.ts';

const test = suite('chain');

/** Boots of so many records each, rightly chained. */
function history(lengths: readonly number[]): { boot: string; links: Link[] }[] {
  let prev: string | null = null;
  return lengths.map((length, boot) => ({
    boot: String(boot).padStart(6, '0'),
    links: Array.from({ length }, (_, seq) => {
      const link = { seq, sha256: `${boot}/${seq}`, prev };
      prev = link.sha256;
      return link;
    }),
  }));
}

const fold = (boots: readonly { boot: string; links: readonly Link[] }[]) =>
  foldNode(
    boots.map(({ boot, links }) => foldBoot(boot, links)).filter((boot): boot is BootChain => boot !== undefined),
  );

test('a whole history is linked', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 }), (lengths) => {
      assert.equal(fold(history(lengths)), { state: 'linked', gaps: 0 });
    }),
  );
});

test('each run of missing records is one gap: waiting in the newest boot, broken in an older one', () => {
  const [first, second] = history([6, 6]);
  if (first === undefined || second === undefined) throw new Error('no history');
  const without = (links: readonly Link[], ...seqs: number[]) => links.filter(({ seq }) => !seqs.includes(seq));
  assert.equal(fold([first, { ...second, links: without(second.links, 2, 3) }]), { state: 'waiting', gaps: 1 });
  assert.equal(fold([first, { ...second, links: without(second.links, 1, 3) }]), { state: 'waiting', gaps: 2 });
  assert.equal(fold([{ ...first, links: without(first.links, 2) }, second]), { state: 'broken', gaps: 1 });
  assert.equal(fold([{ ...first, links: without(first.links, 5) }, second]), { state: 'waiting', gaps: 1 });
  assert.equal(fold([{ ...second, links: without(second.links, 0) }]), { state: 'waiting', gaps: 1 });
});

test('a history that begins elsewhere is a gap; a record named in a tombstone is none', () => {
  const [first, second] = history([3, 3]);
  if (first === undefined || second === undefined) throw new Error('no history');
  assert.equal(fold([second]), { state: 'broken', gaps: 1 });
  const given = first.links.map((link) => (link.seq === 1 ? { ...link, prev: undefined } : link));
  assert.equal(fold([{ ...first, links: given }, second]), { state: 'linked', gaps: 0 });
});

test('any one hash that is changed is found', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 8 }), { minLength: 1, maxLength: 4 }), fc.nat(), (lengths, at) => {
      const boots = history(lengths);
      const all = boots.flatMap(({ links }) => links);
      const chosen = all[at % all.length];
      const changed = boots.map(({ boot, links }) => ({
        boot,
        links: links.map((link) => (link === chosen ? { ...link, prev: 'forged' } : link)),
      }));
      assert.ok(fold(changed).gaps > 0);
    }),
  );
});

test('a boot folded in two parts is the boot folded at once', () => {
  const seqs = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(seqs, fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 40 }), (some, cut, wrong) => {
      const links = some
        .toSorted((one, other) => one - other)
        .map((seq) => ({
          seq,
          sha256: `hash ${seq}`,
          prev: seq === wrong ? 'another' : seq === 0 ? null : `hash ${seq - 1}`,
        }));
      const part = foldBoot('b', links.slice(0, cut));
      assert.equal(foldBoot('b', links.slice(cut), part), foldBoot('b', links));
    }),
  );
});

test.run();
