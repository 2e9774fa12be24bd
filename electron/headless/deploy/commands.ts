import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { appError } from '../../../shared/model/app-error';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { readSpec } from '../../../shared/rules/deploy/spec/spec-file';
import { validateSpec } from '../../../shared/rules/deploy/spec/validate-spec';
import { createDeploy, type Deploy } from '../../core/deploy/create-deploy';
import type { BundlerDeps } from '../../core/deploy/bundle/make-bundle';
import { identify, knownClusters, type IdentifiedSpec } from '../../core/deploy/identity/identify';
import { machineOf } from '../../core/deploy/identity/machine';
import { migrateDeployments } from '../../core/deploy/migrate/migrate-deployments';
import { sharedSecretProblems } from '../../core/deploy/migrate/shared-secrets';
import { openRunFiles, specOf } from '../../core/deploy/runs/run-journal';
import { vaultSecretBook, type SecretBook } from '../../core/deploy/secrets/secret-book';
import type { Secrets } from '../../core/vault/secrets';
import { createJobEngine } from '../../core/jobs/create-job-engine';
import { dataDirectory, thisPlace } from '../../core/platform/data-directory';
import { lockDataDirectory } from '../../core/platform/data-lock';
import type { DeployArguments, DeployCommand } from './arguments';
import { askTerminal } from './ask-terminal';
import { runBundle } from './bundle';
import { changeCluster, resume } from './change';
import { connectSpec } from './connections';
import { followRun, printDrift, printPlan, printPreflight, printProblems, printRuns, printWarnings } from './print';
import { openSecretsFile, type SecretsFile } from './secrets-file';
import { readInventory, terminalSecrets, type InventoryView } from './workstation';

/** What a command works with, and its end. */
interface Session {
  readonly deploy: Deploy;
  readonly spec: ClusterSpec;
  /** What collecting a bundle works with. */
  readonly bundling: BundlerDeps;
  close(): Promise<void>;
}

/**
 * Runs one command to its end; answers the exit code. Everything but `runs` writes journals and secrets into the data
 * directory, and rejects with `app.data_in_use` while the app or another command uses it.
 */
export async function runDeployCommand(args: DeployArguments): Promise<number> {
  const directory = args.dataDirectory ?? join(dataDirectory(thisPlace()));
  if (args.command === 'runs') {
    printRuns(openRunFiles(join(directory, 'deploy', 'runs')).list());
    return 0;
  }
  const lock = await lockDataDirectory(directory, `the deployment's command line (${args.command})`);
  try {
    return await runLocked(args, directory);
  } finally {
    await lock.release();
  }
}

async function runLocked(args: DeployArguments, directory: string): Promise<number> {
  const inventory = await readInventory(directory);
  await migrate(join(directory, 'deploy'), inventory);
  const { spec, leavesParameters } = await specFor(args, directory, inventory);
  const session = await openSession(args, directory, spec, inventory);
  try {
    const isInspected = leavesParameters && inspecting.has(args.command);
    return await run(args, isInspected ? { ...session, spec: await session.deploy.withSuggestions(spec) } : session);
  } finally {
    await session.close();
  }
}

/** Commands for which parameters that a file leaves open are suggested, as the guided set-up does. */
const inspecting: ReadonlySet<DeployCommand> = new Set(['preflight', 'plan', 'apply', 'check']);

/** Data of an earlier version is brought to the present form; what should be known of it is said. */
async function migrate(directory: string, inventory: InventoryView): Promise<void> {
  await migrateDeployments(directory, inventory);
  for (const { message, hint } of await sharedSecretProblems(directory))
    process.stderr.write(`Note: ${message} ${hint ?? ''}\n`);
}

async function specFor(args: DeployArguments, directory: string, inventory: InventoryView): Promise<IdentifiedSpec> {
  if (args.command === 'resume') {
    const history = openRunFiles(join(directory, 'deploy', 'runs')).read(args.subject);
    if (history === null)
      throw appError('deploy.run_unknown', `There is no run ${args.subject}.`, {
        hint: 'npm run deploy -- runs lists them.',
      });
    return { spec: specOf(history), leavesParameters: false };
  }
  const read = readSpec(await readFile(args.subject, 'utf8'));
  if (read.spec !== null)
    return identify(read.spec, null, knownClusters(openRunFiles(join(directory, 'deploy', 'runs')).list()), (server) =>
      machineOf(server, inventory.servers),
    );
  printProblems(read.problems);
  throw appError('deploy.spec_invalid', `${args.subject} cannot be used as it is.`, { target: args.subject });
}

