// A draft of the commune's operating regulation (quy chế), out of what this hub is really set to. Pure; what the machine cannot know stands in […].
import type { Role } from './desk/roles.ts';
import { may, type Permission } from './desk/roles.ts';
import type { RetentionRules } from './retention/due.ts';

export interface RegulationFacts {
  readonly commune: string;
  readonly nowMs: number;
  readonly points: readonly { readonly node: string; readonly title: string; readonly hamlet: string }[];
  /** Accounts in force. */
  readonly accounts: readonly { readonly fullName: string; readonly role: Role }[];
  /** Undefined where nothing is deleted. */
  readonly retention: RetentionRules | undefined;
  readonly session: { readonly idleMs: number; readonly personMsMax: number };
  readonly lock: { readonly failures: number; readonly withinMs: number; readonly closedMs: number };
  readonly escalateMs: number;
  /** The page is shown to other machines. */
  readonly hasTls: boolean;
}

const roleNames: Readonly<Record<Role, string>> = {
  officer: 'Cán bộ trực ban',
  chief: 'Chỉ huy',
  technician: 'Kỹ thuật viên',
  admin: 'Quản trị hệ thống',
  authority: 'Ủy ban nhân dân xã',
};
const rights: readonly (readonly [Permission, string])[] = [
  ['counts', 'xem số liệu tổng hợp, không có hình ảnh'],
  ['state', 'xem tình trạng các mắt camera'],
  ['look', 'xem ảnh chụp và hình trực tiếp'],
  ['watch', 'xem lại video của sự kiện'],
  ['acknowledge', 'tiếp nhận sự kiện, bàn giao ca trực'],
  ['case', 'lập vụ việc, yêu cầu lấy lại hình từ mắt camera'],
  ['export', 'trích xuất dữ liệu, thôi giữ lại dữ liệu của vụ việc'],
  ['audit', 'đọc nhật ký truy cập'],
  ['care', 'cập nhật điểm camera, cấu hình thiết bị'],
  ['unlock', 'mở khóa tài khoản bị khóa vì sai mật khẩu'],
  ['accounts', 'cấp, đóng, mở lại tài khoản, cấp lại mật khẩu'],
];

const count = (n: number): string => new Intl.NumberFormat('vi').format(n);
const minutes = (ms: number): string => `${count(Math.round(ms / 60_000))} phút`;
const names = (list: readonly string[]): string => (list.length === 0 ? '[chưa cấp cho ai]' : list.join(', '));

export function regulation(facts: RegulationFacts): string {
  const articles = [
    ['Phạm vi, đối tượng áp dụng', scope(facts)],
    ['Nguyên tắc', principles],
    ['Các điểm camera', points(facts)],
    ['Tài khoản và quyền hạn', accounts(facts)],
    ['Bảo vệ việc truy cập', access(facts)],
    ['Chế độ trực ban và tiếp nhận', duty(facts)],
    ['Thời hạn lưu trữ và việc xóa dữ liệu', retention(facts)],
    ['Trích xuất và bàn giao dữ liệu', handing(facts)],
    ['Nhật ký truy cập và báo cáo', reports],
    ['Quyền của người dân', people],
    ['Trách nhiệm và hiệu lực', validity],
  ] as const;
  return [
    ...head(facts),
    ...articles.flatMap(([title, lines], index) => [`## Điều ${index + 1}. ${title}`, '', ...lines, '']),
    '| Nơi nhận | TM. ỦY BAN NHÂN DÂN XÃ |',
    '|---|---|',
    '| [nơi nhận] | CHỦ TỊCH<br><br><br>[họ và tên] |',
    '',
  ].join('\n');
}

const head = ({ commune, nowMs }: RegulationFacts): string[] => {
  const [year, month, day] = new Date(nowMs + 7 * 3_600_000).toISOString().slice(0, 10).split('-');
  return [
    '**ỦY BAN NHÂN DÂN XÃ [tên xã]**',
    '',
    '**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**',
    '**Độc lập – Tự do – Hạnh phúc**',
    '',
    `[Địa danh], ngày ${day} tháng ${month} năm ${year}`,
    '',
    '# DỰ THẢO QUY CHẾ',
    '',
    '**Quản lý, vận hành và khai thác hệ thống camera an ninh của xã**',
    '',
    `> Bản nháp do phần mềm Mắt Làng lập từ cài đặt thật của máy chủ xã \`${commune}\`. Chỗ nào trong ngoặc vuông là điều máy không biết. Cán bộ tư pháp rà lại căn cứ pháp lý trước khi trình ký; khi đổi cài đặt thì lập lại bản này.`,
    '',
    'Căn cứ Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15; [các căn cứ khác của tỉnh và của xã].',
    '',
  ];
};

