// Names of hubs and brokers. Where nobody answers for a name any more, the addresses it had last are tried: who is at them proves himself by his
// certificate, whatever the name server says (dial.ts). Kept in memory: a process that begins has to look up once.
import { type LookupAddress, lookup as lookupAll } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Found = { readonly addresses: readonly LookupAddress[] } | { readonly error: NodeJS.ErrnoException };
export type Resolve = (host: string) => Promise<Found>;

/** A resolver without a network may take half a minute; a dial has ten seconds. */
const patienceMs = 3000;

const ask: Resolve = (host) =>
  new Promise((done) =>
    lookupAll(host, { all: true }, (error, addresses) => done(error === null ? { addresses } : { error })),
  );

/** For `net.connect` and `tls.connect`. One question a name at a time: each holds one of the process's few threads until it ends. */
export function openLookup(resolve: Resolve = ask, waitMs = patienceMs): LookupFunction {
  const last = new Map<string, readonly LookupAddress[]>();
  const asking = new Map<string, Promise<Found>>();

  const question = (host: string): Promise<Found> => {
    const under = asking.get(host);
    if (under !== undefined) return under;
    const begun = resolve(host).then((found) => {
      asking.delete(host);
      if ('addresses' in found) last.set(host, found.addresses);
      return found;
    });
    asking.set(host, begun);
    return begun;
  };
  const find = async (host: string): Promise<Found> => {
    const known = last.get(host);
    if (known === undefined) return await question(host);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, waitMs, undefined);
    const found = await Promise.race([question(host), late.promise]);
    clearTimeout(timer);
    return found === undefined || 'error' in found ? { addresses: known } : found;
  };
  return (host, options, done) => {
    void find(host).then((found) => {
      if ('error' in found) return done(found.error, '', 0);
      const [first] = found.addresses;
      if (options.all === true) done(null, [...found.addresses]);
      else done(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}
