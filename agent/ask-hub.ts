// One request to the hub's enrolment door: POST, JSON or a JWS, and a bounded answer.
import type { IncomingMessage } from 'node:http';
import { enrolBytesMax } from '../protocol/enrol.ts';
import { dial, type Trusted } from './dial.ts';
import { request } from './http.ts';

export type Asked =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly text: string; readonly refused: boolean; readonly body?: unknown };

const answerMsMax = 15_000;

/** `hubs`: `host:port`, tried one after the other until one answers. Never throws for what network and hub do. */
export async function askHub(
  hubs: readonly string[],
  path: '/enrol' | '/renew' | '/here',
  body: string,
  trusted: Trusted,
  signal: AbortSignal,
): Promise<Asked> {
  const tried: string[] = [];
  for (const hub of hubs) {
    const asked = await askOne(addressOf(hub), path, body, trusted, signal);
    if (asked.ok || asked.refused) return asked;
    tried.push(`${hub}: ${asked.text}`);
  }
  return { ok: false, refused: false, text: tried.join('; ') };
}

async function askOne(
  to: { readonly host: string; readonly port: number },
  path: string,
  body: string,
  trusted: Trusted,
  signal: AbortSignal,
): Promise<Asked> {
  const dialled = await dial(to, trusted, signal);
  if (!dialled.ok) return { ok: false, refused: false, text: dialled.text };
  const { socket } = dialled;
  const late = setTimeout(() => socket.destroy(new Error(`no answer in ${answerMsMax} ms`)), answerMsMax);
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { host: 'hub', 'content-length': Buffer.byteLength(body), connection: 'close' };
      const asking = request({ method: 'POST', path, headers, createConnection: () => socket }, resolve);
      asking.once('error', reject);
      asking.end(body);
    });
    const text = await readBounded(answer);
    if (answer.statusCode === 200) return { ok: true, body: JSON.parse(text) };
    if (answer.statusCode === 403) return { ok: false, refused: true, text: 'the hub refuses', body: JSON.parse(text) };
    return { ok: false, refused: false, text: `the hub answers ${answer.statusCode ?? ''} ${text.slice(0, 200)}` };
  } catch (error) {
    return { ok: false, refused: false, text: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

async function readBounded(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    if (bytes > enrolBytesMax) throw new Error(`the answer is longer than ${enrolBytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Of `host:port`, an IPv6 address in brackets. */
export function addressOf(hub: string): { host: string; port: number } {
  const at = hub.lastIndexOf(':');
  return { host: hub.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(hub.slice(at + 1)) };
}
