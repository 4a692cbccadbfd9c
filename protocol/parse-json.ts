/** Undefined for what is no JSON: whoever asks looks at the shape next, and that fits none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
