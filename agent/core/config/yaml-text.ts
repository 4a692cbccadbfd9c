// Bytes of a YAML file to a document with positions. Only plain YAML: no anchors, no tags, no second document.
import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import type { ConfigFault, Rule } from './fault.ts';
import { ruleText } from './fault.ts';

/** A configuration is a page or two; more is a mistake or an attack. */
export const configBytesMax = 64 * 1024;
/** What a person can work through in one visit. */
export const faultsMax = 50;
/** One slip of the pen sets off a row of them; only the first few help. */
const syntaxFaultsMax = 5;
const depthMax = 32;

export interface YamlText {
  readonly value: unknown;
  /** Position of the value at `path`; of the nearest map around it when it is missing. */
  locate(path: readonly PropertyKey[]): Place;
  /** Position of the key itself. */
  locateKey(path: readonly PropertyKey[]): Place;
}
export interface Place {
  readonly line: number;
  readonly col: number;
}
export type YamlRead = { ok: true; yaml: YamlText } | { ok: false; faults: readonly ConfigFault[] };

export function fault(fileName: string, place: Place, key: string, rule: Rule): ConfigFault {
  return { at: `${fileName}:${place.line}:${place.col}`, ...place, key, rule, text: ruleText(rule, 'en') };
}

export function readYamlText(source: Uint8Array | string, fileName: string): YamlRead {
  const refuse = (place: Place, en: string, vi: string): YamlRead => ({
    ok: false,
    faults: [fault(fileName, place, '', { is: 'told', en, vi, not: undefined })],
  });
  const start = { line: 1, col: 1 };
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : source;
  if (bytes.length > configBytesMax)
    return refuse(start, 'file must be at most 64 KiB', 'tệp không được lớn hơn 64 KiB');
  const text = decode(bytes);
  if (text === undefined) return refuse(firstBadByte(bytes), 'file must be UTF-8 text', 'tệp phải là văn bản UTF-8');
  const nul = text.indexOf('\0');
  if (nul >= 0)
    return refuse(places(text)(nul), 'file must be text, not binary', 'tệp phải là văn bản, không phải nhị phân');

  const placeOf = places(text);
  const document = parse(text);
  if (document === undefined) return refuse(start, 'must be nested less deeply', 'lồng nhau quá sâu');
  const faults = [...syntaxFaults(document, text), ...refusedNodes(document)]
    .sort((a, b) => a.offset - b.offset)
    .slice(0, syntaxFaultsMax)
    .map(({ offset, en, vi }) => fault(fileName, placeOf(offset), '', { is: 'told', en, vi, not: undefined }));
  if (faults.length > 0) return { ok: false, faults };
  if (document.contents === null) return refuse(start, 'file must not be empty', 'tệp không được để trống');
  return {
    ok: true,
    yaml: {
      value: document.toJS({ maxAliasCount: 0 }),
      locate: (path) => placeOf(startOf(document.contents, path, false)),
      locateKey: (path) => placeOf(startOf(document.contents, path, true)),
    },
  };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function firstBadByte(bytes: Uint8Array): Place {
  const text = new TextDecoder('utf-8').decode(bytes);
  return places(text)(text.indexOf('\ufffd'));
}

/** Offset to line and column, both from 1. Not the parser's own counter: that one loses lines behind a syntax error. */
function places(text: string): (offset: number | undefined) => Place {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const inside = Math.max(0, Math.min(offset ?? 0, text.length));
    const line = starts.findLastIndex((start) => start <= inside);
    return { line: line + 1, col: inside - (starts[line] ?? 0) + 1 };
  };
}

