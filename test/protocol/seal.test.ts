import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { opener } from '../../protocol/open.ts';
import { type Sealer, sealer } from '../../protocol/seal.ts';
import { skipWhen } from '../support/skip.ts';

const chunkBytes = 64 * 1024;
const [hub, escrow] = [await generateX25519Identity(), await generateX25519Identity()];
const recipients = [await identityToRecipient(hub), await identityToRecipient(escrow)];
const toBoth = sealer(recipients);

async function inParts(to: Sealer, plain: Uint8Array, cuts: readonly number[]): Promise<Buffer> {
  const { head, stream } = to.begin();
  const parts: Uint8Array[] = [head];
  let from = 0;
  for (const cut of [...cuts, plain.length]) {
    parts.push(stream.update(plain.subarray(from, cut)));
    from = cut;
  }
  return Buffer.concat([...parts, stream.final()]);
}

function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + (at >> 8)) & 255);
}

for (const bytes of [
  0,
  1,
  chunkBytes - 1,
  chunkBytes,
  chunkBytes + 1,
  2 * chunkBytes,
  2 * chunkBytes + 1,
  5 * chunkBytes,
]) {
  test(`the library opens what was sealed at ${bytes} bytes, with either key`, async () => {
    const plain = pattern(bytes);
    const sealed = toBoth.seal(plain);
    for (const identity of [hub, escrow]) assert.ok(Buffer.from(await opener(identity).open(sealed)).equals(plain));
  });
}

test('it does not matter in which pieces the plaintext comes', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3 * chunkBytes }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
      async (bytes, shares) => {
        const plain = pattern(bytes);
        const cuts = shares.map((share) => Math.floor(share * bytes)).sort((one, other) => one - other);
        const sealed = await inParts(toBoth, plain, cuts);
        assert.ok(Buffer.from(await opener(hub).open(sealed)).equals(plain));
      },
    ),
    { numRuns: 40 },
  ));

test('a file cut short, altered, or for somebody else does not open', async () => {
  const sealed = Buffer.from(toBoth.seal(pattern(3 * chunkBytes)));
  const altered = Buffer.from(sealed);
  altered[sealed.length - 70_000] = (altered[sealed.length - 70_000] ?? 0) ^ 1;
  const stranger = await generateX25519Identity();
  for (const [identity, bytes] of [
    [hub, sealed.subarray(0, -chunkBytes)],
    [hub, altered],
    [stranger, sealed],
  ] as const) {
    const outcome = await opener(identity)
      .open(bytes)
      .then(
        () => 'opened',
        () => 'refused',
      );
    assert.is(outcome, 'refused');
  }
});

test('two files of the same bytes have nothing in common', async () => {
  const [one, other] = [Buffer.from(toBoth.seal(pattern(1000))), Buffer.from(toBoth.seal(pattern(1000)))];
  assert.not(one.subarray(-1000).equals(other.subarray(-1000)));
});

test('a malformed recipient is refused when the sealer is made', () => {
  assert.throws(() => sealer(['age1nonsense']));
});

skipWhen(hasAge() ? undefined : "Debian's age is not installed")(test)(
  'age itself opens each one, at both sides of a chunk and of any size',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'matlang-seal-'));
    await writeFile(join(dir, 'key.txt'), `${hub}\n`);
    const anySize = Array.from(
      { length: process.env.MATLANG_LONG === undefined ? 15 : 995 },
      (_, n) => (n * 7919) % 400_000,
    );
    for (const bytes of [0, 1, chunkBytes, chunkBytes + 1, 300_000, ...anySize]) {
      await writeFile(join(dir, 'sealed'), toBoth.seal(pattern(bytes)));
      const opened = execFileSync('age', ['-d', '-i', join(dir, 'key.txt'), join(dir, 'sealed')], { maxBuffer: 1e6 });
      assert.ok(opened.equals(pattern(bytes)));
    }
    await rm(dir, { recursive: true });
  },
);

function hasAge(): boolean {
  try {
    execFileSync('age', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.run();
