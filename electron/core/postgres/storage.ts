import type { StatementsView, StorageView, TablesView } from '../../../shared/model/postgres/storage';
import {
  extensionQuestions,
  statementsQuestion,
  storageQuestions,
  tablesQuestions,
} from '../../../shared/rules/postgres/storage-questions';
import { askCatalog } from './ask-catalog';
import { placeOfMember, type PlaceDeps } from './member-place';
import { readExtension, readStatements, readStorage, readTables } from './read-storage';

/** What the questions of storage work with. */
interface StorageDeps extends PlaceDeps {
  readonly now: () => number;
}

/** One database of a member. */
export interface DatabasePlace {
  readonly clusterId: string;
  readonly member: string;
  readonly database: string;
}

/** The databases of a member, their age, and its checkpoints. */
export async function readStorageOf(deps: StorageDeps, clusterId: string, member: string): Promise<StorageView> {
  const place = placeOfMember(deps, clusterId, member);
  const { answers, source } = await askCatalog(place, storageQuestions, deps.now);
  return { member, source, ...readStorage(answers, member) };
}

/** The largest tables of a database. */
export async function readTablesOf(deps: StorageDeps, at: DatabasePlace): Promise<TablesView> {
  const place = placeOfMember(deps, at.clusterId, at.member);
  const { answers, source } = await askCatalog(place, tablesQuestions, deps.now, { database: at.database });
  return { database: at.database, source, tables: readTables(answers, at.member) };
}

/** The statements that took most time, or what is missing for knowing them. */
export async function readStatementsOf(deps: StorageDeps, at: DatabasePlace): Promise<StatementsView> {
  const place = placeOfMember(deps, at.clusterId, at.member);
  const { database } = at;
  const { answers, source } = await askCatalog(place, extensionQuestions, deps.now, { database });
  const { version, schema, loaded, available } = readExtension(answers, at.member);
  if (version === null || schema === null || loaded === false) return { kind: 'absent', source, loaded, available };
  const minor = Number(version.split('.')[1] ?? 0);
  const asked = { statements: statementsQuestion(schema) };
  const told = await askCatalog(place, asked, deps.now, { database, version: minor });
  return { kind: 'known', source: told.source, statements: readStatements(told.answers, at.member) };
}
