// `matlang hub account`: the first account of a hub, and the way back in when a password is lost. Works beside a running hub.
import { type Command, Option } from 'commander';
import { bracketed } from '../../hub/address.ts';
import type { HubConfig } from '../../hub/config.ts';
import {
  accountSchema,
  addAccount,
  allAccounts,
  findAccount,
  setDisabled,
  setPassword,
} from '../../hub/desk/accounts.ts';
import { inventPassword } from '../../hub/desk/passwords.ts';
import { roles } from '../../hub/desk/roles.ts';
import { openSessions } from '../../hub/desk/sessions.ts';
import type { DeskStore } from '../../hub/desk/store.ts';
import type { Language } from '../language.ts';
import { auditBeside } from './audit-beside.ts';
import { actor } from './door.ts';
import { withDesk } from './with-desk.ts';

const words = {
  vi: {
    about: 'tài khoản của màn hình trực ban',
    add: 'thêm tài khoản; in mật khẩu dùng một lần',
    list: 'liệt kê tài khoản',
    reset: 'cấp lại mật khẩu dùng một lần',
    disable: 'khóa tài khoản',
    enable: 'mở lại tài khoản',
    tv: 'tạo liên kết cho màn hình treo tường (chỉ xem, dùng một lần)',
    second: 'màn hình của người trực thứ hai: chỉ kêu khi báo động quá 3 phút chưa ai tiếp nhận',
    role: 'vai trò',
    fullName: 'họ và tên',
    made: (name: string, password: string) =>
      `Tài khoản: ${name}\nMật khẩu dùng một lần: ${password}\nLần đăng nhập đầu tiên phải đổi mật khẩu.`,
    taken: (name: string) => `tài khoản ${name} đã có`,
    none: (name: string) => `không có tài khoản ${name}`,
    done: 'Xong.',
    bad: 'tên tài khoản: 2 đến 32 ký tự a–z, 0–9, dấu chấm hoặc gạch ngang, bắt đầu bằng chữ; họ tên không để trống',
  },
  en: {
    about: 'accounts of the duty desk',
    add: 'add an account; prints a password that works once',
    list: 'list accounts',
    reset: 'give out another password that works once',
    disable: 'close an account',
    enable: 'open an account again',
    tv: 'make a link for the screen on the wall (to look only, works once)',
    second: "the second officer's screen: it sounds only when an alarm has waited for 3 minutes",
    role: 'role',
    fullName: 'full name',
    made: (name: string, password: string) =>
      `Account: ${name}\nPassword, once: ${password}\nIt has to be changed at the first sign-in.`,
    taken: (name: string) => `there is an account ${name} already`,
    none: (name: string) => `there is no account ${name}`,
    done: 'Done.',
    bad: 'account: 2 to 32 of a to z, 0 to 9, dot and dash, beginning with a letter; the full name must not be empty',
  },
} as const;

const tvLinkMs = 3_600_000;

/** Written down before it is done: who may get in is never changed unseen. */
async function writeDown(config: HubConfig, name: string, what: string, more: Record<string, string> = {}) {
  const audit = await auditBeside(config);
  await audit.append({ actor: actor(), action: 'change', subject: `account ${name}`, details: { what, ...more } });
}

export function registerAccount(
  hub: Command,
  language: Language,
  readConfig: () => Promise<HubConfig | undefined>,
): void {
  const say = words[language];
  const account = hub.command('account').description(say.about);
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  const withStore = (work: (store: DeskStore, config: HubConfig) => Promise<void> | void) => () =>
    withDesk(readConfig, work);
  const known = (store: DeskStore, name: string) => {
    if (findAccount(store, name) === undefined) throw new Error(say.none(name));
  };

  account
    .command('add <account>')
    .description(say.add)
    .addOption(new Option('--role <role>', say.role).choices(roles).makeOptionMandatory())
    .requiredOption('--name <name>', say.fullName)
    .action((name: string, { role, name: fullName }: { role: string; name: string }) =>
      withStore(async (store, config) => {
        const read = accountSchema.safeParse({ name, fullName, role });
        if (!read.success) throw new Error(say.bad);
        if (findAccount(store, name) !== undefined) throw new Error(say.taken(name));
        await writeDown(config, name, 'account-added', { role });
        const password = inventPassword();
        if (!(await addAccount(store, read.data, password, Date.now()))) throw new Error(say.taken(name));
        tell(say.made(name, password));
      })(),
    );
  account
    .command('list')
    .description(say.list)
    .action(
      withStore((store) => {
        for (const { name, role, fullName, disabled } of allAccounts(store))
          tell(`${disabled ? '✕' : '●'} ${name.padEnd(20)} ${role.padEnd(10)} ${fullName}`);
      }),
    );
  account
    .command('reset <account>')
    .description(say.reset)
    .action((name: string) =>
      withStore(async (store, config) => {
        known(store, name);
        await writeDown(config, name, 'account-reset');
        const password = inventPassword();
        await setPassword(store, name, password, { mustChange: true });
        tell(say.made(name, password));
      })(),
    );
  for (const [verb, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const)
    account
      .command(`${verb} <account>`)
      .description(say[verb])
      .action((name: string) =>
        withStore(async (store, config) => {
          known(store, name);
          await writeDown(config, name, disabled ? 'account-closed' : 'account-opened');
          setDisabled(store, name, disabled);
          tell(say.done);
        })(),
      );
  account
    .command('tv <account>')
    .description(say.tv)
    .option('--second', say.second)
    .action((name: string, { second }: { second?: boolean }) =>
      withStore(async (store, config) => {
        const { listen, pageListen, addresses } = config;
        const [address = '127.0.0.1'] = addresses;
        known(store, name);
        await writeDown(config, name, 'tv-link');
        const untilMs = Date.now() + tvLinkMs;
        const token = openSessions(store, Date.now).makeLink(name, { tv: true, uses: 1, untilMs });
        const at =
          pageListen === undefined
            ? `http://${listen.host}:${listen.port}`
            : `https://${bracketed(address)}:${pageListen.port}`;
        tell(`${at}/#/vao?ma=${token}${second === true ? '&second=yes' : ''}`);
      })(),
    );
}
