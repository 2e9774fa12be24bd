import type { AppErrorData } from '../../../model/app-error';
import type { PreflightCheck } from '../../../model/deploy/deploy-views';
import type { ServerSpec } from '../../../model/deploy/spec/server-spec';
import { clusterChecks } from './cluster-checks';
import type { PreflightInput, ServerCheck } from './input';
import { machineChecks } from './machine-checks';
import { softwareChecks } from './software-checks';
import { sourceChecks } from './source-checks';

const serverChecks: readonly ServerCheck[] = [...machineChecks, ...softwareChecks, ...sourceChecks];

/** All checks of all servers and of the cluster. Pure: the same facts give the same verdicts. */
export function preflight(input: PreflightInput): readonly PreflightCheck[] {
  return [...input.spec.servers.flatMap((server) => checksOf(server, input)), ...clusterChecks(input)];
}

function checksOf(server: ServerSpec, input: PreflightInput): readonly PreflightCheck[] {
  const facts = input.servers[server.name];
  if (facts === undefined) return [unreached(server, input.errors[server.name])];
  const way: PreflightCheck = {
    id: 'ssh',
    name: 'SSH',
    server: server.name,
    verdict: 'ok',
    evidence: 'The server answers.',
    reason: '',
    fix: null,
  };
  return [
    way,
    ...serverChecks.flatMap(({ id, name, run }): PreflightCheck[] => {
      const found = run(server, facts, input);
      return found === null ? [] : [{ id, name, server: server.name, ...found }];
    }),
  ];
}

function unreached(server: ServerSpec, error: AppErrorData | undefined): PreflightCheck {
  const sudo = error?.code.startsWith('ssh.sudo') ?? false;
  return {
    id: sudo ? 'sudo' : 'ssh',
    name: sudo ? 'Root rights' : 'SSH',
    server: server.name,
    verdict: 'blocks',
    evidence: error?.message ?? 'The server was not inspected.',
    reason: error?.hint ?? 'Check address, user and key.',
    fix: null,
  };
}
