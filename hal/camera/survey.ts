// A look at a network camera that somebody already has: what it sends, how often a key frame comes, what its clock says. Ten seconds, nothing is kept.
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { probeMs } from './bounds.ts';
import { startChild } from './child.ts';
import { addressScript, source } from './drivers/rtsp.ts';
import { type Picture, probe } from './probe.ts';
import { secretsOf } from './redact.ts';

export interface Survey {
  /** Without its password. */
  readonly host: string;
  readonly picture: Picture | undefined;
  /** Why there is no picture. */
  readonly why: string | undefined;
  readonly kbps: number | undefined;
  /** The longest time between two key frames that was seen; undefined where fewer than two came. */
  readonly gopMs: number | undefined;
  /** Its clock less ours, whole seconds; undefined when it does not tell. */
  readonly clockErrorS: number | undefined;
}

const watchS = 8;
const clockMsMax = 3000;
/** Where an address names none. */
export const rtspPort = 554;

export async function survey(url: string, signal: AbortSignal): Promise<Survey> {
  const at = new URL(url);
  const secrets = secretsOf(url);
  const input = addressScript({ url, transport: 'tcp' });
  const clockErrorS = await clockError(at.hostname, Number(at.port || rtspPort));
  const probed = await probe({ args: source, input }, probeMs.network, secrets, signal);
  const host = at.host;
  if (!probed.ok) {
    return { host, picture: undefined, why: probed.why, kbps: undefined, gopMs: undefined, clockErrorS };
  }
  const { kbps, gopMs } = await watchPackets(input, secrets, signal);
  return { host, picture: probed.picture, why: undefined, kbps, gopMs, clockErrorS };
}

async function watchPackets(
  input: string,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Pick<Survey, 'kbps' | 'gopMs'>> {
  const show = [
    '-v',
    'error',
    '-select_streams',
    'V:0',
    '-show_entries',
    'packet=pts_time,size,flags',
    '-of',
    'csv=p=0',
  ];
  const args = [...show, '-read_intervals', `%+${watchS}`, ...source];
  const child = startChild({ program: 'ffprobe', args, input }, ['pipe', 'pipe', 'pipe'], secrets);
  let rows = '';
  child.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
    rows += text;
  });
  const late = AbortSignal.any([signal, AbortSignal.timeout(watchS * 1000 + probeMs.network)]);
  late.addEventListener('abort', child.end, { once: true });
  await child.ended;
  late.removeEventListener('abort', child.end);
  return readPackets(rows);
}

/** Rows of `pts,size,flags`; flags begin with K on a key frame. */
export function readPackets(rows: string): Pick<Survey, 'kbps' | 'gopMs'> {
  const packets = rows.split('\n').flatMap((row) => {
    const [pts, size, flags] = row.split(',');
    const [atS, bytes] = [Number(pts), Number(size)];
    return pts === undefined || flags === undefined || Number.isNaN(atS) || Number.isNaN(bytes)
      ? []
      : [{ atS, bytes, isKey: flags.startsWith('K') }];
  });
  const [first, last] = [packets[0], packets.at(-1)];
  const lastedS = first === undefined || last === undefined ? 0 : last.atS - first.atS;
  const keys = packets.filter(({ isKey }) => isKey).map(({ atS }) => atS);
  const gaps = keys.slice(1).map((atS, index) => atS - (keys[index] ?? atS));
  const sum = packets.reduce((bytes, packet) => bytes + packet.bytes, 0);
  return {
    kbps: lastedS > 0 ? Math.round((sum * 8) / 1000 / lastedS) : undefined,
    gopMs: gaps.length === 0 ? undefined : Math.round(Math.max(...gaps) * 1000),
  };
}

/** RTSP answers carry a `Date` (RFC 7826, 18.21), and this needs no password. */
function clockError(hostname: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port });
    const startMs = performance.now();
    let text = '';
    const done = (found: number | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(done, clockMsMax, undefined);
    socket.once('error', () => done(undefined));
    socket.once('connect', () => socket.write(`OPTIONS rtsp://${hostname}:${port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n`));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (!text.includes('\r\n\r\n') && text.length < 4096) return;
      const saidMs = Date.parse(/^Date: (.+)$/im.exec(text)?.[1] ?? '');
      const halfMs = (performance.now() - startMs) / 2;
      done(Number.isNaN(saidMs) ? undefined : Math.round((saidMs - (Date.now() - halfMs)) / 1000));
    });
  });
}

export type Verdict =
  /** Its video is kept as it comes. */
  | 'copy'
  /** It must be encoded anew, which costs the node CPU. */
  | 'encode'
  | 'unusable';
export interface Judged {
  readonly verdict: Verdict;
  readonly whys: readonly ('no-picture' | 'codec' | 'gop' | 'gop-unknown' | 'size' | 'rate' | 'clock')[];
}

const gopMsMax = 2000;
const clockErrorSMax = 5;
const pixelsMax = 1920 * 1088;

export function judge({ picture, gopMs, clockErrorS }: Survey): Judged {
  if (picture === undefined) return { verdict: 'unusable', whys: ['no-picture'] };
  const whys: Judged['whys'][number][] = [];
  if (picture.codec !== 'h264') whys.push('codec');
  if (gopMs === undefined) whys.push('gop-unknown');
  else if (gopMs > gopMsMax) whys.push('gop');
  if (picture.width * picture.height > pixelsMax) whys.push('size');
  const verdict = whys.length === 0 ? 'copy' : 'encode';
  if (picture.fps !== undefined && picture.fps < 5) whys.push('rate');
  // Its own clock is burned into its picture: two times in one piece of evidence.
  if (clockErrorS !== undefined && Math.abs(clockErrorS) > clockErrorSMax) whys.push('clock');
  return { verdict, whys };
}
