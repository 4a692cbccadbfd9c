// Who may do what at the broker: ten nodes × every topic × publish and subscribe, on mosquitto and on the embedded broker; and who is not let in at all.
import { randomUUID } from 'node:crypto';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { followBrokerLog, readRefusal } from '../../hub/broker-log.ts';
import { openRefusals } from '../../hub/refusals.ts';
import { makeCaCertificate, makeKeys, openCa } from '../../hub/trust/ca.ts';
import { openTrust, type Trust } from '../../hub/trust/trust.ts';
import { covers, maySubscribe } from '../../protocol/rights.ts';
import { chunkTopic, clientIdOf, inTopics, outTopics, root } from '../../protocol/topics.ts';
import { type Commune, commune, foundCommune } from '../support/commune.ts';
import { until } from '../support/until.ts';

const names = Array.from({ length: 10 }, (_, index) => `mat-${String(index + 1).padStart(2, '0')}`);
const id = 'a'.repeat(64);
const topicsOf = (node: string) => [
  ...outTopics.map((what) => `${root(commune, node)}/out/${what}`),
  chunkTopic(commune, node, id, 7),
  `${root(commune, node)}/out/live/${'b'.repeat(32)}`,
  ...inTopics.map((what) => `${root(commune, node)}/in/${what}`),
  `${root(commune, node)}/in/other`,
  `${root(commune, node)}/out/other`,
  `${root(commune, node)}/out/record/deeper`,
];
const others = ['matlang/1/xa-khac/mat-01/out/status', 'matlang/2/xa-thu/mat-01/out/status', 'elsewhere'];
const isOutOf = (node: string, topic: string) =>
  topic.startsWith(`${root(commune, node)}/out/`) && !/other|deeper/.test(topic);
const isInOf = (node: string, topic: string) => inTopics.some((what) => topic === `${root(commune, node)}/in/${what}`);

const tlsOptions = (trust: Trust, own: { cert: string; key: string }, more: IClientOptions = {}): IClientOptions => {
  const tls = { ca: trust.ca.certificatePem, ...own, checkServerIdentity: () => undefined };
  return { ...(tls as IClientOptions), reconnectPeriod: 0, connectTimeout: 5000, ...more };
};

/** Undefined where the broker does not let it in, by error or by hanging up. */
function tryJoin(url: string, options: IClientOptions): Promise<MqttClient | undefined> {
  const client = connect(url, options);
  return new Promise((resolve) => {
    client.once('connect', () => resolve(client));
    client.on('error', () => client.end(true));
    client.once('close', () => resolve(undefined));
  });
}

async function withClients(
  found: Commune,
  play: (
    world: Readonly<{
      trust: Trust;
      nodes: ReadonlyMap<string, MqttClient>;
      asHub: () => Promise<MqttClient>;
      url: string;
      mqtt: 4 | 5;
    }>,
  ) => Promise<void>,
): Promise<void> {
  const trust = await openTrust(found.config.trustDir);
  if (trust === undefined) throw new Error('no trust');
  const url = `mqtts://127.0.0.1:${found.brokerPort}`;
  const { mqtt } = found.config;
  const clients: MqttClient[] = [];
  try {
    // With the rights of the hub. At mosquitto there is one connection for each name, so it is in the hub's place.
    const asHub = () =>
      connectAsync(url, tlsOptions(trust, trust.client, { protocolVersion: mqtt, clientId: randomUUID() })).then(
        (client) => {
          clients.push(client);
          return client;
        },
      );
    const nodes = new Map<string, MqttClient>();
    for (const node of names) {
      const keys = makeKeys();
      const subject = {
        commonName: node,
        use: 'client',
        publicKey: keys.publicPem,
        nowMs: Date.now(),
        days: 9,
      } as const;
      const own = { cert: (await trust.ca.issue(subject)).pem, key: keys.privatePem };
      const client = await connectAsync(
        url,
        tlsOptions(trust, own, { protocolVersion: mqtt, clientId: clientIdOf(commune, node) }),
      );
      client.on('error', () => undefined);
      nodes.set(node, client);
      clients.push(client);
    }
    await play({ trust, nodes, asHub, url, mqtt });
  } finally {
    for (const client of clients) await client.endAsync(true).catch(() => undefined);
    trust.close();
  }
}

