// How a rollout is told to people.
import shared from '../../hub/page/rollout.json' with { type: 'json' };
import type { Ring, Standing } from '../../hub/rollout/wave.ts';

type Told<Word extends string> = Readonly<Record<Word, string>>;

export interface RolloutWords {
  readonly about: string;
  readonly start: string;
  readonly status: string;
  readonly goOn: string;
  readonly stop: string;
  readonly by: string;
  readonly bench: string;
  readonly canary: string;
  readonly quiet: string;
  readonly why: string;
  readonly ring: Told<Ring>;
  readonly standing: Told<Standing>;
  /** Words for the one word of a refusal. */
  readonly whys: Readonly<Record<string, string>>;
  readonly is: Told<'going' | 'done' | 'stopped'>;
  readonly notTechnician: (name: string) => string;
  readonly noSuchNode: (name: string) => string;
  readonly noNodes: string;
  readonly alreadyGoing: string;
  readonly noneGoing: string;
  readonly none: string;
  readonly noRepository: (place: string, text: string) => string;
  readonly noSuchRelease: (release: string, known: readonly string[]) => string;
  readonly begun: (release: string, nodes: number) => string;
  readonly head: (release: string, by: string, at: string) => string;
  readonly ringLine: (ring: string, proven: number, of: number, back: number) => string;
  readonly quietUntil: (at: string) => string;
  readonly looksNeeded: (nodes: string) => string;
  readonly stopped: string;
  readonly wentOn: string;
}

export const rolloutWords: Readonly<Record<'vi' | 'en', RolloutWords>> = {
  vi: {
    about: 'đưa một bản phần mềm đã ký xuống các mắt camera, từng nhóm một',
    start: 'bắt đầu: mắt thử trước, rồi một mắt, 10 %, và tất cả',
    status: 'đang tới đâu, từng mắt ra sao',
    goOn: 'đi tiếp sau khi đã tìm hiểu vì sao có mắt quay về bản cũ',
    stop: 'dừng, không báo thêm mắt nào',
    by: 'tài khoản kỹ thuật viên chịu trách nhiệm',
    bench: 'mắt dùng để thử ở bàn, nhắc lại được',
    canary: 'mắt đầu tiên ngoài thực địa (mặc định: một mắt đang kết nối)',
    quiet: 'số giờ phải yên ổn trước khi sang nhóm sau',
    why: 'lý do',
    ring: { bench: 'Mắt thử', canary: 'Mắt đầu tiên', tenth: 'Nhóm 10 %', rest: 'Còn lại' },
    ...shared.vi,
    notTechnician: (name) => `${name} không phải tài khoản kỹ thuật viên đang mở; chỉ kỹ thuật viên được cho cập nhật`,
    noSuchNode: (name) => `xã này không có mắt ${name}`,
    noNodes: 'xã này chưa có mắt camera nào',
    alreadyGoing: 'một bản khác đang được triển khai; xem rollout status, hoặc dừng bằng rollout stop',
    noneGoing: 'không có bản nào đang triển khai',
    none: 'Chưa triển khai bản nào.',
    noRepository: (place, text) => `kho bản phần mềm ${place} không dùng được: ${text}`,
    noSuchRelease: (release, known) =>
      `kho không có bản ${release}${known.length === 0 ? '' : `; đang có: ${known.join(', ')}`}`,
    begun: (release, nodes) => `Bắt đầu đưa bản ${release} xuống ${nodes} mắt camera.`,
    head: (release, by, at) => `Bản ${release}, ${by} cho phép lúc ${at}`,
    ringLine: (ring, proven, of, back) =>
      `${ring}: ${proven}/${of} mắt chạy bản mới${back === 0 ? '' : `, ${back} mắt đã quay về bản cũ`}`,
    quietUntil: (at) => `Yên ổn đến ${at} thì sang nhóm sau.`,
    looksNeeded: (nodes) =>
      `Tạm giữ: ${nodes} đã quay về bản cũ. Tìm hiểu xong thì dùng rollout go-on, hoặc rollout stop.`,
    stopped: 'Đã dừng. Mắt nào đã chạy bản mới thì vẫn giữ bản mới.',
    wentOn: 'Đi tiếp.',
  },
  en: {
    about: 'bring a signed release to the nodes, ring by ring',
    start: 'begin: bench nodes, then one canary, 10 %, the rest',
    status: 'how far it is, and how each node stands',
    goOn: 'go on, after somebody has found out why a node went back',
    stop: 'stop: no other node is told',
    by: "the technician's account that answers for it",
    bench: 'a node on the bench, repeatable',
    canary: 'the first node outside (default: one that is online)',
    quiet: 'hours that must be quiet before the next ring',
    why: 'why',
    ring: { bench: 'Bench', canary: 'Canary', tenth: 'First 10 %', rest: 'The rest' },
    ...shared.en,
    notTechnician: (name) => `${name} is not an open account of a technician; only technicians let updates go`,
    noSuchNode: (name) => `this commune has no node ${name}`,
    noNodes: 'this commune has no nodes yet',
    alreadyGoing: 'another release is on its way: see rollout status, or end it by rollout stop',
    noneGoing: 'no release is on its way',
    none: 'No release was ever rolled out.',
    noRepository: (place, text) => `the repository ${place} cannot be used: ${text}`,
    noSuchRelease: (release, known) =>
      `the repository has no ${release}${known.length === 0 ? '' : `; it has ${known.join(', ')}`}`,
    begun: (release, nodes) => `Release ${release} is on its way to ${nodes} nodes.`,
    head: (release, by, at) => `Release ${release}, approved by ${by} at ${at}`,
    ringLine: (ring, proven, of, back) =>
      `${ring}: ${proven} of ${of} run it${back === 0 ? '' : `, ${back} went back`}`,
    quietUntil: (at) => `When all stays quiet until ${at}, the next ring opens.`,
    looksNeeded: (nodes) => `Held: ${nodes} went back. Find out why, then rollout go-on, or rollout stop.`,
    stopped: 'Stopped. Nodes that run the new release keep it.',
    wentOn: 'It goes on.',
  },
};