const scope = ({ points: all }: RegulationFacts): string[] => [
  `1. Quy chế này áp dụng cho hệ thống camera an ninh của xã, gồm ${count(all.length)} điểm camera, máy chủ đặt tại [nơi đặt máy chủ] và màn hình trực ban.`,
  '2. Đối tượng áp dụng: cán bộ trực ban, chỉ huy, kỹ thuật viên, quản trị hệ thống, Ủy ban nhân dân xã và tổ chức, cá nhân có liên quan.',
];

const principles = [
  '1. Chỉ ghi hình nơi công cộng, vì mục đích bảo đảm an ninh, trật tự; nơi đặt camera phải có biển báo. Cửa, sân, cửa sổ nhà dân trong khung hình phải được che bằng vùng che riêng tư.',
  '2. Hình ảnh được ký số và mã hóa ngay tại mắt camera; chỉ máy chủ xã và khóa dự phòng cất trong két mở được.',
  '3. Chỉ xem khi có nhiệm vụ. Mọi lần xem, trích xuất, thay đổi đều được ghi vào nhật ký truy cập trước khi thực hiện.',
  '4. Không sao chép, quay chụp lại màn hình, đăng hoặc chuyển hình ảnh ra ngoài khi chưa được phép theo Quy chế này.',
];

const points = ({ points: all }: RegulationFacts): string[] =>
  all.length === 0
    ? ['[Chưa có mắt camera nào được đăng ký.]']
    : [
        '| Mã | Tên điểm | Thôn, tổ |',
        '|---|---|---|',
        ...all.map(({ node, title, hamlet }) => `| ${cell(node)} | ${cell(title)} | ${cell(hamlet) || '[…]'} |`),
        '',
        'Thêm, bớt hoặc dời điểm camera phải được Ủy ban nhân dân xã đồng ý bằng văn bản.',
      ];

const accounts = ({ accounts: all }: RegulationFacts): string[] => [
  'Mỗi người một tài khoản, không dùng chung. Quyền của từng vai trò:',
  '',
  '| Vai trò | Người được cấp | Được làm |',
  '|---|---|---|',
  ...(Object.keys(roleNames) as Role[]).map((role) => {
    const who = all.filter((account) => account.role === role).map(({ fullName }) => cell(fullName));
    const what = rights.filter(([permission]) => may(role, permission)).map(([, text]) => text);
    return `| ${roleNames[role]} | ${names(who)} | ${what.join('; ')} |`;
  }),
  '',
  'Màn hình TV trong phòng trực chỉ xem tình trạng và ảnh chụp, không tiếp nhận, không trích xuất.',
];

const access = ({ session, lock, hasTls }: RegulationFacts): string[] => [
  '1. Mật khẩu ít nhất 8 ký tự, có chữ và số hoặc dấu; mật khẩu được cấp phải đổi ngay lần đăng nhập đầu.',
  `2. Sai ${lock.failures} lần trong ${Math.round(lock.withinMs / 1000)} giây thì tài khoản bị khóa ${minutes(lock.closedMs)}; mở khóa trước hạn là việc của chỉ huy hoặc quản trị, được ghi vào nhật ký.`,
  `3. Không thao tác ${minutes(session.idleMs)} thì màn hình ẩn hình ảnh (báo động vẫn kêu); một phiên không quá ${count(session.personMsMax / 3_600_000)} giờ.`,
  hasTls
    ? '4. Máy khác trong xã chỉ mở màn hình trực ban qua kết nối mã hóa, bằng chứng thư do xã cấp.'
    : '4. Màn hình trực ban chỉ mở được trên chính máy chủ xã.',
  '5. Người thôi nhiệm vụ phải bị đóng tài khoản ngay trong ngày.',
];

