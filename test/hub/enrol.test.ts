// Joining a commune: tickets, keys, certificates, renewal, a swapped card; over real TLS.
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { connectAsync, type IClientOptions } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askHub } from '../../agent/ask-hub.ts';
import { dial } from '../../agent/dial.ts';
import { readSigner } from '../../agent/identity.ts';
import { openRequest, readMembership } from '../../agent/membership.ts';
import { folders } from '../../agent/outbox.ts';
import { openSpool } from '../../agent/spool.ts';
import { openRenewal } from '../../agent/uplink/renewal.ts';
import { disk } from '../../hal/disk.ts';
import { openTrust } from '../../hub/trust/trust.ts';
import { commandSchema } from '../../protocol/command.ts';
import { renewRefusalSchema } from '../../protocol/enrol.ts';
import { hereAnswerSchema } from '../../protocol/here.ts';
import { readVerifyingKey, verify } from '../../protocol/sign.ts';
import { readTicket, writeTicket } from '../../protocol/ticket.ts';
import { clientIdOf, root } from '../../protocol/topics.ts';
import { type Commune, commune as communeName, foundCommune, type JoinedNode } from '../support/commune.ts';
import { until } from '../support/until.ts';

const test = suite<{ commune: Commune }>('joining');
test.before.each(async (context) => {
  context.commune = await foundCommune('embedded');
});
test.after.each(({ commune }) => commune.remove());

test('hub init makes what openssl believes; run again it touches nothing, and renews what is two thirds over', async ({
  commune,
}) => {
  const at = join(commune.config.trustDir);
  const verify = (...args: string[]) =>
    spawnSync('openssl', ['verify', '-CAfile', join(at, 'ca.crt.pem'), ...args]).status;
  assert.is(verify('-purpose', 'sslserver', join(at, 'broker/server.crt.pem')), 0);
  assert.is.not(verify('-purpose', 'sslclient', join(at, 'broker/server.crt.pem')), 0);
  assert.is(verify('-purpose', 'sslclient', join(at, 'hub.tls.pem')), 0);
  for (const name of ['ca.key.pem', 'hub.tls.pem', 'roll.sqlite', '../key.txt', '../hub.key.pem'])
    assert.is((await stat(join(at, name))).mode & 0o077, 0, name);
  const again = (days: number) => commune.initAgain(Date.now() + days * 86_400_000);
  const soon = await again(30);
  assert.ok(soon.ok && soon.escrow === undefined);
  assert.equal(soon.ok && soon.made, []);
  const later = await again(600);
  assert.equal(later.ok && later.made.map((path) => path.slice(at.length + 1)), [
    'broker/server.key.pem',
    'broker/server.crt.pem',
    'hub.tls.pem',
  ]);
});

test('a node joins with a ticket: keys of its own, mode 0600, and all it needs of the hub', async ({ commune }) => {
  const { hub, stop } = await commune.start();
  const ticket = await commune.ticket('mat-01');
  const read = readTicket(`# một dòng ghi chú\r\n${writeTicket(ticket)}\r\n`);
  assert.ok(read.ok);
  assert.equal(read.ok && read.ticket, ticket);
  const identityDir = join(commune.dir, 'mat-01');
  const joined = await commune.enrolAt(identityDir, ticket);
  assert.ok(joined.ok, JSON.stringify(joined));
  assert.is(joined.ok && joined.answer.broker, `mqtts://127.0.0.1:${commune.brokerPort}`);
  const names = await readdir(identityDir);
  assert.equal(names, ['ca.pem', 'hub.pub', 'member.json', 'recipients.txt', 'signing.pem', 'signing.pub', 'tls.pem']);
  for (const name of names) assert.is((await stat(join(identityDir, name))).mode & 0o777, 0o600, name);
  assert.is(
    await readFile(join(identityDir, 'signing.pub'), 'utf8'),
    await readFile(join(commune.config.keysDir, 'mat-01.pub'), 'utf8'),
  );
  const membership = await readMembership(disk, identityDir);
  const certificate = new X509Certificate(membership?.tls ?? '');
  assert.is(certificate.subject, 'CN=mat-01');
  // The same node may ask again, in case the answer was lost; nobody else may.
  assert.ok((await commune.enrolAt(identityDir, ticket)).ok);
  const thief = await commune.enrolAt(join(commune.dir, 'thief'), ticket);
  assert.is(!thief.ok && thief.why, 'refused');
  assert.is(hub.refusals.count(), 1);
  const other = await commune.enrolAt(identityDir, await commune.ticket('mat-02'));
  assert.is(!other.ok && other.why, 'other-node');
  await stop();
});

