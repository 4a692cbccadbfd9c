// Takes credentials out of what children say, before anyone else sees it.

/** The user:password part of any address, and the given secrets wherever else they stand. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1***@');
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  return clean;
}

/** What must never be shown of an address: the password as it is written there and as the server sees it. */
export function secretsOf(url: string): readonly string[] {
  const credentials = /^[a-z+]+:\/\/([^/?#]*)@/i.exec(url)?.[1];
  const colonAt = credentials?.indexOf(':') ?? -1;
  if (credentials === undefined || colonAt < 0) return [];
  const password = credentials.slice(colonAt + 1);
  return [...new Set([password, decoded(password)])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is no escape: the server sees it as it stands.
    return text;
  }
}
