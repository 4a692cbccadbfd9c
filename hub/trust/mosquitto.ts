// mosquitto's configuration for a commune: mutual TLS, identities from certificates, and a bound on all that a client could fill.
import type { TrustPaths } from './files.ts';

export interface MosquittoRules {
  readonly port: number;
  /** Undefined: all of the machine's addresses. */
  readonly host?: string | undefined;
  /** The user it becomes when it was started as root. */
  readonly user: string;
  readonly pidFile: string;
}

/** Tried with mosquitto 2.0.11: SIGHUP reads the list of revoked certificates again; a connection with the same identity ends the earlier one. */
export function mosquittoConfig(paths: TrustPaths, { port, host, user, pidFile }: MosquittoRules): string {
  return [
    '# Made by `matlang hub init`, and made anew by it: changes belong into a file of your own.',
    'per_listener_settings false',
    `listener ${port}${host === undefined ? '' : ` ${host}`}`,
    `cafile ${paths.brokerCa}`,
    `certfile ${paths.serverCertificate}`,
    `keyfile ${paths.serverKey}`,
    `crlfile ${paths.crl}`,
    'tls_version tlsv1.2',
    'require_certificate true',
    'use_identity_as_username true',
    '# One connection for each identity: a stolen node cannot stay beside the one that ends it.',
    'use_username_as_clientid true',
    'allow_anonymous false',
    `acl_file ${paths.mosquittoAcl}`,
    `user ${user}`,
    '',
    '# Nothing is kept here: the truth lies on the nodes until the hub has signed for it.',
    'persistence false',
    'max_queued_messages 200',
    'max_queued_bytes 16777216',
    'max_inflight_messages 64',
    'max_packet_size 4194304',
    'max_connections 256',
    'max_keepalive 120',
    'persistent_client_expiration 1h',
    'set_tcp_nodelay true',
    'sys_interval 60',
    '',
    '# The hub reads what was refused from this file, and empties it when it grows.',
    `log_dest file ${paths.mosquittoLog}`,
    'log_type error',
    'log_type warning',
    'log_type notice',
    'log_type subscribe',
    'log_type debug',
    `pid_file ${pidFile}`,
    '',
  ].join('\n');
}
