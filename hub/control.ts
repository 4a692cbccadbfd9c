// The hub's back door for `matlang hub …` and `matlang spool import` on the same machine: HTTP on a Unix socket that only the owner of the
// data folder may open. Whoever may open it could as well change the archive itself.
//
//   POST /carry/<node>     a whole record or segment          → Carried
//   POST /receipt/<node>   [{boot, seq|seg, sha256}, …]       → {jws}
//   POST /carried/<node>   {actor, stored, known}             → {}
//   POST /resend           {actor, nodes: […] | null}         → {answers: [{node, …Answer}]}
//   GET  /holds                                               → {nodes: [{node, files, missing}]}
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { localPath } from '../agent/local.ts';
import { nameSchema } from '../protocol/identity.ts';
import { askedSchema, type Carry } from './carry.ts';
import { limits } from './limits.ts';
import type { Resend } from './resend.ts';

export interface ControlParts {
  readonly dataDir: string;
  readonly carry: Carry;
  readonly resend: Resend;
}

export interface Control {
  close(): Promise<void>;
}

const actorSchema = z.string().min(1).max(128);
const count = z.number().int().nonnegative();
const carriedSchema = z.strictObject({ actor: actorSchema, stored: count, known: count });
const resendSchema = z.strictObject({ actor: actorSchema, nodes: z.array(nameSchema).max(1000).nullable() });

/** A stale socket is replaced: the data folder is locked, so no other hub listens there. */
export async function openControl({ dataDir, carry, resend }: ControlParts): Promise<Control> {
  const path = localPath(dataDir);
  await rm(path, { force: true });
  const act = async (request: IncomingMessage): Promise<unknown> => {
    const [, what = '', node = ''] = (request.url ?? '').split('/');
    const body = await bodyOf(request);
    if (what === 'holds') return { nodes: await resend.holds() };
    if (what === 'resend') {
      const { actor, nodes } = resendSchema.parse(jsonOf(body));
      return { answers: await resend.ask(actor, nodes) };
    }
    nameSchema.parse(node);
    if (what === 'carry') return await carry.take(node, body);
    if (what === 'receipt') return { jws: await carry.receipt(node, askedSchema.parse(jsonOf(body))) };
    if (what === 'carried') {
      const { actor, stored, known } = carriedSchema.parse(jsonOf(body));
      await carry.told(actor, node, stored, known);
      return {};
    }
    throw new Error(`nothing is called ${what}`);
  };
  const server = createServer((request, response) => {
    act(request).then(
      (answer) => reply(response, 200, answer),
      (error: unknown) => reply(response, 400, { text: String(error) }),
    );
  });
  server.listen(path);
  await once(server, 'listening');
  await chmod(path, 0o600);
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function reply(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

/** The largest file there can be, and its manifest. */
const bodyBytesMax = limits.bodyBytesMax + limits.recordPayloadBytesMax;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > bodyBytesMax) throw new Error(`a body may have ${bodyBytesMax} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function jsonOf(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}
