// `release.json`: which files a release is, byte by byte. It comes from a stick or a network, so nothing in it is believed before it is checked.
// Read by the launcher: node: imports only.

export interface ReleaseFile {
  /** Below the release's folder; never absolute, never upward. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly executable: boolean;
}

export interface ReleaseList {
  readonly v: 1;
  /** Also the name of its folder. */
  readonly release: string;
  readonly arch: string;
  /** When its sources were committed, Unix seconds: no node that runs it lives earlier. Left out where nobody knows. */
  readonly madeS?: number;
  /** The program that proves the release on this node, a path of the list, and its arguments. Exit 0 is a pass. */
  readonly selfTest: readonly string[];
  readonly files: readonly ReleaseFile[];
}

export const listName = 'release.json';
/** Bounds of a list: a release has a few hundred files and some 150 MB, most of it the runtime. */
export const listBytesMax = 4 * 1024 * 1024;
const filesMax = 10_000;
const bytesMax = 1024 * 1024 * 1024;

export type ListRead =
  | { readonly ok: true; readonly list: ReleaseList }
  | { readonly ok: false; readonly why: 'bad-list' | 'bad-path'; readonly text: string };

const refuse = (text: string): ListRead => ({ ok: false, why: 'bad-list', text });

export function readReleaseList(text: string): ListRead {
  const found = parse(text);
  if (!isRecord(found)) return refuse(`${listName} is not a JSON object`);
  const { v, release, arch, madeS, selfTest, files } = found;
  if (v !== 1) return refuse(`${listName} must be version 1, not ${String(v)}`);
  if (!isReleaseName(release)) return refuse(`release must be 1 to 64 of a-z, 0-9, . + -, not ${String(release)}`);
  if (typeof arch !== 'string') return refuse('arch must be a word such as arm64');
  if (madeS !== undefined && !isCount(madeS)) return refuse('madeS must be whole seconds');
  if (!Array.isArray(files) || files.length === 0 || files.length > filesMax) {
    return refuse(`files must be a list of 1 to ${filesMax}`);
  }
  const read: ReleaseFile[] = [];
  const paths = new Set<string>([listName]);
  for (const file of files) {
    if (!isFile(file)) return refuse(`not a file's entry: ${JSON.stringify(file).slice(0, 200)}`);
    const { path, bytes, sha256, executable } = file;
    if (!isSafePath(path))
      return { ok: false, why: 'bad-path', text: `a path must stay inside the release, not ${path}` };
    if (paths.has(path)) return { ok: false, why: 'bad-path', text: `${path} is named twice` };
    paths.add(path);
    read.push({ path, bytes, sha256, executable });
  }
  if (totalBytes(read) > bytesMax) return refuse(`a release must be at most ${bytesMax} bytes`);
  if (!isWords(selfTest) || !read.some((file) => file.path === selfTest[0] && file.executable)) {
    return refuse('selfTest must begin with the path of an executable file of the release');
  }
  return { ok: true, list: { v: 1, release, arch, ...(madeS === undefined ? {} : { madeS }), selfTest, files: read } };
}

export const totalBytes = (files: readonly ReleaseFile[]): number => files.reduce((sum, file) => sum + file.bytes, 0);

/** Begins with a letter or digit, so it is never hidden, `..` or an option. */
export const isReleaseName = (name: unknown): name is string =>
  typeof name === 'string' && /^[a-z0-9][a-z0-9.+-]{0,63}$/.test(name);

/** Plain names between single slashes, a space only within a name; no `.` or `..`, nothing a terminal would act on. */
export const isSafePath = (path: string): boolean =>
  path.length <= 400 &&
  path.split('/').every((part) => /^[A-Za-z0-9._@+-]+( [A-Za-z0-9._@+-]+)*$/.test(part) && !/^\.+$/.test(part));

function isFile(file: unknown): file is ReleaseFile {
  if (!isRecord(file)) return false;
  const { path, bytes, sha256, executable } = file;
  return (
    typeof path === 'string' &&
    isCount(bytes) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof executable === 'boolean'
  );
}

const isCount = (found: unknown): found is number => Number.isSafeInteger(found) && Number(found) >= 0;
const isRecord = (found: unknown): found is Record<string, unknown> =>
  typeof found === 'object' && found !== null && !Array.isArray(found);
const isWords = (found: unknown): found is string[] =>
  Array.isArray(found) && found.length > 0 && found.length <= 32 && found.every((word) => typeof word === 'string');

// Not the protocol's: the launcher loads its neighbours in ota/ alone.
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
