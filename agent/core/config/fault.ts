// What is wrong with a configuration, as data, and its sentence in Vietnamese and English. The English form is the contract.
import type { Shown } from './shown.ts';
import type { Bounds, Wanted } from './wanted.ts';

export type Language = 'vi' | 'en';

export type Rule =
  /** `bare`: the kind of value is right, only its bounds are not. `not` is the value as people may see it. */
  | { readonly is: 'must-be'; readonly wanted: Wanted; readonly bare: boolean; readonly not: Shown }
  | { readonly is: 'required'; readonly wanted: Wanted }
  | { readonly is: 'unknown-key'; readonly near: string | undefined; readonly known: readonly string[] }
  /** A rule with a sentence of its own. */
  | { readonly is: 'told'; readonly en: string; readonly vi: string; readonly not: Shown | undefined };

/** One fault: `file:line:col`, the path of the key (empty for the file as a whole), the rule, and the rule in English. */
export interface ConfigFault {
  readonly at: string;
  readonly line: number;
  readonly col: number;
  readonly key: string;
  readonly rule: Rule;
  readonly text: string;
}

/** `node.yaml:4:8 camera.fps: must be 1 to 30, not 0` */
export function faultLine(fault: ConfigFault, language: Language = 'en'): string {
  const text = language === 'en' ? fault.text : ruleText(fault.rule, language);
  return fault.key === '' ? `${fault.at} ${text}` : `${fault.at} ${fault.key}: ${text}`;
}

export function ruleText(rule: Rule, language: Language): string {
  const vi = language === 'vi';
  switch (rule.is) {
    case 'must-be':
      return `${vi ? 'phải' : 'must'} ${verb(rule.wanted, rule.bare, vi)}${wantedText(rule.wanted, language, rule.bare)}, ${vi ? 'không phải' : 'not'} ${rule.not[language]}`;
    case 'required':
      return `${vi ? 'chưa có, cần ghi' : 'is required'}: ${wantedText(rule.wanted, language)}`;
    case 'unknown-key':
      return `${vi ? 'khóa lạ' : 'unknown key'}; ${unknownHint(rule.near, rule.known, vi)}`;
    case 'told': {
      const said = vi ? rule.vi : rule.en;
      return rule.not === undefined ? said : `${said}, ${vi ? 'không phải' : 'not'} ${rule.not[language]}`;
    }
  }
}

function verb(wanted: Wanted, bare: boolean, vi: boolean): string {
  if (vi && bare && wanted.is === 'number') return '';
  if (wanted.is === 'text' && wanted.prefix !== undefined) return '';
  return vi ? 'là ' : 'be ';
}

function unknownHint(near: string | undefined, known: readonly string[], vi: boolean): string {
  if (near !== undefined) return vi ? `có phải là ${near}?` : `did you mean ${near}?`;
  const list = known.join(', ');
  return vi ? `ở đây chỉ có: ${list}` : `known here: ${list}`;
}

/** "1 to 30", "a whole number, 1 to 30", "one of day, night"; `bare` leaves the kind of value out where there are bounds to tell. */
export function wantedText(wanted: Wanted, language: Language, bare = false): string {
  const vi = language === 'vi';
  switch (wanted.is) {
    case 'number': {
      const kind = wanted.whole ? (vi ? 'số nguyên' : 'a whole number') : vi ? 'số' : 'a number';
      const bounds = boundsText(wanted.bounds, vi);
      const step = wanted.step === undefined ? '' : vi ? ` chia hết cho ${wanted.step}` : ` in steps of ${wanted.step}`;
      if (bounds === '') return `${kind}${step}`;
      return bare ? `${bounds}${step}` : `${kind}, ${bounds}${step}`;
    }
    case 'text':
      return textWords(wanted, vi);
    case 'one-of':
      return wanted.values.length === 1
        ? String(wanted.values[0])
        : `${vi ? 'một trong các giá trị' : 'one of'} ${wanted.values.join(', ')}`;
    case 'list': {
      const bounds = boundsText(wanted.bounds, vi);
      const kind = vi ? 'danh sách' : 'a list';
      return bounds === '' ? kind : vi ? `${kind} gồm ${bounds} mục` : `${kind} of ${bounds} entries`;
    }
    case 'truth':
      return vi ? 'true (có) hoặc false (không)' : 'true or false';
    case 'keys': {
      const kind = vi ? 'một nhóm khóa' : 'a group of keys';
      return wanted.names.length === 0 ? kind : `${kind} ${wanted.names.join(', ')}`;
    }
    case 'either':
      return wanted.of.map((each) => wantedText(each, language)).join(vi ? '; hoặc ' : '; or ');
    case 'other':
      return vi ? 'giá trị hợp lệ' : 'a valid value';
  }
}

function textWords(wanted: Wanted & { is: 'text' }, vi: boolean): string {
  if (wanted.rule !== undefined)
    return (vi ? inVietnamese(wanted.rule) : wanted.rule).replace(/^(must be|must|phải là|phải) /, '');
  if (wanted.prefix !== undefined) return vi ? `bắt đầu bằng ${wanted.prefix}` : `begin with ${wanted.prefix}`;
  const bounds = boundsText(wanted.bounds, vi);
  if (bounds === '') return vi ? 'chữ' : 'text';
  if (wanted.bounds.min === 1 && wanted.bounds.max === undefined) return vi ? 'chữ, không để trống' : 'text, not empty';
  return vi ? `chữ, ${bounds} ký tự` : `text of ${bounds} characters`;
}

function boundsText({ min, max }: Bounds, vi: boolean): string {
  if (min !== undefined && max !== undefined)
    return min === max ? String(min) : vi ? `từ ${min} đến ${max}` : `${min} to ${max}`;
  if (min !== undefined) return vi ? `ít nhất ${min}` : `at least ${min}`;
  if (max !== undefined) return vi ? `nhiều nhất ${max}` : `at most ${max}`;
  return '';
}

/** Vietnamese for the sentences that schemas carry in English; the English where there is none. */
const sentences: Readonly<Record<string, string>> = {
  'must be 1 to 32 of a-z, 0-9 and -, beginning and ending with a letter or digit':
    'phải là 1 đến 32 ký tự a-z, 0-9 và -, bắt đầu và kết thúc bằng chữ hoặc số',
  'must begin with rtsp:// or rtsps://': 'phải bắt đầu bằng rtsp:// hoặc rtsps://',
  'must begin with mqtt:// or mqtts://': 'phải bắt đầu bằng mqtt:// hoặc mqtts://',
  'must be embedded, or begin with mqtt:// or mqtts://': 'phải là embedded, hoặc bắt đầu bằng mqtt:// hoặc mqtts://',
};

export const inVietnamese = (sentence: string): string => sentences[sentence] ?? sentence;