async function openSession(
  args: DeployArguments,
  directory: string,
  spec: ClusterSpec,
  { servers }: InventoryView,
): Promise<Session> {
  const file: SecretsFile | null = args.secretsFile === null ? null : await openSecretsFile(args.secretsFile);
  const { book, vault } = await openBook(args, file, directory);
  const connections = connectSpec({
    spec,
    inventory: servers,
    secrets: file,
    dataDirectory: directory,
    acceptHostKeys: args.acceptHostKeys,
  });
  const jobs = await createJobEngine({
    directory: join(directory, 'deploy', 'jobs'),
    now: Date.now,
    secrets: { known: () => file?.values() ?? vault?.known() ?? [] },
    user: userInfo().username,
  });
  const deploy = createDeploy({
    connectServer: (server) => connections.connectServer(server),
    secrets: book,
    jobs,
    directory: join(directory, 'deploy'),
    now: Date.now,
    machineOf: (server) => machineOf(server, servers),
  });
  const bundling: BundlerDeps = {
    jobs,
    now: Date.now,
    connectServer: (server) => connections.connectServer(server),
    connectNamed: (name) => connections.connectNamed(name),
  };
  return {
    deploy,
    spec,
    bundling,
    close: async () => {
      await jobs.close();
      await connections.pool.close();
    },
  };
}

/** Commands that change nothing: they do without passwords, and say less then. */
const reading: ReadonlySet<DeployCommand> = new Set(['preflight', 'plan', 'check', 'bundle']);

/** Where the passwords are: in the file that was named, else in the app's vault; nowhere for what only reads. */
async function openBook(
  args: DeployArguments,
  file: SecretsFile | null,
  directory: string,
): Promise<{ readonly book: SecretBook; readonly vault: Secrets | null }> {
  if (file !== null) return { book: file, vault: null };
  const vault = await terminalSecrets(directory, { makesOne: !reading.has(args.command) });
  if (vault !== null) return { book: vaultSecretBook(vault, join(directory, 'deploy')), vault };
  if (!reading.has(args.command)) missingVault();
  if (!args.json)
    process.stderr.write(
      'Note: the passwords of the cluster are not known here. Files are compared but for them, and services with TLS are not asked.\n',
    );
  return { book: noSecrets, vault: null };
}

/** A book without pages: passwords are masked in what is shown, and services that want one are not asked. */
const noSecrets: SecretBook = {
  read: () => Promise.resolve(undefined),
  write: () => missingVault(),
};

function missingVault(): never {
  throw appError('deploy.secrets_nowhere', 'There is nowhere to keep passwords.', { hint: 'Give --secrets FILE.' });
}

async function run(args: DeployArguments, { deploy, spec, bundling }: Session): Promise<number> {
  switch (args.command) {
    case 'preflight':
      return printPreflight(await deploy.preflight(spec), args.json);
    case 'plan':
      return plan(args, deploy, spec);
    case 'check':
      return printDrift(await deploy.check(spec), args.json);
    case 'apply':
      return apply(args, deploy, spec);
    case 'resume':
      return resume(args, deploy, spec);
    case 'undo':
      return undo(args, deploy, spec);
    case 'rotate':
      return followRun(deploy, (await deploy.rotateCertificates(spec, args.authority, randomUUID())).runId, args.json);
    case 'remove':
    case 'convert':
      return changeCluster(args, deploy, spec);
    case 'bundle':
      return runBundle(spec, args, bundling);
    case 'runs':
      return 0;
  }
}

/** The plan, after what the checks of the servers warn of. */
async function plan(args: DeployArguments, deploy: Deploy, spec: ClusterSpec): Promise<number> {
  if (!args.json) printWarnings(await deploy.preflight(spec));
  return printPlan(await deploy.plan(spec), args.json);
}

async function apply(args: DeployArguments, deploy: Deploy, spec: ClusterSpec): Promise<number> {
  if (args.yes) printProblems(validateSpec(spec).filter((problem) => problem.severity === 'warning'));
  else {
    printWarnings(await deploy.preflight(spec));
    const seen = await deploy.plan(spec);
    printPlan(seen, false);
    if (seen.refused > 0) return 1;
    if (seen.changes > 0 && (await askTerminal(`Type the scope (${spec.scope}) to do this:`, false)) !== spec.scope) {
      process.stderr.write('Nothing was done. With --yes nobody is asked.\n');
      return 1;
    }
  }
  const { runId } = await deploy.apply(spec, null, randomUUID());
  return followRun(deploy, runId, args.json);
}

async function undo(args: DeployArguments, deploy: Deploy, spec: ClusterSpec): Promise<number> {
  const typed = args.yes
    ? spec.scope
    : await askTerminal(
        `This removes the cluster${args.keepData ? ' and keeps its data' : ' with all its data'}. Type the scope (${spec.scope}):`,
        false,
      );
  const { runId } = await deploy.undo(spec, typed ?? '', args.keepData, randomUUID());
  return followRun(deploy, runId, args.json);
}
