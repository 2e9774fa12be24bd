import { toErrorData } from '../../../shared/model/app-error';
import type { ActivityView } from '../../../shared/model/postgres/activity';
import type { MemberReplication, ReplicationView } from '../../../shared/model/postgres/replication';
import type { StatementPage, StatementRun, StatementWrite } from '../../../shared/model/postgres/statement';
import type { StatementsView, StorageView, TablesView } from '../../../shared/model/postgres/storage';
import type { Job } from '../../../shared/model/operate/job';
import { activityQuestions } from '../../../shared/rules/postgres/activity-questions';
import { ageQuestions } from '../../../shared/rules/postgres/age-question';
import type { OldestDatabase } from '../../../shared/rules/vitals/vitals-figures';
import type { CatalogQuestion } from '../../../shared/rules/postgres/catalog-select';
import { replicationQuestions } from '../../../shared/rules/postgres/replication-questions';
import type { JobEngine } from '../jobs/job-engine';
import { askCatalog } from './ask-catalog';
import { endSession, type EndRequest } from './end-session';
import { createLogin, loginOf, type LoginService, type SqlLogins } from './login';
import { stateOfCluster, placeOfMember, type PlaceDeps } from './member-place';
import { readActivity } from './read-activity';
import { readOldestDatabase } from './read-age';
import { readReplication } from './read-replication';
import { cancelStatement, runStatement, type RunName } from './run-statement';
import { readStatementsOf, readStorageOf, readTablesOf, type DatabasePlace } from './storage';
import { readWalDisk } from './wal-disk';
import { writeStatement } from './write-statement';
import { createWalRates, type WalRates } from './wal-rates';

/** What PostgreSQL is asked with. */
export interface PostgresDeps extends Omit<PlaceDeps, 'login'> {
  readonly jobs: JobEngine;
  readonly logins: SqlLogins;
  readonly now: () => number;
}

type AskDeps = PostgresDeps & PlaceDeps;

/** A forecast that is made each minute rests on so long, ms: it must not change with every burst of writes. */
const CALM_WINDOW_MS = 300_000;

/** The PostgreSQL of the members of clusters. See shared/contract/postgres.ts for what each rejects with. */
export interface PostgresService {
  replication(clusterId: string): Promise<ReplicationView>;
  /** Replication as one member tells it, with rates over minutes: for who asks seldom, and must not be alarmed by a burst. */
  calmReplication(clusterId: string, member: string): Promise<MemberReplication>;
  /** The database of a member that is nearest to a wraparound. */
  oldestDatabase(clusterId: string, member: string): Promise<OldestDatabase>;
  activity(clusterId: string, member: string): Promise<ActivityView>;
  storage(clusterId: string, member: string): Promise<StorageView>;
  tables(at: DatabasePlace): Promise<TablesView>;
  statements(at: DatabasePlace): Promise<StatementsView>;
  run(run: StatementRun): Promise<StatementPage>;
  cancelRun(name: RunName): Promise<void>;
  write(request: StatementWrite): Promise<Job>;
  endSession(request: EndRequest): Promise<Job>;
  readonly login: LoginService;
}

/** Makes the service. */
export function createPostgres(given: PostgresDeps): PostgresService {
  const deps: AskDeps = { ...given, login: (clusterId) => loginOf(given.logins, clusterId) };
  const rates = createWalRates();
  const calmRates = createWalRates(CALM_WINDOW_MS);
  return {
    replication: async (clusterId) => {
      const { members } = stateOfCluster(deps, clusterId);
      const asked = members.map(({ name }) => replicationOf(deps, rates, clusterId, name));
      return { members: await Promise.all(asked), asOf: deps.now() };
    },
    calmReplication: (clusterId, member) => replicationOf(deps, calmRates, clusterId, member),
    oldestDatabase: async (clusterId, member) => {
      const { answers } = await askCatalog(placeOfMember(deps, clusterId, member), ageQuestions, deps.now);
      return readOldestDatabase(answers, member);
    },
    activity: (clusterId, member) => activityOf(deps, clusterId, member),
    storage: (clusterId, member) => readStorageOf(deps, clusterId, member),
    tables: (at) => readTablesOf(deps, at),
    statements: (at) => readStatementsOf(deps, at),
    run: (run) => runStatement(deps, run),
    cancelRun: (name) => cancelStatement(deps, name),
    write: (request) => writeStatement(deps, request),
    endSession: (request) => endSession(deps, request),
    login: createLogin(deps),
  };
}

async function replicationOf(
  deps: AskDeps,
  rates: WalRates,
  clusterId: string,
  name: string,
): Promise<MemberReplication> {
  try {
    const place = placeOfMember(deps, clusterId, name);
    const { answers, source } = await askCatalog(place, replicationQuestions, deps.now);
    const { dataDirectory, ...rows } = readReplication(answers, name);
    const disk = await readWalDisk(place.remote, dataDirectory).catch(() => null);
    const measured = rates.measure(JSON.stringify([clusterId, name]), rows, source.asOf);
    return { kind: 'known', member: name, source, ...rows, disk, ...measured };
  } catch (error) {
    return { kind: 'unknown', member: name, error: toErrorData(error) };
  }
}

async function activityOf(deps: AskDeps, clusterId: string, name: string): Promise<ActivityView> {
  const questions: Readonly<Record<string, CatalogQuestion>> = activityQuestions;
  const { answers, source } = await askCatalog(placeOfMember(deps, clusterId, name), questions, deps.now);
  return { member: name, source, ...readActivity(answers, name) };
}
