/** IPv6 addresses stand in brackets in a URL. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
