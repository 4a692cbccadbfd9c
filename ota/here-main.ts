// Asks the hub whether it is there and has a record, and prints its signed word: `matlang-here --config FILE --nonce HEX [--boot B --seq N --sha256 HEX]`.
// Run by the launcher, mostly from the release that was proven last: whether a new release reaches the hub is not for the new release to say.
// Exit 0 with the word; 1 where no hub answers. Whether the word is true, whoever asks must check.
import { parseArgs } from 'node:util';
import { askHub } from '../agent/ask-hub.ts';
import { loadConfig } from '../agent/config-file.ts';
import { readHead } from '../agent/head.ts';
import { readMembership } from '../agent/membership.ts';
import { disk } from '../hal/disk.ts';
import { hereRequestSchema } from '../protocol/here.ts';

const askMsMax = 40_000;

const { values } = parseArgs({
  options: {
    config: { type: 'string' },
    nonce: { type: 'string' },
    boot: { type: 'string' },
    seq: { type: 'string' },
    sha256: { type: 'string' },
  },
});
const { config, nonce, boot, seq, sha256 } = values;
if (config === undefined) throw new Error('--config FILE is required');
const record = boot === undefined ? {} : { record: { boot, seq: Number(seq), sha256 } };
const request = hereRequestSchema.parse({ v: 1, nonce, ...record });
const { identityDir } = await loadConfig(disk, config, 'read-only');
const membership = await readMembership(disk, identityDir);
if (membership === undefined) throw new Error('this node has not joined a commune yet (matlang enrol)');
const { commune, ca, tls, hubs } = membership;
const floorMs = (await readHead(disk, identityDir).catch(() => undefined))?.floorMs ?? 0;
const trusted = { commune, ca: { pem: ca }, own: { cert: tls, key: tls }, floorMs };
const asked = await askHub(hubs, '/here', JSON.stringify(request), trusted, AbortSignal.timeout(askMsMax));
const word =
  asked.ok && typeof asked.body === 'object' && asked.body !== null && 'word' in asked.body
    ? asked.body.word
    : undefined;
if (typeof word === 'string') process.stdout.write(`${word}\n`);
else {
  process.stderr.write(`${asked.ok ? 'a malformed answer' : asked.text}\n`);
  process.exitCode = 1;
}
