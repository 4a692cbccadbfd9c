import type { Row } from './motion-rows.ts';
import type { SetTally } from './motion-verdict.ts';
export interface Drawn {
  readonly rows: readonly Row[];
  readonly sets: readonly SetTally[];
  readonly figures: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
export function drawPicture(result: Drawn): string {
  return JSON.stringify(result);
}