test('mosquitto: of all topics each node may write its own out/ and read its own in/, nothing else; each refusal is told at the hub', async () => {
  const found = await foundCommune('mosquitto');
  const refusals = openRefusals(
    () => undefined,
    Date.now,
    () => undefined,
  );
  const log = followBrokerLog(found.config.mosquitto?.log ?? '', commune, refusals.refused, () => undefined);
  try {
    await log.look();
    await withClients(found, async ({ nodes, asHub }) => {
      const hub = await asHub();
      const all = [...names.flatMap(topicsOf), ...others];
      // Published: what reaches somebody with the hub's rights. One marker a topic and a writer.
      const arrived = new Set<string>();
      hub.on('message', (topic, payload) => arrived.add(`${payload.toString()} ${topic}`));
      await hub.subscribeAsync(`matlang/1/${commune}/+/out/#`, { qos: 1 });
      const before = refusals.count();
      let wanted = 0;
      let refused = 0;
      for (const [node, client] of nodes) {
        const outcomes = await Promise.all(
          all.map((topic) =>
            client.publishAsync(topic, node, { qos: 1 }).then(
              () => true,
              () => false,
            ),
          ),
        );
        for (const [at, topic] of all.entries()) {
          assert.is(outcomes[at], isOutOf(node, topic), `${node} publishes ${topic}`);
          if (outcomes[at]) wanted += 1;
          else refused += 1;
        }
      }
      assert.is(wanted, names.length * 7);
      await until('what is allowed', () => arrived.size === wanted);
      for (const told of arrived) {
        const [node = '', topic = ''] = told.split(' ');
        assert.ok(isOutOf(node, topic), told);
      }
      await until('each refusal', () => refusals.count() - before === refused);

      // Subscribed: everybody asks for everything, the hub says everything it may.
      const heard = new Map<string, Set<string>>();
      for (const [node, client] of nodes) {
        const own = new Set<string>();
        heard.set(node, own);
        client.on('message', (topic, payload) => {
          if (payload.toString() === 'from the hub') own.add(topic);
        });
        await client.subscribeAsync(['#', ...all], { qos: 0 });
      }
      const said = names.flatMap((node) => inTopics.map((what) => `${root(commune, node)}/in/${what}`));
      for (const topic of said) await hub.publishAsync(topic, 'from the hub', { qos: 1 });
      await until('what is allowed', () => [...heard.values()].every((topics) => topics.size === inTopics.length));
      // What is not allowed would have come with it.
      await hub.publishAsync(`${root(commune, 'mat-10')}/in/receipt`, 'from the hub', { qos: 1 });
      for (const [node, topics] of heard)
        assert.equal([...topics].sort(), said.filter((topic) => isInOf(node, topic)).sort(), node);
      const asked = ['#', ...all];
      const tooMuch = names.flatMap((node) => asked.filter((filter) => !maySubscribe(node, filter, commune)));
      await until(
        'each subscription that asks for too much',
        () => refusals.count() - before === refused + tooMuch.length,
      );
    });
  } finally {
    await log.close();
    await found.remove();
  }
});

test('the embedded broker: the same; and a client id is as good as a name', async () => {
  const found = await foundCommune('embedded');
  const { hub: running } = await found.start();
  try {
    await withClients(found, async ({ trust, nodes, asHub, url }) => {
      const hub = await asHub();
      const arrived = new Set<string>();
      hub.on('message', (topic, payload) => arrived.add(`${payload.toString()} ${topic}`));
      await hub.subscribeAsync(`matlang/1/${commune}/+/out/#`, { qos: 1 });
      for (const [node, client] of nodes)
        for (const topic of topicsOf(node).filter((each) => isOutOf(node, each)))
          await client.publishAsync(topic, node, { qos: 1 });
      await until('what is allowed', () => arrived.size === names.length * 7);
      const before = running.refusals.count();
      // 3.1.1 knows no refusal of a message: the connection ends. Each try with a connection of its own.
      const keys = makeKeys();
      const subject = {
        commonName: 'mat-01',
        use: 'client',
        publicKey: keys.publicPem,
        nowMs: Date.now(),
        days: 9,
      } as const;
      const own = { cert: (await trust.ca.issue(subject)).pem, key: keys.privatePem };
      const join = (clientId: string) => connectAsync(url, tlsOptions(trust, own, { protocolVersion: 4, clientId }));
      const forbidden = [...topicsOf('mat-01'), ...topicsOf('mat-02'), ...others].filter(
        (topic) => !isOutOf('mat-01', topic),
      );
      for (const topic of forbidden) {
        const client = await join(clientIdOf(commune, 'mat-01'));
        client.on('error', () => undefined);
        const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
        void client.publishAsync(topic, 'mat-01', { qos: 1 }).catch(() => undefined);
        await closed;
      }
      assert.is(running.refusals.count() - before, forbidden.length);
      assert.is(arrived.size, names.length * 7);
      const client = await join(clientIdOf(commune, 'mat-01'));
      const filters = ['#', ...topicsOf('mat-01'), ...topicsOf('mat-02'), ...others];
      const granted = await client.subscribeAsync(filters, { qos: 1 }).catch((error: unknown) => error);
      assert.ok(granted instanceof Error || filters.length > 0);
      const refusedFilters = filters.filter((filter) => !maySubscribe('mat-01', filter, commune));
      await until(
        'each refused filter',
        () => running.refusals.count() - before === forbidden.length + refusedFilters.length,
      );
      await client.endAsync(true);
      const impostor = tlsOptions(trust, own, { protocolVersion: 4, clientId: clientIdOf(commune, 'mat-02') });
      assert.is(await tryJoin(url, impostor), undefined);
      assert.ok(nodes.get('mat-02')?.connected);
    });
  } finally {
    await found.remove();
  }
});

