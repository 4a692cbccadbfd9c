// The hub's log of who did what: every line signed, numbered without gaps, naming the one before.
import { auditLineSchema } from '../../protocol/audit.ts';
import { sha256 } from '../../protocol/sign.ts';
import type { EvidenceFiles } from './files.ts';
import type { Findings } from './findings.ts';
import { linesOf } from './held.ts';
import type { KeyRing } from './keys.ts';
import type { Look } from './look.ts';

export const isLogFile = (name: string): boolean => /(?:^|\/)audit\/\d{6}\.log$/.test(name);

/** `excerpt`: an export holds only the lines that concern it. Returns how many lines hold. */
export async function checkLog(
  files: EvidenceFiles,
  names: readonly string[],
  excerpt: boolean,
  keys: KeyRing,
  look: Look,
  findings: Findings,
): Promise<number> {
  const hub = keys.hub;
  if (hub === undefined) return 0;
  let count = 0;
  let before: { n: number; sha256: string } | undefined;
  for (const name of names.toSorted()) {
    const { lines, torn } = await linesOf(files, name);
    if (torn) findings.note('torn-line', name);
    for (const [index, line] of lines.entries()) {
      const place = `${name}:${index + 1}`;
      const checked = await look.verify(line, 'matlang-audit', hub.key);
      const read = checked.ok ? auditLineSchema.safeParse(checked.payload) : undefined;
      if (read?.success !== true) findings.wrongAt('log-line', place);
      else {
        const { n, prev } = read.data;
        const expected = before === undefined ? 0 : before.n + 1;
        if (excerpt ? n < expected : n !== expected) findings.wrongAt('log-gap', place, `${expected} ${n}`);
        else if (n === expected && before !== undefined && prev !== before.sha256)
          findings.wrongAt('log-gap', place, `${n}`);
        count += 1;
        before = { n, sha256: sha256(line) };
      }
      if (read?.success !== true && before !== undefined) before = { n: before.n + 1, sha256: sha256(line) };
    }
  }
  return count;
}