const duty = ({ escalateMs }: RegulationFacts): string[] => [
  `1. Trực ban 24/24 giờ. Báo động phải được tiếp nhận ngay; sau ${minutes(escalateMs)} chưa ai tiếp nhận thì phải gọi người trực thứ hai.`,
  '2. Khi tiếp nhận phải ghi kết quả: đã cử lực lượng, báo 114, báo cấp trên hoặc báo động giả kèm lý do.',
  '3. Hết ca phải bàn giao trên hệ thống, có tên người giao, người nhận, số báo động, số mắt camera mất kết nối.',
  '4. Mắt camera mất kết nối hoặc bị che, xoay, phá phải được báo cho kỹ thuật viên trong ca.',
];

const retention = ({ retention: rules }: RegulationFacts): string[] =>
  rules === undefined
    ? [
        '**Máy chủ hiện chưa đặt thời hạn lưu trữ (mục `retention` trong hub.yaml): dữ liệu không tự xóa.** Phải đặt thời hạn trước khi ban hành Quy chế.',
      ]
    : [
        '| Loại dữ liệu | Thời hạn |',
        '|---|---|',
        `| Báo động, kèm ảnh và video | ${count(rules.alarmDays)} ngày |`,
        `| Sự kiện khác, kèm ảnh và video | ${count(rules.eventDays)} ngày |`,
        `| Hình lấy lại từ mắt camera | ${count(rules.lookbackDays)} ngày |`,
        `| Tình trạng thiết bị, nhật ký máy (không có hình) | ${count(rules.logDays)} ngày |`,
        '| Nhật ký truy cập | không xóa |',
        '',
        ...(rules.quotaGiB === undefined
          ? []
          : [`Kho lưu không quá ${count(rules.quotaGiB)} GiB; vượt mức này thì sự kiện cũ nhất bị xóa trước hạn.`, '']),
        'Hết hạn thì máy tự xóa và ghi vào nhật ký đã xóa những gì. Dữ liệu thuộc vụ việc hoặc đang được giữ lại thì không xóa cho đến khi chỉ huy cho thôi giữ lại, có lý do.',
      ];

const handing = ({ accounts: all }: RegulationFacts): string[] => {
  const may = all.filter(({ role }) => role === 'chief').map(({ fullName }) => cell(fullName));
  return [
    `1. Người được trích xuất: ${names(may)}. Không ai khác được trích xuất.`,
    '2. Mỗi lần trích xuất phải có số văn bản và lý do. Bản trích xuất gồm video, ảnh, bản gốc đã mã hóa, chữ ký số, giá trị băm và biên bản để hai bên ký.',
    '3. Cơ quan nhận kiểm tra được bản trích xuất mà không cần hệ thống của xã. Bản gốc ở máy chủ được giữ lại, không xóa.',
    '4. Chỉ cung cấp cho cơ quan có thẩm quyền theo văn bản yêu cầu; [trình tự của tỉnh].',
  ];
};

const reports = [
  '1. Nhật ký truy cập ghi ai, lúc nào, làm gì, với dữ liệu nào; từng dòng được ký số và nối với dòng trước, sửa hoặc bỏ một dòng thì kiểm tra thấy ngay.',
  '2. Chỉ huy xem nhật ký ít nhất mỗi tuần một lần. Hằng tháng gửi Ủy ban nhân dân xã báo cáo một trang: số sự kiện, thời gian hoạt động, tỷ lệ báo động giả; không có hình ảnh.',
];

const people = [
  '1. Người dân được biết nơi đặt camera, mục đích ghi hình và thời hạn lưu trữ; quy chế này niêm yết tại trụ sở.',
  '2. Yêu cầu xem, cung cấp hoặc xóa hình ảnh của mình gửi về [đầu mối tiếp nhận, điện thoại]; được trả lời trong 2 ngày làm việc.',
  '3. Chủ hộ cho mượn camera có thể thôi cho mượn bất cứ lúc nào; mắt camera đó thôi hoạt động ngay.',
];

const validity = [
  '1. Trưởng [Công an xã] chịu trách nhiệm tổ chức thực hiện; vi phạm thì tùy mức độ bị xử lý theo pháp luật.',
  '2. Quy chế có hiệu lực từ ngày ký; sửa đổi khi cài đặt của hệ thống thay đổi.',
];

/** A name from outside is text in a table, whatever is in it. */
const cell = (text: string): string =>
  text
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
