import { rewindFunctions, type DatabaseSql } from '../../deploy/facts/sql-facts';

/** A role as pg_authid has it. */
interface SimRoleRow {
  readonly verifier: string;
  /** Of `login`, `createdb`, `createrole`, `superuser`, `replication`, `rewind`, `monitor`. */
  readonly options: ReadonlySet<string>;
}

/** What psql on a simulated server came to. */
export interface SqlOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The roles and databases of a simulated cluster. It reads the statements that a deployment sends, and no others. */
export class SqlCatalogue {
  readonly #roles = new Map<string, SimRoleRow>();
  readonly #databases = new Map([
    ['postgres', 'postgres'],
    ['template1', 'postgres'],
  ]);
  readonly #lookUps = new Set<string>();

  addRole(name: string, verifier: string, options: readonly string[]): void {
    this.#roles.set(name, { verifier, options: new Set(options) });
  }

  /** Runs the text of one psql, which begins in `postgres`; a variable names the database behind each `\connect`. */
  run(text: string, variables: ReadonlyMap<string, string>): SqlOutcome {
    const rows: string[] = [];
    for (const { database, sql, onlyWhereThere = false } of partsOf(text, variables)) {
      if (!this.#databases.has(database)) {
        if (onlyWhereThere) continue;
        return failed(`database "${database}" does not exist`);
      }
      for (const statement of statementsOf(sql)) {
        const found = this.#execute(statement, database);
        if (typeof found === 'string') return failed(found);
        rows.push(...found);
      }
    }
    return { code: 0, stdout: rows.map((row) => `${row}\n`).join(''), stderr: '' };
  }

  /** The rows of a statement, or why it failed. */
  #execute(statement: string, database: string): readonly string[] | string {
    if (statement.includes('FROM pg_authid WHERE rolname !~')) return this.#listRoles();
    if (statement.includes('FROM pg_database WHERE datallowconn')) return this.#listDatabases();
    if (statement.includes("p.proname = 'get_auth'"))
      return this.#lookUps.has(database) ? [JSON.stringify(['pooler', database])] : [];
    return this.#change(statement, database);
  }

  #listRoles(): readonly string[] {
    return [...this.#roles].map(([name, { verifier, options }]) => {
      const flags = ['login', 'createdb', 'createrole', 'superuser', 'replication', 'rewind', 'monitor'];
      const ofSuperuser = new Set(['rewind', 'monitor']);
      const held = flags.map((flag) => options.has(flag) || (options.has('superuser') && ofSuperuser.has(flag)));
      return JSON.stringify(['role', name, verifier, ...held]);
    });
  }

  #listDatabases(): readonly string[] {
    return [...this.#databases].map(([name, owner]) => JSON.stringify(['database', name, owner]));
  }

  #change(statement: string, database: string): readonly string[] | string {
    const [kind = ''] =
      /^(ALTER ROLE|CREATE DATABASE|ALTER DATABASE|CREATE SCHEMA|GRANT EXECUTE|GRANT pg_monitor)/.exec(statement) ?? [];
    const [first = '', second = ''] = [...statement.matchAll(/"((?:[^"]|"")*)"/g)].map(([, name = '']) =>
      name.replaceAll('""', '"'),
    );
    switch (kind) {
      case 'ALTER ROLE':
        return this.#alterRole(first, statement);
      case 'CREATE DATABASE':
      case 'ALTER DATABASE':
        if (!this.#roles.has(second)) return `role "${second}" does not exist`;
        this.#databases.set(first, second);
        return [];
      case 'CREATE SCHEMA':
        this.#lookUps.add(database);
        return [];
      case 'GRANT pg_monitor':
        this.#give(first, 'monitor');
        return [];
      case 'GRANT EXECUTE':
        return this.#grant(first, statement);
      default:
        return harmless.test(statement) ? [] : `this simulated PostgreSQL does not know "${statement.slice(0, 60)}"`;
    }
  }

  #alterRole(name: string, statement: string): readonly string[] {
    const [, words = '', verifier = ''] = / WITH (.*) PASSWORD '([^']*)'/.exec(statement) ?? [];
    const options = words
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '' && !word.startsWith('no'));
    const before = this.#roles.get(name);
    const kept = ['rewind', 'monitor'].filter((option) => before?.options.has(option) === true);
    this.addRole(name, verifier, [...options, ...kept]);
    return [];
  }

  #give(name: string, option: string): void {
    const role = this.#roles.get(name);
    if (role !== undefined) this.addRole(name, role.verifier, [...role.options, option]);
  }

  #grant(name: string, statement: string): readonly string[] {
    const last = rewindFunctions.at(-1) ?? '';
    if (statement.includes(`pg_catalog.${last} `)) this.#give(name, 'rewind');
    return [];
  }
}

/** What a deployment says around the statements that count here. */
const harmless = /^(CREATE ROLE|CREATE OR REPLACE FUNCTION pgbouncer|REVOKE|GRANT USAGE|SET SESSION)/;

/** What is run in which database: psql's `\connect` begins the next, and stands in an `\if :there` where it may be missing. */
function partsOf(text: string, variables: ReadonlyMap<string, string>): readonly DatabaseSql[] {
  const [first = '', ...others] = text.split(/^(?=\\connect )/m);
  return [
    { database: 'postgres', sql: first },
    ...others.map((sql) => {
      const [, index = ''] = /:database(\d+)/.exec(sql) ?? [];
      const database = variables.get(`name${index}`) ?? '';
      return { database, sql, onlyWhereThere: /^\\endif$/m.test(sql) };
    }),
  ];
}

/** One statement an entry; what only psql reads is left out: a role that is to be made is made in any case. */
function statementsOf(sql: string): readonly string[] {
  return sql
    .split('\n')
    .filter((line) => !line.startsWith('\\') && !line.endsWith('\\gset'))
    .join('\n')
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function failed(why: string): SqlOutcome {
  return { code: 3, stdout: '', stderr: `psql: error: ${why}\n` };
}
