// What the door itself says, in both languages. Commands keep their own words beside them.
import type { Language } from './language.ts';

interface DoorWords {
  readonly about: string;
  readonly version: string;
  readonly help: string;
  readonly lang: string;
  readonly seeHelp: string;
  readonly badLanguage: (told: string) => string;
  readonly unknownCommand: (name: string, near: string | undefined) => string;
}

export const words: Readonly<Record<Language, DoorWords>> = {
  vi: {
    about: 'Mắt Làng: mắt camera ở các điểm nút của làng và máy chủ xã',
    version: 'in phiên bản',
    help: 'in hướng dẫn',
    lang: 'ngôn ngữ: vi hoặc en',
    seeHelp: 'Xem: matlang --help',
    badLanguage: (told) => `--lang phải là vi hoặc en, không phải "${told}"`,
    unknownCommand: (name, near) => `không có lệnh "${name}"${near === undefined ? '' : `; có phải là ${near}?`}`,
  },
  en: {
    about: "Mat Lang: camera nodes at a village's junctions, and the commune's hub",
    version: 'print the version',
    help: 'print this help',
    lang: 'language: vi or en',
    seeHelp: 'See: matlang --help',
    badLanguage: (told) => `--lang must be vi or en, not "${told}"`,
    unknownCommand: (name, near) => `no command "${name}"${near === undefined ? '' : `; did you mean ${near}?`}`,
  },
};

const titles: Readonly<Record<string, string>> = {
  'Usage:': 'Cách dùng:',
  'Arguments:': 'Tham số:',
  'Options:': 'Tùy chọn:',
  'Global Options:': 'Tùy chọn chung:',
  'Commands:': 'Lệnh:',
};

export const helpTitle = (title: string, language: Language): string =>
  language === 'vi' ? (titles[title] ?? title) : title;

const helpWords: readonly (readonly [RegExp, string])[] = [
  [/\(default: /, '(mặc định: '],
  [/\(choices: /, '(chọn: '],
  [/, default: /, ', mặc định: '],
  [/\[options\]/, '[tùy chọn]'],
  [/\[command\]/, '[lệnh]'],
];

/** The words that commander itself adds to usage lines and option descriptions. That an option is a list, empty at first, says nothing to anybody. */
export function helpText(text: string, language: Language): string {
  const told = text.replace(' (default: [])', '');
  return language === 'vi' ? helpWords.reduce((said, [english, vi]) => said.replace(english, vi), told) : told;
}

const faults: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'tùy chọn lạ',
  'commander.excessArguments': 'thừa tham số',
  'commander.missingArgument': 'thiếu tham số',
  'commander.optionMissingArgument': 'tùy chọn thiếu giá trị',
  'commander.missingMandatoryOptionValue': 'thiếu tùy chọn bắt buộc',
  'commander.conflictingOption': 'hai tùy chọn không dùng chung được',
  'commander.invalidArgument': 'giá trị không hợp lệ',
};

/** commander says it in English: "error: unknown option '--x'" and, on a line of its own, "(Did you mean --y?)". */
export function usageFault(code: string, message: string, language: Language): string {
  const english = message.replace(/^error: /, '').replace(/\n/g, ' ');
  if (language === 'en') return english;
  const quoted = /'([^']*)'/.exec(english)?.[1];
  const near = /\(Did you mean (.*)\?\)/.exec(english)?.[1];
  const fault = faults[code];
  if (fault === undefined) return english;
  return `${fault}${quoted === undefined ? '' : `: ${quoted}`}${near === undefined ? '' : `; có phải là ${near}?`}`;
}
