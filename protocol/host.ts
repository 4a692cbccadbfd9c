/** Of an address like `rtsp://an:pw@10.0.0.9:554/x`: the host alone, an IPv6 address without its brackets. Throws where it is no URL. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Where a broker is, of `mqtt://…` or `mqtts://…`; its port is MQTT's own where none is named. Throws where it is no URL. */
export function brokerAt(url: string): { readonly host: string; readonly port: number; readonly isTls: boolean } {
  const { protocol, port } = new URL(url);
  const isTls = protocol === 'mqtts:';
  return { host: hostOf(url), port: Number(port) || (isTls ? 8883 : 1883), isTls };
}

/** IPv6 addresses stand in brackets in a URL. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
