// What a client of The Update Framework must do and must not, case by case: the workflow, expiry, keys and thresholds, replays, rotations, delegations. Each on metadata that
// are sound but for one thing.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allOffers } from '../../ota/trust/targets.ts';
import { firstRoot, noFloors, type Role, type Trusted } from '../../ota/trust/trusted-set.ts';
import { type Forge, openForge } from './forge.ts';
import { dayMs, hand, nowMs } from './makers.ts';

const test = suite('ota/trust-cases');
const versionsOf = ({ root, timestamp, snapshot, targets }: Trusted) =>
  [root, timestamp, snapshot, targets].map((one) => one?.signed.version ?? 0);

/** A repository with one of each published, and a node that has seen it. */
async function seen(): Promise<{ forge: Forge; trusted: Trusted }> {
  const forge = openForge();
  forge.publish();
  const { trusted, why } = await forge.look(forge.fresh());
  assert.is(why, 'ok');
  forge.asked.length = 0;
  return { forge, trusted };
}
/** After what was done to it, a look ends so, and what is trusted is of these versions: root, timestamp, snapshot, targets. */
async function ends(forge: Forge, trusted: Trusted, why: string, versions?: readonly number[], referenceMs = nowMs) {
  const looked = await forge.look(trusted, referenceMs);
  assert.is(looked.why, why);
  if (versions !== undefined) assert.equal(versionsOf(looked.trusted), versions);
  return looked.trusted;
}

// The workflow

test('a look asks for the next root, then timestamp, snapshot and targets by their versions, and for nothing else', async () => {
  const { forge, trusted } = await seen();
  await ends(forge, trusted, 'ok', [1, 1, 1, 1]);
  assert.equal(forge.asked, [
    'metadata/2.root.json',
    'metadata/timestamp.json',
    'metadata/1.snapshot.json',
    'metadata/1.targets.json',
  ]);
  forge.publish();
  forge.root();
  forge.asked.length = 0;
  await ends(forge, trusted, 'ok', [2, 2, 2, 2]);
  assert.equal(forge.asked.slice(0, 3), ['metadata/2.root.json', 'metadata/3.root.json', 'metadata/timestamp.json']);
});

test('a repository with a root and no more leaves everything as it was', async () => {
  const forge = openForge();
  await ends(forge, forge.fresh(), 'absent', [1, 0, 0, 0]);
});

test('what is not a root is no root to begin with: another role, not signed by its own, not consistent, not JSON, of another major version', () => {
  const forge = openForge();
  forge.publish();
  const why = (bytes: Uint8Array) => {
    const first = firstRoot(bytes, noFloors);
    return first.ok ? 'taken' : first.why;
  };
  assert.is(why(forge.files.get('metadata/timestamp.json') ?? new Uint8Array()), 'malformed');
  assert.is(why(forge.root({ by: forge.holders.root.hands.slice(0, 1) })), 'unsigned');
  assert.is(why(forge.root({ by: [] })), 'unsigned');
  assert.is(why(forge.root({ more: { consistent_snapshot: false } })), 'malformed');
  assert.is(why(Buffer.from('[]')), 'malformed');
  assert.is(why(Buffer.from('null')), 'malformed');
  assert.is(why(Buffer.from([0xff, 0xfe, 0x7b])), 'malformed');
  const text = Buffer.from(forge.root()).toString();
  assert.is(why(Buffer.from(text.replace('"spec_version":"1.0.31"', '"spec_version":"2.0.0"'))), 'malformed');
  assert.is(why(Buffer.from(text)), 'taken');
});

test('fields and signatures that nobody knows of harm nothing', async () => {
  const { forge, trusted } = await seen();
  const stranger = { keyid: 'ab'.repeat(32), sig: 'cd'.repeat(64) };
  forge.targets({ more: { 'x-new': { deep: [1, 2] } } });
  forge.snapshot({ outside: { 'x-note': 'hello' } });
  forge.timestamp({ extraSignatures: [stranger], more: { 'x-new': 1 } });
  await ends(forge, trusted, 'ok', [1, 2, 2, 2]);
});