test('a ticket that expired, was replaced or never was is refused; a false hub gets not a byte', async ({
  commune,
}) => {
  const { stop } = await commune.start();
  const old = await commune.ticket('mat-01', {}, 0);
  const replaced = await commune.ticket('mat-02');
  const good = await commune.ticket('mat-02');
  const at = (name: string) => join(commune.dir, name);
  for (const ticket of [old, replaced, { ...good, token: 'A'.repeat(22) }]) {
    const refused = await commune.enrolAt(at(`r-${ticket.token}`), ticket);
    assert.is(!refused.ok && refused.why, 'refused');
  }
  const foreign = await commune.enrolAt(at('f'), { ...good, caSha256: '0'.repeat(64) });
  assert.is(!foreign.ok && foreign.text.includes('does not show the commune'), true);
  assert.ok((await commune.enrolAt(at('g'), good)).ok);
  await stop();
});

test('after ten failures in a minute the door hears nobody', async ({ commune }) => {
  const { stop } = await commune.start();
  const good = await commune.ticket('mat-01');
  const tries = [];
  for (let n = 0; n < 11; n += 1)
    tries.push(await commune.enrolAt(join(commune.dir, 'try'), { ...good, token: 'B'.repeat(22) }));
  assert.is(tries.filter((each) => !each.ok && each.why === 'refused').length, 10);
  const late = await commune.enrolAt(join(commune.dir, 'try'), good);
  assert.match(late.ok ? '' : late.text, /429/);
  await stop();
});

test('a swapped card keeps the name: the old card is out of force, its key kept, and the new chain begins at the old one’s end', async ({
  commune,
}) => {
  const { hub, stop } = await commune.start();
  const old = await commune.join('mat-01');
  const last = await deliverOne(commune, old);
  await until('the old card’s record at the hub', () => hub.summary().records === 1);
  const oldKey = await readFile(join(commune.config.keysDir, 'mat-01.pub'), 'utf8');
  const fresh = await commune.join('mat-01', join(commune.dir, 'new-card'));
  assert.is.not(await readFile(join(commune.config.keysDir, 'mat-01.pub'), 'utf8'), oldKey);
  const { spool } = await spoolOf(fresh, join(commune.dir, 'new-data'));
  assert.ok(Number(spool.boot.slice(0, 6)) === 2, spool.boot);
  const first = await spool.append(someRecord);
  assert.is(first.ok && first.manifest.prev, last, 'the first record of the new card names the last one of the old');
  const trust = await openTrust(commune.config.trustDir);
  assert.equal(
    trust?.roll.formerKeys('mat-01').map(({ signingKey }) => signingKey),
    [oldKey],
  );
  const serial = (tls: string) => new X509Certificate(tls).serialNumber.toLowerCase();
  assert.ok(trust?.roll.certificate(serial(old.membership.tls))?.revokedMs);
  assert.is(trust?.roll.certificate(serial(fresh.membership.tls))?.revokedMs, null);
  trust?.close();
  await stop();
});