/** Undefined where the nesting is beyond the parser's stack. */
function parse(text: string): Document | undefined {
  try {
    // Duplicate keys are ours to find: the parser's own search is quadratic.
    return parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
      version: '1.2',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Found {
  readonly offset: number;
  readonly en: string;
  readonly vi: string;
}

function syntaxFaults(document: Document, text: string): Found[] {
  return [...document.errors, ...document.warnings].map((error) => {
    const [en, vi] = syntaxWords[error.code] ?? [
      'cannot be read as YAML here',
      'không đọc được theo cú pháp YAML tại đây',
    ];
    // Behind the end there is nothing to point at: point at the last thing written.
    const offset = error.pos[0] >= text.trimEnd().length ? Math.max(0, text.trimEnd().length - 1) : error.pos[0];
    return { offset, en, vi };
  });
}

const unclosed = [
  'bracket or quote is not closed, or the line is indented wrongly',
  'thiếu dấu đóng ngoặc hoặc nháy, hoặc thụt đầu dòng sai',
] as const;
const syntaxWords: Readonly<Record<string, readonly [string, string]>> = {
  TAB_AS_INDENT: ['indentation must be spaces, not tabs', 'thụt đầu dòng phải dùng dấu cách, không dùng tab'],
  BAD_INDENT: unclosed,
  MISSING_CHAR: [
    'a closing quote, bracket, colon or space is missing',
    'thiếu dấu nháy, ngoặc, hai chấm hoặc dấu cách',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second key stands on this line; put it on a line of its own',
    'có khóa thứ hai trên cùng dòng; hãy xuống dòng',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'a key must stand on one line, with a colon after it',
    'khóa phải nằm trên một dòng và có dấu hai chấm',
  ],
  BAD_SCALAR_START: [
    'a text that begins with this sign must be in quotes',
    'chữ bắt đầu bằng dấu này phải đặt trong nháy',
  ],
  BAD_DQ_ESCAPE: [
    'unknown \\ sequence in double quotes; use single quotes',
    'dấu \\ không hợp lệ trong nháy kép; hãy dùng nháy đơn',
  ],
  MULTIPLE_DOCS: ['only one document may stand in the file', 'tệp chỉ được có một phần (một dấu ---)'],
  TAG_RESOLVE_FAILED: ['tags (!…) are not used here', 'không dùng thẻ (!…) ở đây'],
  BAD_ALIAS: [
    'anchors and aliases (& and *) are not used here; a text with such a sign must be in quotes',
    'không dùng & và * ở đây; chữ có dấu này phải đặt trong nháy',
  ],
};

function refusedNodes(document: Document): Found[] {
  const found: Found[] = [];
  const add = (offset: number | undefined, [en, vi]: readonly [string, string]) =>
    found.push({ offset: offset ?? 0, en, vi });
  visit(document, {
    Node: (_key, node, path) => {
      const anchored = isAlias(node) || ((isScalar(node) || isCollection(node)) && node.anchor !== undefined);
      if (anchored) add(node.range?.[0], aliasWords);
      if (path.length > depthMax * 2) {
        add(node.range?.[0], ['must be nested less deeply', 'lồng nhau quá sâu']);
        return visit.BREAK;
      }
      return undefined;
    },
    Map: (_key, map) => {
      const seen = new Set<string>();
      for (const pair of map.items) {
        if (!isScalar(pair.key)) {
          add(offsetOf(pair.key), ['a key must be plain text', 'khóa phải là chữ thường']);
          continue;
        }
        const name = String(pair.key.value);
        if (seen.has(name)) add(offsetOf(pair.key), ['this key stands here twice', 'khóa này bị ghi hai lần']);
        seen.add(name);
      }
    },
  });
  return found;
}
const aliasWords = [
  'anchors and aliases (& and *) are not used here; write the value out',
  'không dùng & và * ở đây; hãy ghi rõ giá trị',
] as const;

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function startOf(root: Node | null, path: readonly PropertyKey[], ofKey: boolean): number | undefined {
  let node: unknown = root;
  let start = offsetOf(root);
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) return start;
      start = last && ofKey ? offsetOf(pair.key) : (offsetOf(pair.value) ?? offsetOf(pair.key));
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      start = offsetOf(node) ?? start;
    } else {
      return start;
    }
  }
  return start;
}
