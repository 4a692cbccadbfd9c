// Who may write and read which topics: one list, for the embedded broker's checks and for mosquitto's ACL file.
import { hubIdentity } from './enrol.ts';
import { nameSchema } from './identity.ts';
import { hubSubscription, inTopics, outTopics, root } from './topics.ts';

/** Below `…/<node>/out/`. */
const written = [...outTopics, 'chunk/+/+', 'live/+'];

/** MQTT filters. `node` may be mosquitto's `%u`. */
export const nodeRights = (commune: string, node: string) => ({
  write: written.map((what) => `${root(commune, node)}/out/${what}`),
  read: inTopics.map((what) => `${root(commune, node)}/in/${what}`),
});
export const hubRights = (commune: string) => ({
  write: inTopics.map((what) => `${root(commune, '+')}/in/${what}`),
  read: [hubSubscription(commune)],
});

/** `who` is the common name of a certificate of the commune's CA. */
function rightsOf(
  who: string,
  commune: string,
): { readonly write: readonly string[]; readonly read: readonly string[] } {
  if (who === hubIdentity(commune)) return hubRights(commune);
  return nameSchema.safeParse(who).success ? nodeRights(commune, who) : { write: [], read: [] };
}

export function mayPublish(who: string, topic: string, commune: string): boolean {
  return !/[+#]/.test(topic) && rightsOf(who, commune).write.some((filter) => covers(filter, topic));
}
/** Also for filters with wildcards: each topic that the filter matches must be allowed. */
export function maySubscribe(who: string, filter: string, commune: string): boolean {
  return rightsOf(who, commune).read.some((right) => covers(right, filter));
}

/** Whether `filter` matches all that `topic` (itself perhaps a filter) matches. MQTT 5, 4.7. */
export function covers(filter: string, topic: string): boolean {
  const ours = filter.split('/');
  const theirs = topic.split('/');
  for (const [at, step] of ours.entries()) {
    if (step === '#') return true;
    const other = theirs[at];
    if (other === undefined || other === '#') return false;
    if (step !== '+' && step !== other) return false;
  }
  return ours.length === theirs.length;
}

/** mosquitto's acl_file. Every line says what is allowed; all else is not. */
export function mosquittoAcl(commune: string): string {
  const node = nodeRights(commune, '%u');
  const hub = hubRights(commune);
  return [
    '# Made by `matlang hub init`. %u is the common name of the client certificate.',
    ...node.write.map((filter) => `pattern write ${filter}`),
    ...node.read.map((filter) => `pattern read ${filter}`),
    '',
    `user ${hubIdentity(commune)}`,
    ...hub.read.map((filter) => `topic read ${filter}`),
    ...hub.write.map((filter) => `topic write ${filter}`),
    '',
  ].join('\n');
}
