import { isHost } from '../../shared/model/connect/host-port';
import type { ServerInput } from '../../shared/contract/servers';
import type { Server } from '../../shared/model/connect/server';
import { hasStoredPassword, keepsPasswords } from '../../shared/rules/connect/keeps-secrets';

/** The server form as the user fills it in. */
export interface ServerFields {
  readonly name: string;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly auth: 'agent' | 'key' | 'password' | 'keyboard-interactive';
  readonly keyPath: string;
  readonly secret: string;
  readonly sudo: 'none' | 'root' | 'passwordless' | 'password';
  readonly sudoPassword: string;
  readonly jump: readonly string[];
  readonly sshConfigHost: string | null;
  readonly tags: readonly string[];
}

/** A host of ~/.ssh/config as the core lists it. */
export interface SshConfigHost {
  readonly alias: string;
  readonly host: string;
  readonly user: string | null;
  readonly port: number;
  readonly jump: readonly string[];
  readonly identityFile: string | null;
}

/** An empty form. */
export const emptyServer: ServerFields = {
  name: '',
  host: '',
  port: '22',
  user: '',
  auth: 'agent',
  keyPath: '',
  secret: '',
  sudo: 'passwordless',
  sudoPassword: '',
  jump: [],
  sshConfigHost: null,
  tags: [],
};

/** An empty form with the first way to log in that can work; `hasAgent` says whether an SSH agent can be reached. */
export function newServerFields(hasAgent: boolean): ServerFields {
  return { ...emptyServer, auth: hasAgent ? 'agent' : 'password' };
}

/** The form of a server that is known; its secrets stay in the vault and are not shown. */
export function fieldsOfServer(server: Server): ServerFields {
  return {
    ...emptyServer,
    name: server.name,
    host: server.host,
    port: String(server.port),
    user: server.user,
    auth: server.auth.kind,
    keyPath: server.auth.kind === 'key' ? server.auth.keyPath : '',
    sudo: server.sudo.kind,
    jump: server.jump,
    sshConfigHost: server.sshConfigHost ?? null,
    tags: server.tags,
  };
}

/** The form after choosing a host of ~/.ssh/config; what was typed before stays where the file says nothing. */
export function fromSshConfig(fields: ServerFields, host: SshConfigHost): ServerFields {
  return {
    ...fields,
    name: fields.name === '' ? host.alias : fields.name,
    host: host.host,
    port: String(host.port),
    user: host.user ?? fields.user,
    sshConfigHost: host.alias,
    ...(host.identityFile === null ? {} : { auth: 'key' as const, keyPath: host.identityFile }),
  };
}

/** What is wrong with the form, by field; empty when it can be sent. */
export function serverProblems(fields: ServerFields): Partial<Record<keyof ServerFields, string>> {
  const port = Number(fields.port);
  return {
    ...hostProblem(fields),
    ...(Number.isInteger(port) && port >= 1 && port <= 65535 ? {} : { port: 'A port is a number from 1 to 65535.' }),
    ...(fields.user.trim() === '' ? { user: 'Enter a user name.' } : {}),
    ...(fields.auth === 'key' && fields.keyPath.trim() === '' ? { keyPath: 'Enter the path of the private key.' } : {}),
  };
}

function hostProblem({ host, sshConfigHost }: ServerFields): { readonly host?: string } {
  if (host.trim() === '') return { host: 'Enter a host name or an address.' };
  if (host.trim() === sshConfigHost || isHost(host)) return {};
  return { host: 'This is not a host name or an IP address; user and port have fields of their own.' };
}

/** The form as the core takes it. */
export function serverInput(fields: ServerFields): ServerInput {
  const host = fields.host.trim();
  return {
    name: fields.name.trim() === '' ? host : fields.name.trim(),
    host,
    port: Number(fields.port),
    user: fields.user.trim(),
    auth: authOf(fields),
    sudo: { kind: fields.sudo },
    jump: [...fields.jump],
    tags: [...fields.tags],
    ...(fields.sshConfigHost === null ? {} : { sshConfigHost: fields.sshConfigHost }),
    ...(fields.secret === '' || fields.auth === 'agent' ? {} : { secret: fields.secret }),
    ...(fields.sudo !== 'password' || fields.sudoPassword === '' ? {} : { sudoPassword: fields.sudoPassword }),
  };
}

function authOf(fields: ServerFields): ServerInput['auth'] {
  return fields.auth === 'key' ? { kind: 'key', keyPath: fields.keyPath.trim() } : { kind: fields.auth };
}

/** What saving the form does to the stored passwords of a server; null when they stay or there are none. */
export function passwordsLost(server: Server, fields: ServerFields): string | null {
  const input = serverInput(fields);
  const login = { ...input, port: input.port ?? server.port, jump: input.jump ?? [] };
  if (!hasStoredPassword(server) || keepsPasswords(server, login)) return null;
  return (
    'The stored passwords belong to the present host, port, user and jump hosts. They are removed when you save, and ' +
    'are not sent to the new ones: enter them again, or answer when you are asked.'
  );
}
