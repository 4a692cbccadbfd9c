// What a check finds, by name. `place` says where, as a file of the set or as `node boot/number`; `detail` are figures and names, not sentences.

/** Something was touched, or is not what it must be. */
export const wrongs = [
  'unreadable',
  'not-a-record',
  'no-key',
  'altered-manifest',
  'other-key',
  'bad-shape',
  'swapped',
  're-timed',
  'cut-body',
  'longer-body',
  'altered-body',
  'swapped-body',
  'conflict',
  'missing-record',
  'missing-segment',
  'broken-link',
  'swapped-segment',
  're-ordered',
  'counter-signature',
  'missing-held',
  'log-line',
  'log-gap',
  'contents',
  'missing-file',
  'extra-file',
  'renamed-file',
  'cut-file',
  'longer-file',
  'altered-file',
  'opened-otherwise',
] as const;
/** Nothing wrong, but to be known. */
export const notes = [
  'gap',
  'tombstone',
  'tombstone-sealed',
  'given-up',
  'not-here',
  'cut-short',
  'set-aside',
  'kept-conflict',
  'torn-line',
  'not-counter-signed',
  'clocks-disagree',
] as const;
/** What nobody can tell from this set. */
export const unknowns = [
  'lens',
  'stolen-key',
  'clock',
  'tail',
  'keys-within',
  'no-hub-key',
  'no-counter-signatures',
  'sealed',
  'log-tail',
  'neighbours',
] as const;
export type Wrong = (typeof wrongs)[number];
export type Note = (typeof notes)[number];
export type Unknown = (typeof unknowns)[number];

export interface Finding<Code extends Wrong | Note = Wrong | Note> {
  readonly code: Code;
  readonly place: string;
  readonly detail: string;
}

/** Gathers findings; the same one is told once. */
export interface Findings {
  readonly wrong: readonly Finding<Wrong>[];
  readonly notes: readonly Finding<Note>[];
  wrongAt(code: Wrong, place: string, detail?: string): void;
  note(code: Note, place: string, detail?: string): void;
}

export function openFindings(): Findings {
  const wrong: Finding<Wrong>[] = [];
  const said: Finding<Note>[] = [];
  const told = new Set<string>();
  const isNew = (...words: string[]): boolean => {
    const key = words.join('\n');
    if (told.has(key)) return false;
    told.add(key);
    return true;
  };
  return {
    wrong,
    notes: said,
    wrongAt: (code, place, detail = '') => {
      if (isNew(code, place, detail)) wrong.push({ code, place, detail });
    },
    note: (code, place, detail = '') => {
      if (isNew(code, place, detail)) said.push({ code, place, detail });
    },
  };
}
