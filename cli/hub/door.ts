// `matlang` beside a running hub: asks it over the socket in its data folder (hub/control.ts).
import { request } from 'node:http';
import { userInfo } from 'node:os';
import * as z from 'zod';
import { localPath } from '../../agent/local.ts';
import type { Carry } from '../../hub/carry.ts';
import type { Carried } from '../../hub/intake.ts';
import type { Held, ResendAnswer } from '../../hub/resend.ts';

export interface HubDoor {
  readonly carry: Carry;
  resend(actor: string, nodes: readonly string[] | null): Promise<ResendAnswer[]>;
  holds(): Promise<Held[]>;
}

/** For the audit log. */
export const actor = (): string => `cli:${userInfo().username}`;

/** Undefined where no hub runs on this data folder. Throws where it may not be asked. */
export async function knockAtHub(dataDir: string): Promise<HubDoor | undefined> {
  const socketPath = localPath(dataDir);
  const ask = async (method: 'GET' | 'POST', path: string, body?: Uint8Array | string): Promise<unknown> => {
    const { status, text } = await send(socketPath, method, path, body);
    const answer: unknown = JSON.parse(text);
    if (status === 200) return answer;
    throw new Error(z.object({ text: z.string() }).safeParse(answer).data?.text ?? text);
  };
  try {
    await ask('GET', '/holds');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
  return {
    carry: {
      take: async (node, bytes) => (await ask('POST', `/carry/${node}`, bytes)) as Carried,
      receipt: async (node, asked) => {
        const answer = await ask('POST', `/receipt/${node}`, JSON.stringify(asked));
        return z.object({ jws: z.string() }).parse(answer).jws;
      },
      told: async (who, node, stored, known) =>
        void (await ask('POST', `/carried/${node}`, JSON.stringify({ actor: who, stored, known }))),
    },
    resend: async (who, nodes) => {
      const answer = await ask('POST', '/resend', JSON.stringify({ actor: who, nodes }));
      return (answer as { answers: ResendAnswer[] }).answers;
    },
    holds: async () => ((await ask('GET', '/holds')) as { nodes: Held[] }).nodes,
  };
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: Uint8Array | string | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
      );
    });
    asked.once('error', reject);
    asked.end(body);
  });
}