for (const kind of ['mosquitto', 'embedded'] as const)
  test(`${kind}: a foreign CA, a certificate of one's own, an expired or revoked one, or none: nobody is let in, each is told`, async () => {
    const found = await foundCommune(kind);
    const { hub: running } = await found.start();
    try {
      await withClients(found, async ({ trust, url, mqtt }) => {
        const nowMs = Date.now();
        const keys = makeKeys();
        const subject = { commonName: 'mat-01', use: 'client', publicKey: keys.publicPem, days: 9 } as const;
        const foreignKey = makeKeys().privatePem;
        const foreign = openCa(await makeCaCertificate(commune, foreignKey, nowMs), foreignKey);
        const ended = await trust.ca.issue({ ...subject, days: 300, nowMs: nowMs - 400 * 86_400_000 });
        const revoked = await trust.ca.issue({ ...subject, nowMs });
        trust.roll.addTicket('t', { node: 'mat-99', place: 'x', expiresMs: nowMs + 1e6 });
        trust.roll.join(
          't',
          {
            node: 'mat-99',
            signingKey: 'k',
            certificate: { serial: revoked.serial, notAfterMs: revoked.notAfterMs, publicKey: '' },
          },
          nowMs,
        );
        trust.roll.end('mat-99', 'revoked', 'stolen', nowMs);
        await running.trust?.watch.look();
        const server = await trust.ca.issue({ ...subject, use: 'server', nowMs });
        const wrong: Record<string, { cert: string; key: string } | undefined> = {
          foreign: { cert: (await foreign.issue({ ...subject, nowMs })).pem, key: keys.privatePem },
          'self-signed': { cert: await makeCaCertificate(commune, keys.privatePem, nowMs), key: keys.privatePem },
          expired: { cert: ended.pem, key: keys.privatePem },
          revoked: { cert: revoked.pem, key: keys.privatePem },
          "a server's": { cert: server.pem, key: keys.privatePem },
          none: undefined,
        };
        const before = running.refusals.count();
        for (const [name, own] of Object.entries(wrong)) {
          const { ca, ...more } = tlsOptions(trust, own ?? { cert: '', key: '' });
          const options =
            own === undefined
              ? { ca, reconnectPeriod: 0, connectTimeout: 5000, rejectUnauthorized: false }
              : { ca, ...more };
          const joined = await tryJoin(url, {
            ...options,
            protocolVersion: mqtt,
            clientId: clientIdOf(commune, 'mat-01'),
          });
          assert.is(joined, undefined, name);
        }
        await until('each refusal', () => running.refusals.count() - before >= Object.keys(wrong).length);
      });
    } finally {
      await found.remove();
    }
  });

test('each way in which mosquitto says that it refused somebody is heard, and what is no refusal is not', () => {
  const heard = (line: string) => readRefusal(`1795869039: ${line}`, commune)?.what;
  assert.is(heard('OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed'), 'connect');
  assert.is(
    heard('Client connection from 127.0.0.1 failed: error:0A000086:SSL routines::certificate verify failed.'),
    'connect',
  );
  assert.is(heard('OpenSSL Error[0]: error:0A0000C7:SSL routines::peer did not return a certificate'), 'connect');
  assert.is(heard('OpenSSL Error[0]: error:0A000126:SSL routines::unexpected eof while reading'), undefined);
  assert.is(heard('Client mat-99 closed its connection.'), undefined);
});

test('a filter covers another only where it covers all of it', () => {
  const yes = [
    ['#', 'a/b'],
    ['a/#', 'a/#'],
    ['a/+', 'a/b'],
    ['a/+', 'a/+'],
    ['a/#', 'a/+/c'],
    ['a/#', 'a'],
  ] as const;
  const no = [
    ['a/+', 'a/#'],
    ['a/b', 'a/+'],
    ['a/+', 'a/b/c'],
    ['a/b', 'a'],
    ['a/+/c', 'a/#'],
    ['+', '#'],
  ] as const;
  for (const [filter, topic] of yes) assert.ok(covers(filter, topic), `${filter} ${topic}`);
  for (const [filter, topic] of no) assert.not(covers(filter, topic), `${filter} ${topic}`);
});

test.run();
