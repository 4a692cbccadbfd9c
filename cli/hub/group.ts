import { readFile } from 'node:fs/promises';

/** The group's number in /etc/group; undefined where there is none of this name. */
export async function groupNamed(name: string): Promise<number | undefined> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  const line = text.split('\n').find((each) => each.startsWith(`${name}:`));
  const number = Number(line?.split(':')[2]);
  return line !== undefined && Number.isInteger(number) ? number : undefined;
}
