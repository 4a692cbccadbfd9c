// What a card says when it refuses, in the house's words.
export const cardTroubles = ['card-full', 'card-read-only', 'card-error'] as const;
export type CardTrouble = (typeof cardTroubles)[number];

export function cardTrouble(error: unknown): CardTrouble {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'card-full';
  return code === 'EROFS' ? 'card-read-only' : 'card-error';
}
