// Signatures: compact JWS (RFC 7515) with Ed25519 (RFC 8037), by jose.
import { createHash } from 'node:crypto';
// Its parts, not the whole of it: each program of ours loads them when it starts.
import { CompactSign } from 'jose/jws/compact/sign';
import { compactVerify } from 'jose/jws/compact/verify';
import { importPKCS8, importSPKI } from 'jose/key/import';
import { parseJson } from './parse-json.ts';

export type JwsType =
  | 'matlang-record'
  | 'matlang-segment'
  | 'matlang-receipt'
  | 'matlang-command'
  | 'matlang-audit'
  | 'matlang-held'
  | 'matlang-export'
  | 'matlang-enrol'
  | 'matlang-here';
export type SigningKey = Awaited<ReturnType<typeof importPKCS8>>;
export type VerifyingKey = Awaited<ReturnType<typeof importSPKI>>;

export const readSigningKey = (pem: string): Promise<SigningKey> => importPKCS8(pem, 'EdDSA');
export const readVerifyingKey = (pem: string): Promise<VerifyingKey> => importSPKI(pem, 'EdDSA');

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `payload` is signed as it stands: JSON text, which may be padded with spaces. */
export async function sign(payload: string, typ: JwsType, kid: string, key: SigningKey): Promise<string> {
  return await new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'EdDSA', kid, typ })
    .sign(key);
}

export type Verified = { ok: true; payload: unknown; kid: string } | { ok: false; why: 'signature' | 'type' | 'json' };

/**
 * Checks signature and type, then parses the payload as JSON; its shape is the caller's to check. Never throws on bad input. The last letter of
 * each part has bits that decode to nothing: with another letter there the same signature would hold over a text with another hash.
 */
export async function verify(jws: string, typ: JwsType, key: VerifyingKey): Promise<Verified> {
  if (!jws.split('.').every(isCanonical)) return { ok: false, why: 'signature' };
  const opened = await compactVerify(jws, key, { algorithms: ['EdDSA'] }).catch(() => undefined);
  if (opened === undefined) return { ok: false, why: 'signature' };
  if (opened.protectedHeader.typ !== typ) return { ok: false, why: 'type' };
  const payload = parseJson(new TextDecoder().decode(opened.payload));
  return payload === undefined
    ? { ok: false, why: 'json' }
    : { ok: true, payload, kid: opened.protectedHeader.kid ?? '' };
}

const isCanonical = (part: string): boolean => Buffer.from(part, 'base64url').toString('base64url') === part;

/** The payload of a JWS whose signature was NOT checked: for reading our own files and for finding out whose key to check with. */
export function readUnverified(jws: string): unknown {
  const middle = jws.split('.')[1];
  return middle === undefined ? undefined : parseJson(Buffer.from(middle, 'base64url').toString('utf8'));
}
