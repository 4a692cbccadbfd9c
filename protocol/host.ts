/** Of an address like `rtsp://an:pw@10.0.0.9:554/x`: the host alone, an IPv6 address without its brackets. Throws where it is no URL. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');