test('a certificate is renewed with a new key; an expired one gets in only for that, a revoked one not even for that', async ({
  commune,
}) => {
  const { hub, stop } = await commune.start();
  const { identityDir, membership } = await commune.join('mat-01');
  const trust = await openTrust(commune.config.trustDir);
  if (trust === undefined) throw new Error('no trust');
  const orders: string[] = [];
  const renew = async () => {
    const now = await readMembership(disk, identityDir);
    if (now === undefined) throw new Error('no member');
    const stopping = new AbortController();
    const said: string[] = [];
    // A dead clock: nothing but refused connections says that it may be time.
    const renewal = openRenewal(
      {
        ...{ disk, identityDir, membership: now, floorMs: 0, monoMs: () => performance.now() },
        time: { wallMs: () => 0, isKnown: () => false },
        withdrawn: (order) => void orders.push(Buffer.from(order).toString('latin1')),
        log: (_, event) => void said.push(event),
      },
      stopping.signal,
    );
    for (let n = 0; n < 3; n += 1) renewal.refused();
    await until('an outcome', () => said.length > 0);
    stopping.abort();
    return said[0];
  };
  assert.is(await renew(), 'certificate renewed');
  const renewed = await readMembership(disk, identityDir);
  assert.is.not(renewed?.tls, membership.tls);

  // A year later, seen from here: the certificate that it shows is over.
  const request = await openRequest(disk, identityDir, 'mat-01');
  const expired = await trust.ca.issue({
    ...{ commonName: 'mat-01', use: 'client', days: 300, nowMs: Date.now() - 400 * 86_400_000 },
    publicKey: new X509Certificate(renewed?.tls ?? '').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  trust.roll.addCertificate({ ...expired, node: 'mat-01', publicKey: '' });
  const key = `-----BEGIN PRIVATE KEY-----${renewed?.tls.split('-----BEGIN PRIVATE KEY-----')[1]}`;
  const trusted = { commune: communeName, ca: { pem: membership.ca }, own: { cert: expired.pem, key }, floorMs: 0 };
  const ask = (path: '/renew' | '/enrol') =>
    askHub(membership.hubs, path, JSON.stringify({ v: 1, csr: request.csr }), trusted, AbortSignal.timeout(10_000));
  assert.ok((await ask('/renew')).ok);
  assert.not((await ask('/enrol')).ok);
  await brokerEnds(commune.brokerPort, trusted);
  await until('its refusal told', () => hub.refusals.last().some(({ text }) => text.includes('CERT_HAS_EXPIRED')));

  assert.ok(trust.roll.end('mat-01', 'revoked', 'stolen', Date.now()));
  const refused = await ask('/renew');
  assert.ok(!refused.ok && refused.refused);
  await until('its key gone', async () => !(await readdir(commune.config.keysDir)).includes('mat-01.pub'));
  assert.ok(hub.refusals.count() >= 1);
  assert.equal(orders, []);
  trust.close();
  await stop();
});

test('the hub itself says to a known node that it takes records, and whether it has one; to a stranger it says nothing', async ({
  commune,
}) => {
  const { hub, stop } = await commune.start();
  const identityDir = join(commune.dir, 'mat-01');
  assert.ok((await commune.enrolAt(identityDir, await commune.ticket('mat-01'))).ok);
  const member = await readMembership(disk, identityDir);
  if (member === undefined) throw new Error('no member');
  const own = { cert: member.tls, key: member.tls };
  const trusted = { commune: communeName, ca: { pem: member.ca }, own, floorMs: 0 };
  const hubKey = await readVerifyingKey(await readFile(join(identityDir, 'hub.pub'), 'utf8'));
  const nonce = 'ab'.repeat(16);
  const ask = async (body: object, as: typeof trusted | Omit<typeof trusted, 'own'> = trusted) => {
    const asked = await askHub(member.hubs, '/here', JSON.stringify(body), as, AbortSignal.timeout(10_000));
    const word = asked.ok && typeof asked.body === 'object' && asked.body !== null && 'word' in asked.body;
    const verified = word
      ? await verify(String(Reflect.get(Object(asked.body), 'word')), 'matlang-here', hubKey)
      : undefined;
    return verified?.ok ? hereAnswerSchema.parse(verified.payload) : asked.ok ? 'no word' : asked.refused;
  };
  await until('its broker', () => hub.isConnected());
  const record = { boot: '000001.9f3a2c1d', seq: 0, sha256: 'a'.repeat(64) };
  const said = await ask({ v: 1, nonce, record });
  if (typeof said !== 'object') throw new Error(`no answer: ${String(said)}`);
  assert.equal([said.aud, said.nonce, said.taking, said.stored], ['xa-thu/mat-01', nonce, true, false]);
  assert.ok(Math.abs(said.hubMs - Date.now()) < 60_000);
  const { own: _, ...stranger } = trusted;
  assert.is(await ask({ v: 1, nonce }, stranger), true, 'refused without a certificate');
  assert.is(await ask({ v: 1, nonce: 'short' }), true, 'refused without a nonce');
  await stop();
});

test('a lent camera carries owner, consent and hours; taken back, its node is told, by the door too if the broker is shut', async ({
  commune,
}) => {
  const { hub, stop } = await commune.start();
  const lent = { owner: 'Bà Tư', consentDate: '2026-11-01', consentUntil: '2027-10-31' };
  const ticket = await commune.ticket('mat-01', { lent, contact: '0900 000 000', armed: ['22:00-05:00'] });
  assert.not(JSON.stringify(ticket).includes('0900'), 'how the owner is reached stays at the hub');
  const identityDir = join(commune.dir, 'mat-01');
  const joined = await commune.enrolAt(identityDir, ticket);
  assert.equal(joined.ok && [joined.answer.lent, joined.answer.armed], [lent, ['22:00-05:00']]);
  const trust = await openTrust(commune.config.trustDir);
  assert.is(trust?.roll.node('mat-01')?.contact, '0900 000 000');
  assert.ok(trust?.roll.end('mat-01', 'withdrawn', 'chủ nhà chuyển đi', Date.now()));
  await hub.trust?.watch.look();
  const member = await readMembership(disk, identityDir);
  if (member === undefined) throw new Error('no member');
  const trusted = {
    commune: communeName,
    ca: { pem: member.ca },
    own: { cert: member.tls, key: member.tls },
    floorMs: 0,
  };
  const { csr } = await openRequest(disk, identityDir, 'mat-01');
  const body = JSON.stringify({ v: 1, csr });
  const refused = await askHub(member.hubs, '/renew', body, trusted, AbortSignal.timeout(10_000));
  const order = refused.ok ? undefined : renewRefusalSchema.parse(refused.body).order;
  const hubKey = await readVerifyingKey(await readFile(join(identityDir, 'hub.pub'), 'utf8'));
  const verified = await verify(order ?? '', 'matlang-command', hubKey);
  assert.ok(verified.ok);
  const command = commandSchema.parse(verified.ok && verified.payload);
  assert.equal([command.name, command.aud], ['withdraw', 'xa-thu/mat-01']);
  trust?.close();
  await stop();
});

test('a running hub shows the certificate that hub init has renewed, to nodes that knew only the old one', async ({
  commune,
}) => {
  const { hub, stop } = await commune.start();
  const { membership } = await commune.join('mat-01');
  const trusted = (nowMs: number) => ({
    ...{ commune: communeName, ca: { pem: membership.ca }, own: { cert: membership.tls, key: membership.tls } },
    floorMs: nowMs,
  });
  // Three years on: the node is sure that the old certificate is over.
  const laterMs = Date.now() + 1000 * 86_400_000;
  const port = Number(membership.hubs[0]?.split(':')[1]);
  const call = () => dial({ host: '127.0.0.1', port }, trusted(laterMs), AbortSignal.timeout(10_000));
  const before = await call();
  assert.match(before.ok ? '' : before.text, /ended on/);
  await commune.initAgain(laterMs);
  await hub.trust?.watch.look();
  const after = await call();
  assert.ok(after.ok, after.ok ? '' : after.text);
  if (after.ok) after.socket.destroy();
  await stop();
});

test('a folder whose certificate and key are not one pair is named', async ({ commune }) => {
  const { stop } = await commune.start();
  const one = await commune.join('mat-01');
  const two = await commune.join('mat-02');
  const [certificate] = one.membership.tls.split('-----BEGIN PRIVATE KEY-----');
  const [, key] = two.membership.tls.split('-----BEGIN PRIVATE KEY-----');
  await writeFile(join(one.identityDir, 'tls.pem'), `${certificate}-----BEGIN PRIVATE KEY-----${key}`);
  const error = await readMembership(disk, one.identityDir).catch((thrown: unknown) => thrown);
  assert.match(String(error), /tls\.pem .*not one pair/);
  await stop();
});

const someRecord = {
  kind: 'log',
  class: 1,
  time: { monoMs: 1, wallMs: Date.now(), clock: 'ntp', errorMs: 5 },
} as const;

/** What the recorder of this node would write with. */
async function spoolOf({ node, identityDir }: JoinedNode, dataDir: string) {
  const { signingKey, sealer } = await readSigner(disk, identityDir);
  const rest = { commune: communeName, node, config: '0'.repeat(64), release: '0', signingKey, sealer };
  return { spool: await openSpool(disk, dataDir, identityDir, rest), dataDir };
}

/** One record, sent as the uplink would; its hash. */
async function deliverOne(commune: Commune, joined: JoinedNode): Promise<string> {
  const { spool, dataDir } = await spoolOf(joined, join(commune.dir, 'old-data'));
  const stored = await spool.append(someRecord);
  if (!stored.ok) throw new Error(stored.why);
  const { tls, ca } = joined.membership;
  const options = { ca, cert: tls, key: tls, checkServerIdentity: () => undefined };
  const client = await connectAsync(`mqtts://127.0.0.1:${commune.brokerPort}`, {
    ...(options as IClientOptions),
    ...{ protocolVersion: 4, clientId: clientIdOf(communeName, joined.node), reconnectPeriod: 0 },
  });
  const bytes = await readFile(join(folders(dataDir).waiting(1), stored.name));
  await client.publishAsync(`${root(communeName, joined.node)}/out/record`, bytes, { qos: 1 });
  await client.endAsync(true);
  return stored.sha256;
}

/** Resolves when the broker has closed the connection. */
function brokerEnds(port: number, { own }: { own: { cert: string; key: string } }): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...own, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    socket.resume();
  });
}

test.run();
