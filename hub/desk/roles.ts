// Who may do what. One table; every route names the one thing it needs.

export const roles = ['officer', 'chief', 'technician', 'admin', 'authority'] as const;
export type Role = (typeof roles)[number];
/** `tv`: the screen on the wall, no hands · `resting`: nobody has touched the desk for a while; alarms still sound, pictures are hidden. */
export type Standing = Role | 'tv' | 'resting';

export const permissions = [
  /** Counts, uptime, the monthly page: no pictures. */
  'counts',
  /** How nodes are, and that something happened: no pictures. */
  'state',
  /** Stills. */
  'look',
  /** The live picture, which is asked of the node. */
  'live',
  /** Clips. */
  'watch',
  'acknowledge',
  /** Cases and look-back. */
  'case',
  /** One still on a slip for the patrol. */
  'slip',
  'export',
  'audit',
  /** Point data, plan, node configuration. */
  'care',
  /** Lets releases go to the nodes, and stops them. */
  'update',
  /** Who has an account and how it stands; ends a lock after wrong passwords before its time. */
  'unlock',
  /** Adds accounts, closes and opens them, gives passwords anew. */
  'accounts',
] as const;
export type Permission = (typeof permissions)[number];

const table: Readonly<Record<Standing, readonly Permission[]>> = {
  officer: ['counts', 'state', 'look', 'live', 'watch', 'acknowledge', 'case', 'slip'],
  chief: [
    'counts',
    'state',
    'look',
    'live',
    'watch',
    'acknowledge',
    'case',
    'slip',
    'export',
    'audit',
    'care',
    'unlock',
  ],
  technician: ['counts', 'state', 'look', 'live', 'care', 'update'],
  admin: ['counts', 'state', 'audit', 'care', 'unlock', 'accounts'],
  authority: ['counts'],
  tv: ['state', 'look'],
  resting: ['state'],
};

export const may = (standing: Standing, permission: Permission): boolean => table[standing].includes(permission);
export const permissionsOf = (standing: Standing): readonly Permission[] => table[standing];
