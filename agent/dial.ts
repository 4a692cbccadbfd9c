// A connection to the commune's hub or broker. Who it is, is proven before a byte is sent: a certificate of the commune's CA, for a server, in the hub's
// name, whatever address it was found at. A node has no battery clock: all it knows of the time is a floor, so a certificate is refused that ended
// before the floor, and none because of what the clock says besides (docs/decisions/0010-trust.md).
import { X509Certificate } from 'node:crypto';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { hubIdentity } from '../protocol/enrol.ts';
import { sha256 } from '../protocol/sign.ts';
import { openLookup } from './lookup.ts';

export interface Trusted {
  readonly commune: string;
  /** The CA's certificate, PEM, or no more than its SHA-256 (DER, hex) while nothing else is known. */
  readonly ca: { readonly pem: string } | { readonly sha256: string };
  /** Ours: certificate and key, PEM; undefined before there is one. */
  readonly own?: { readonly cert: string; readonly key: string } | undefined;
  readonly floorMs: number;
}

export type Dialled = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly text: string };

const lookup = openLookup();
const dialMsMax = 10_000;
const serverAuth = '1.3.6.1.5.5.7.3.1';

/** Never throws for what network and peer do. Without `trusted` the connection is plain. */
export function dial(
  to: { readonly host: string; readonly port: number },
  trusted: Trusted | undefined,
  signal: AbortSignal,
): Promise<Dialled> {
  const socket = trusted === undefined ? connectPlain({ ...to, lookup }) : openTls(to, trusted);
  return new Promise((resolve) => {
    const settle = (dialled: Dialled) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      socket.off('error', failed);
      // Whoever takes it over listens for errors himself; until then one must not end the process.
      socket.on('error', () => undefined);
      if (!dialled.ok) socket.destroy();
      resolve(dialled);
    };
    const failed = (error: Error) => settle({ ok: false, text: textOf(error) });
    const stop = () => settle({ ok: false, text: 'stopped' });
    const timer = setTimeout(() => settle({ ok: false, text: `no answer in ${dialMsMax} ms` }), dialMsMax);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', failed);
    socket.once(trusted === undefined ? 'connect' : 'secureConnect', () => {
      const fault = trusted === undefined ? undefined : faultOf(socket as TLSSocket, trusted);
      settle(fault === undefined ? { ok: true, socket } : { ok: false, text: fault });
    });
  });
}

function openTls(to: { readonly host: string; readonly port: number }, { own }: Trusted): TLSSocket {
  return connectTls({
    ...to,
    ...own,
    lookup,
    minVersion: 'TLSv1.2',
    // OpenSSL's own verdict depends on a clock that we do not have; ours follows in faultOf.
    rejectUnauthorized: false,
  });
}

/** What is wrong with the peer's certificate; undefined where nothing is. */
function faultOf(socket: TLSSocket, { commune, ca, floorMs }: Trusted): string | undefined {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return 'the hub shows no certificate';
  const authority = 'pem' in ca ? new X509Certificate(ca.pem) : issuerWith(shown, ca.sha256);
  if (authority === undefined) return "the hub does not show the commune's CA";
  return certificateFault(shown, authority, hubIdentity(commune), floorMs);
}

export function certificateFault(
  shown: X509Certificate,
  authority: X509Certificate,
  commonName: string,
  floorMs: number,
): string | undefined {
  if (!authority.ca || !shown.checkIssued(authority) || !shown.verify(authority.publicKey))
    return "the hub's certificate is not of the commune's CA";
  if (shown.ca || !shown.keyUsage?.includes(serverAuth)) return "the hub's certificate is not one of a server";
  const who = shown.toLegacyObject().subject.CN;
  if (who !== commonName) return `the hub calls itself ${String(who)}, not ${commonName}`;
  if (shown.validToDate.getTime() < floorMs) return `the hub's certificate ended on ${shown.validToDate.toISOString()}`;
  return undefined;
}

/** The certificate with this fingerprint in the chain that was shown. */
function issuerWith(shown: X509Certificate, wanted: string): X509Certificate | undefined {
  for (let at: X509Certificate | undefined = shown, steps = 0; at !== undefined && steps < 4; steps += 1) {
    if (sha256(at.raw) === wanted) return at;
    at = at.issuerCertificate;
  }
  return undefined;
}

function textOf(error: Error): string {
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}
