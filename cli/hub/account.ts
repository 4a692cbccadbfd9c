// `matlang hub account`: the first account of a hub, and the way back in when a password is lost. Works beside a running hub.
import { type Command, Option } from 'commander';
import type { HubConfig } from '../../hub/config.ts';
import { type AccountActs, openAccountActs, type Refused } from '../../hub/desk/account-acts.ts';
import { accountSchema, allAccounts } from '../../hub/desk/accounts.ts';
import { roles } from '../../hub/desk/roles.ts';
import type { DeskStore } from '../../hub/desk/store.ts';
import { bracketed } from '../../protocol/host.ts';
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
    disable: 'đóng tài khoản',
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

export function registerAccount(
  hub: Command,
  language: Language,
  readConfig: () => Promise<HubConfig | undefined>,
): void {
  const say = words[language];
  const account = hub.command('account').description(say.about);
  const tell = (line: string) => process.stdout.write(`${line}\n`);
  const withStore = (work: (store: DeskStore, config: HubConfig) => Promise<void> | void) => withDesk(readConfig, work);
  /** Does it as whoever sits at this machine; throws, in words, what was refused. */
  const act = async <T extends { readonly ok: true }>(
    store: DeskStore,
    config: HubConfig,
    name: string,
    does: (acts: AccountActs, who: { actor: string }) => Promise<Refused | T>,
  ): Promise<T> => {
    const acts = openAccountActs(store, await auditBeside(config), Date.now);
    const done = await does(acts, { actor: actor() });
    if (!done.ok) throw new Error(done.why === 'taken' ? say.taken(name) : say.none(name));
    return done;
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
        const { password } = await act(store, config, name, (acts, who) => acts.add(who, read.data));
        tell(say.made(name, password));
      }),
    );
  account
    .command('list')
    .description(say.list)
    .action(() =>
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
        const { password } = await act(store, config, name, (acts, who) => acts.reset(who, name));
        tell(say.made(name, password));
      }),
    );
  for (const [verb, does] of [
    ['disable', 'close'],
    ['enable', 'open'],
  ] as const)
    account
      .command(`${verb} <account>`)
      .description(say[verb])
      .action((name: string) =>
        withStore(async (store, config) => {
          await act(store, config, name, (acts, who) => acts[does](who, name));
          tell(say.done);
        }),
      );
  account
    .command('tv <account>')
    .description(say.tv)
    .option('--second', say.second)
    .action((name: string, { second }: { second?: boolean }) =>
      withStore(async (store, config) => {
        const { listen, pageListen, addresses } = config;
        const [address = '127.0.0.1'] = addresses;
        const { token } = await act(store, config, name, (acts, who) => acts.tvLink(who, name));
        const at =
          pageListen === undefined
            ? `http://${listen.host}:${listen.port}`
            : `https://${bracketed(address)}:${pageListen.port}`;
        tell(`${at}/#/vao?ma=${token}${second === true ? '&second=yes' : ''}`);
      }),
    );
}
