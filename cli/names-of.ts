// A list in one option, `camera,link`: every name one of those there are.
import { InvalidArgumentError } from 'commander';

/** `refuse` says what is wrong with the first name that there is not. Throws an InvalidArgumentError with its words. */
export function namesOf<T extends string>(
  text: string,
  allowed: readonly T[],
  refuse: (unknown: string) => string,
): readonly T[] {
  const names = text.split(',');
  const isAllowed = (name: string): name is T => allowed.some((each) => each === name);
  const unknown = names.find((name) => !isAllowed(name));
  if (unknown !== undefined) throw new InvalidArgumentError(refuse(unknown));
  return names.filter(isAllowed);
}
