// The node's certificate, renewed at two thirds of its life; and when the broker keeps refusing us, for whatever our clock says it may have expired.
import type { Disk } from '../../hal/ports.ts';
import { renewAnswerSchema, renewRefusalSchema } from '../../protocol/enrol.ts';
import { askHub } from '../ask-hub.ts';
import type { Trusted } from '../dial.ts';
import type { Log } from '../log.ts';
import { keepAnswer, type Membership, openRequest, readMembership } from '../membership.ts';
import type { HubTime } from './time.ts';

export interface Renewal {
  /** What the next connection is made with. */
  trusted(): Trusted;
  /** A connection was made and was not let in, or none could be made. */
  refused(): void;
  connected(): void;
}

export interface RenewalWorld {
  readonly disk: Disk;
  readonly identityDir: string;
  readonly membership: Membership;
  readonly time: Pick<HubTime, 'wallMs' | 'isKnown'>;
  readonly floorMs: number;
  readonly monoMs: () => number;
  /** The hub refuses for good: its signed order. */
  readonly withdrawn: (order: Uint8Array) => void;
  readonly log: Log;
}

const lookEveryMs = 60_000;
/** After a failure, or a success that the broker does not honour. */
const againMs = 600_000;
/** So many connections in a row that came to nothing. */
const refusalsMin = 3;

/** Looks from time to time until the signal aborts. Never throws. */
export function openRenewal(world: RenewalWorld, signal: AbortSignal): Renewal {
  const { disk, identityDir, time, monoMs, log } = world;
  let membership = world.membership;
  let busy: Promise<void> | undefined;
  const at = { refusals: 0, triedMs: Number.NEGATIVE_INFINITY };

  const trusted = (): Trusted => {
    const { commune, ca, tls } = membership;
    return { commune, ca: { pem: ca }, own: { cert: tls, key: tls }, floorMs: world.floorMs };
  };
  const isDue = () => {
    const { fromMs, toMs } = membership;
    return at.refusals >= refusalsMin || (time.isKnown() && time.wallMs() > fromMs + ((toMs - fromMs) * 2) / 3);
  };
  const renew = async () => {
    const { commune, node, hubs, lent } = membership;
    const request = await openRequest(disk, identityDir, node);
    const asked = await askHub(hubs, '/renew', JSON.stringify({ v: 1, csr: request.csr }), trusted(), signal);
    const answer = asked.ok ? renewAnswerSchema.safeParse(asked.body).data : undefined;
    const final = asked.ok ? undefined : renewRefusalSchema.safeParse(asked.body).data?.order;
    if (final !== undefined) world.withdrawn(Buffer.from(final, 'latin1'));
    if (answer === undefined)
      return log('warn', 'certificate not renewed', { why: asked.ok ? 'malformed answer' : asked.text });
    const member = { v: 1, commune, node, hubs, ...(lent && { lent }) } as const;
    await keepAnswer(disk, identityDir, member, request, answer);
    membership = (await readMembership(disk, identityDir)) ?? membership;
    at.refusals = 0;
    log('info', 'certificate renewed', { until: new Date(membership.toMs).toISOString() });
  };
  const look = () => {
    if (busy !== undefined || signal.aborted || !isDue() || monoMs() - at.triedMs < againMs) return;
    at.triedMs = monoMs();
    busy = renew()
      .catch((error: unknown) => log('warn', 'certificate not renewed', { why: String(error) }))
      .finally(() => {
        busy = undefined;
      });
  };
  const timer = setInterval(look, lookEveryMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return {
    trusted,
    refused: () => {
      at.refusals += 1;
      look();
    },
    connected: () => {
      at.refusals = 0;
      look();
    },
  };
}