for (const role of ['timestamp', 'snapshot', 'targets'] as const) {
  test(`a ${role} that is missing, or another role's file in its place, stops the look there`, async () => {
    const { forge, trusted } = await seen();
    forge.publish();
    const path = role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/2.${role}.json`;
    forge.files.set(path, forge.files.get('metadata/1.root.json') ?? new Uint8Array());
    await ends(forge, trusted, role === 'timestamp' ? 'malformed' : 'mismatch');
    forge.files.delete(path);
    await ends(forge, trusted, 'absent');
  });
}

// Expiry

test('an expired root on the way to one that is not stops nothing; an expired last root stops all, before anything else is asked for', async () => {
  const { forge, trusted } = await seen();
  forge.root({ expiresMs: nowMs - dayMs });
  await ends(forge, trusted, 'expired');
  assert.equal(forge.asked.includes('metadata/timestamp.json'), false);
  forge.root();
  await ends(forge, trusted, 'ok', [3, 1, 1, 1]);
});

test('expired timestamp, snapshot, targets: each is refused, and is no replay protection against the right one of the same version', async () => {
  for (const role of ['timestamp', 'snapshot', 'targets'] as const) {
    const { forge, trusted } = await seen();
    forge.targets(role === 'targets' ? { expiresMs: nowMs } : {});
    forge.snapshot(role === 'snapshot' ? { expiresMs: nowMs } : {});
    forge.timestamp(role === 'timestamp' ? { expiresMs: nowMs } : {});
    const after = await ends(forge, trusted, 'expired');
    assert.is(after[role]?.signed.version, 1, role);
    assert.is(after.floors[role], 1, role);
  }
});

test('what was good at one look and has expired by the next is refused, though it did not change', async () => {
  const { forge, trusted } = await seen();
  await ends(forge, trusted, 'ok', [1, 1, 1, 1], nowMs + 29 * dayMs);
  await ends(forge, trusted, 'expired', [1, 1, 1, 1], nowMs + 31 * dayMs);
});

// Keys and thresholds

test('signatures of another role, of strangers, and too few of the right ones count for nothing', async () => {
  const cases: readonly [Role, (forge: Forge) => readonly ReturnType<typeof hand>[]][] = [
    ['timestamp', (forge) => forge.holders.snapshot.hands],
    ['timestamp', () => [hand()]],
    ['timestamp', () => []],
    ['snapshot', (forge) => forge.holders.timestamp.hands],
    ['targets', (forge) => forge.holders.targets.hands.slice(0, 1)],
    ['targets', (forge) => [...forge.holders.targets.hands.slice(0, 1), ...forge.holders.root.hands]],
  ];
  for (const [role, by] of cases) {
    const { forge, trusted } = await seen();
    forge.targets(role === 'targets' ? { by: by(forge) } : {});
    forge.snapshot(role === 'snapshot' ? { by: by(forge) } : {});
    forge.timestamp(role === 'timestamp' ? { by: by(forge) } : {});
    assert.is((await ends(forge, trusted, 'unsigned'))[role]?.signed.version, 1, role);
  }
});

test('one signature given twice is one', async () => {
  const { forge, trusted } = await seen();
  const [one] = forge.holders.targets.hands;
  assert.ok(one);
  const right = JSON.parse(Buffer.from(forge.targets({ by: [one] })).toString());
  const again: { keyid: string; sig: string } = right.signatures[0];
  forge.targets({ version: 2, by: [one], extraSignatures: [again] });
  forge.snapshot();
  forge.timestamp();
  assert.ok(['malformed', 'unsigned'].includes((await forge.look(trusted)).why));
});

test('one key under two names is one: such a root is not believed', async () => {
  const { forge, trusted } = await seen();
  const [first] = forge.holders.targets.hands;
  assert.ok(first);
  const root = JSON.parse(Buffer.from(forge.root()).toString()).signed;
  const twin = 'ef'.repeat(32);
  const keys = { ...root.keys, [twin]: first.key.toJSON() };
  const roles = { ...root.roles, targets: { keyids: [first.key.keyID, twin], threshold: 2 } };
  forge.root({ version: 2, more: { keys, roles } });
  await ends(forge, trusted, 'malformed', [1, 1, 1, 1]);
});

test('a role whose keys are not there, a threshold of none, a key named twice, a missing role: none of it makes a root', async () => {
  const { forge, trusted } = await seen();
  const text = Buffer.from(forge.root()).toString();
  const { signed } = JSON.parse(text);
  const { [forge.holders.timestamp.hands[0]?.key.keyID ?? '']: _, ...keys } = signed.keys;
  forge.root({ version: 2, more: { keys } });
  await ends(forge, trusted, 'unsigned');
  const [id] = signed.roles.timestamp.keyids;
  for (const timestamp of [
    { keyids: [id], threshold: 0 },
    { keyids: [id], threshold: -1 },
    { keyids: [id, id], threshold: 2 },
    undefined,
  ]) {
    const roles = { ...signed.roles, timestamp };
    forge.files.set(
      'metadata/2.root.json',
      Buffer.from(JSON.stringify({ signed: { ...signed, roles }, signatures: [] })),
    );
    await ends(forge, trusted, 'malformed');
  }
});

test('a key of a kind or scheme that is not what was signed with verifies nothing', async () => {
  for (const change of [{ keytype: 'rsa' }, { keyval: { public: '00'.repeat(32) } }, { keyval: {} }]) {
    const { forge, trusted } = await seen();
    const { signed } = JSON.parse(Buffer.from(forge.root()).toString());
    const id = forge.holders.timestamp.hands[0]?.key.keyID ?? '';
    forge.root({ version: 2, more: { keys: { ...signed.keys, [id]: { ...signed.keys[id], ...change } } } });
    await ends(forge, trusted, 'unsigned', [2, 1, 1, 1]);
  }
});

test('a higher threshold holds from the root that sets it on', async () => {
  const { forge, trusted } = await seen();
  forge.holders.targets = { hands: [...forge.holders.targets.hands, hand()], threshold: 3 };
  forge.root();
  await ends(forge, trusted, 'unsigned');
  forge.targets({ by: forge.holders.targets.hands.slice(0, 2) });
  forge.snapshot();
  forge.timestamp();
  await ends(forge, trusted, 'unsigned');
  forge.publish();
  await ends(forge, trusted, 'ok', [2, 3, 3, 3]);
});

// Replays

test('an older version of any role is a replay, wherever it is named', async () => {
  const { forge, trusted: first } = await seen();
  forge.publish();
  const trusted = await ends(forge, first, 'ok', [1, 2, 2, 2]);
  forge.timestamp({ version: 1 });
  await ends(forge, trusted, 'replayed', [1, 2, 2, 2]);
  forge.snapshot({ version: 1 });
  forge.timestamp({ version: 3 });
  await ends(forge, trusted, 'replayed', [1, 2, 2, 2]);
  forge.targets({ version: 1 });
  forge.snapshot({ version: 3 });
  forge.timestamp({ version: 4 });
  assert.equal(versionsOf(await ends(forge, trusted, 'replayed')).slice(2), [2, 2]);
});

test('a timestamp of the same version with other words changes nothing', async () => {
  const { forge, trusted } = await seen();
  forge.targets();
  forge.snapshot();
  forge.timestamp({ version: 1 });
  await ends(forge, trusted, 'ok', [1, 1, 1, 1]);
});

test('targets that the snapshot names no more, a snapshot of another version than named, targets of another: all refused', async () => {
  const { forge, trusted } = await seen();
  forge.snapshot({ more: { meta: {} } });
  forge.timestamp();
  await ends(forge, trusted, 'mismatch');
  const name = (role: 'snapshot' | 'targets', version: number) => ({ meta: { [`${role}.json`]: { version } } });
  forge.targets({ version: 2 });
  forge.snapshot({ version: 3 });
  forge.files.set('metadata/4.snapshot.json', forge.files.get('metadata/3.snapshot.json') ?? new Uint8Array());
  forge.timestamp({ more: name('snapshot', 4) });
  await ends(forge, trusted, 'mismatch');
  forge.files.set('metadata/3.targets.json', forge.files.get('metadata/2.targets.json') ?? new Uint8Array());
  forge.snapshot({ version: 5, more: name('targets', 3) });
  forge.timestamp();
  await ends(forge, trusted, 'mismatch');
});

test('a snapshot or targets of which only the version is named are taken by their signatures', async () => {
  const { forge, trusted } = await seen();
  forge.targets();
  forge.snapshot({ more: { meta: { 'targets.json': { version: 2 } } } });
  forge.timestamp({ more: { meta: { 'snapshot.json': { version: 2 } } } });
  await ends(forge, trusted, 'ok', [1, 2, 2, 2]);
});

test('a hash of a kind nobody knows is no hash that fits', async () => {
  const { forge, trusted } = await seen();
  forge.targets();
  forge.snapshot({ more: { meta: { 'targets.json': { version: 2, hashes: { md7: 'ab' } } } } });
  forge.timestamp();
  await ends(forge, trusted, 'mismatch');
});

// Rotations

test('each role gets other keys: what the old ones sign counts no more, what the new ones sign does', async () => {
  for (const role of ['timestamp', 'snapshot', 'targets'] as const) {
    const { forge, trusted } = await seen();
    const old = forge.holders[role];
    forge.holders[role] = { ...old, hands: old.hands.map(() => hand()) };
    forge.root();
    const by = { by: old.hands };
    forge.targets(role === 'targets' ? by : {});
    forge.snapshot(role === 'snapshot' ? by : {});
    forge.timestamp(role === 'timestamp' ? by : {});
    await ends(forge, trusted, 'unsigned');
    forge.publish();
    await ends(forge, trusted, 'ok', [2, 3, 3, 3]);
  }
});

test('the root itself gets other keys: signed by enough of the old and of the new', async () => {
  const { forge, trusted } = await seen();
  const old = forge.holders.root;
  const fresh = [hand(), hand(), hand()];
  forge.holders.root = { hands: fresh, threshold: 2 };
  for (const by of [fresh, old.hands, [...fresh, ...old.hands.slice(0, 1)], [...fresh.slice(0, 1), ...old.hands]]) {
    forge.root({ version: 2, by });
    await ends(forge, trusted, 'unsigned', [1, 1, 1, 1]);
  }
  forge.root({ version: 2, by: [...fresh.slice(1), ...old.hands.slice(1)] });
  forge.root();
  await ends(forge, trusted, 'ok', [3, 1, 1, 1]);
  await ends(forge, forge.fresh(), 'ok', [3, 1, 1, 1]);
});

test('a threshold of the root that changes holds for both sides of the change', async () => {
  const { forge, trusted } = await seen();
  const { hands } = forge.holders.root;
  forge.holders.root = { hands, threshold: 3 };
  forge.root({ by: hands.slice(0, 2) });
  await ends(forge, trusted, 'unsigned', [1, 1, 1, 1]);
  forge.root({ version: 2 });
  forge.holders.root = { hands, threshold: 1 };
  forge.root({ by: hands.slice(0, 1) });
  await ends(forge, trusted, 'unsigned', [2, 1, 1, 1]);
  forge.root({ version: 3 });
  await ends(forge, trusted, 'ok', [3, 1, 1, 1]);
});

test('a root that skips a version, stands still or goes back is not the next one', async () => {
  for (const version of [1, 3, 0, -1]) {
    const { forge, trusted } = await seen();
    forge.files.set('metadata/2.root.json', forge.root({ version }));
    if (version === 1) forge.files.set('metadata/1.root.json', trusted.raw.root ?? new Uint8Array());
    await ends(forge, trusted, version < 1 ? 'malformed' : 'not-next', [1, 1, 1, 1]);
  }
});

test('an endless chain of roots ends after 64, and the next look goes on from there', async () => {
  const { forge, trusted } = await seen();
  while (!forge.files.has('metadata/70.root.json')) forge.root();
  const after = await ends(forge, trusted, 'ok', [65, 1, 1, 1]);
  await ends(forge, after, 'ok', [70, 1, 1, 1]);
});

test('versions driven up as far as they go by stolen keys are forgotten with those keys', async () => {
  for (const roles of [['timestamp'], ['snapshot', 'timestamp'], ['targets', 'snapshot', 'timestamp']] as const) {
    const { forge, trusted } = await seen();
    const high = { version: 2 ** 31 };
    forge.targets(roles.some((role) => role === 'targets') ? high : {});
    forge.snapshot(roles.some((role) => role === 'snapshot') ? high : {});
    forge.timestamp(high);
    const robbed = await ends(forge, trusted, 'ok');
    for (const role of roles)
      forge.holders[role] = { ...forge.holders[role], hands: forge.holders[role].hands.map(() => hand()) };
    forge.root();
    forge.targets({ version: 3 });
    forge.snapshot({ version: 3 });
    forge.timestamp({ version: 3 });
    await ends(forge, robbed, 'ok', [2, 3, 3, 3]);
  }
});

test("targets driven up by their own stolen keys are forgotten with those; the hub's timestamp is still no older than it was", async () => {
  const { forge, trusted } = await seen();
  forge.targets({ version: 2 ** 31 });
  forge.snapshot();
  forge.timestamp();
  const robbed = await ends(forge, trusted, 'ok', [1, 2, 2, 2 ** 31]);
  forge.holders.targets = { ...forge.holders.targets, hands: [hand(), hand()] };
  forge.root();
  forge.targets({ version: 2 });
  forge.snapshot({ version: 3 });
  forge.timestamp({ version: 1 });
  await ends(forge, robbed, 'replayed');
  forge.timestamp({ version: 3 });
  await ends(forge, robbed, 'ok', [2, 3, 3, 2]);
});

// Delegations

test('nobody is delegated to: what others were allowed to offer is not offered, whatever the graph', async () => {
  const { forge, trusted } = await seen();
  const helper = hand();
  const delegation = (name: string) => ({
    name,
    keyids: [helper.key.keyID],
    threshold: 1,
    terminating: false,
    paths: ['*/*/*'],
  });
  const delegations = {
    keys: { [helper.key.keyID]: helper.key.toJSON() },
    roles: ['a', 'b'].map(delegation),
  };
  forge.targets({ more: { delegations } });
  const listed = {
    targets: { '6.6.6/x64/release.json': { length: 1, hashes: { sha256: '0'.repeat(64) }, custom: {} } },
  };
  const own = forge.holders.targets;
  forge.holders.targets = { hands: [helper], threshold: 1 };
  const offered = forge.targets({ version: 2, more: listed });
  forge.files.set('metadata/2.a.json', offered);
  forge.holders.targets = own;
  forge.targets({ version: 2, more: { delegations } });
  forge.snapshot();
  forge.timestamp();
  forge.asked.length = 0;
  const after = await ends(forge, trusted, 'ok', [1, 2, 2, 2]);
  assert.equal(allOffers(after), []);
  assert.equal(
    forge.asked.filter((path) => /[ab]\.json$/.test(path)),
    [],
  );
});

// Offers

test('only what has a sound name, serial and hash is an offer, and only under its own path', async () => {
  const { forge, trusted } = await seen();
  const custom = { release: '2.0.0', arch: 'x64', serial: 3, note: { vi: 'a', en: 'b' } };
  const hashes = { sha256: 'a'.repeat(64) };
  const file = { length: 10, hashes, custom };
  const path = '2.0.0/x64/release.json';
  const targets = {
    [path]: file,
    '2.0.1/x64/release.json': file,
    '../x64/release.json': { ...file, custom: { ...custom, release: '..' } },
    '2.1.0/x64/release.json': { ...file, custom: { ...custom, release: '2.1.0', serial: -1 } },
    '2.2.0/x64/release.json': { ...file, custom: { ...custom, release: '2.2.0', serial: '2' } },
    '2.3.0/x64/release.json': { ...file, hashes: { sha256: '../../x' }, custom: { ...custom, release: '2.3.0' } },
    '2.4.0/x64/release.json': { ...file, hashes: { sha512: 'a' }, custom: { ...custom, release: '2.4.0' } },
    '2.5.0/x64/release.json': { ...file, length: 2 ** 40, custom: { ...custom, release: '2.5.0' } },
    '2.6.0/x64/release.json': { length: 10, hashes },
  };
  forge.targets({ more: { targets } });
  forge.snapshot();
  forge.timestamp();
  const after = await ends(forge, trusted, 'ok', [1, 2, 2, 2]);
  assert.equal(
    allOffers(after).map(({ release }) => release),
    ['2.0.0'],
  );
});

test.run();
