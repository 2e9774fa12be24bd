import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract';
import { appError } from '../../../shared/model/app-error';
import type { AssessmentReport } from '../../../shared/model/upgrade/assessment';

const notHere = (): Promise<never> => Promise.reject(appError('demo.not_here', 'The double does not do this.'));

/** An assessment that pg_upgrade stopped at a missing library. */
export function assessmentFixture(now: number): AssessmentReport {
  return {
    version: 1,
    id: 'a1b2c3d4e5f6',
    clusterId: 'c1',
    cluster: 'Orders',
    scope: 'orders',
    startedAt: now - 3_600_000,
    endedAt: now - 3_300_000,
    member: 'db2',
    server: 'db2',
    from: 150_014,
    target: 17,
    targetVersion: '17.6',
    verdict: 'refused',
    sentence:
      'pg_upgrade would not upgrade db2 (40 GB in 3 min 34 s) to PostgreSQL 17.6: it stopped at "Checking for presence of required libraries".',
    checks: [
      { name: 'Checking cluster versions', result: 'ok' },
      { name: 'Checking for presence of required libraries', result: 'fatal' },
    ],
    said: 'Checking cluster versions    ok\nChecking for presence of required libraries    fatal\nFailure, exiting\n',
    files: [
      {
        name: 'loadable_libraries.txt',
        text: 'could not load library "$libdir/pg_cron"\nIn database: app\n',
        whole: true,
      },
    ],
    databases: [
      {
        name: 'app',
        bytes: 42_000_000_000,
        relations: 1840,
        largeObjects: 0,
        extensions: [{ name: 'pg_cron', version: '1.6' }],
      },
    ],
    missingExtensions: [{ name: 'pg_cron', package: 'postgresql-15-cron' }],
    otherExtensions: [],
    missingLibraries: ['pg_cron'],
    unknownParameters: ['old_snapshot_threshold'],
    refusedParameters: [],
    changedDefaults: [{ name: 'io_combine_limit', before: '8', after: '16' }],
    logicalSlots: [{ name: 'feed', plugin: 'pgoutput', database: 'app' }],
    preparedTransactions: 0,
    checksums: true,
    replicas: ['db2', 'db3'],
    copy: { bytes: 42_949_672_960, ms: 214_000, maxRateMb: null },
    checkMs: 4200,
    notOffered: ['postgresql-17-cron'],
    left: [],
    installed: ['postgresql-17', 'postgresql-client-17'],
    packagesRemoved: true,
  };
}

/** One report, a server that is offered a newer version, and packages that were left. */
export function assessmentsDouble(now: number) {
  const { assessments } = implement(contract);
  return {
    view: assessments.view.handler(() => ({
      reports: [assessmentFixture(now)],
      unreadable: [],
      left: null,
      packages: [],
    })),
    offers: assessments.offers.handler(() =>
      ['db1', 'db2', 'db3'].map((member) => ({
        member,
        server: member,
        leads: member === 'db1',
        major: 15,
        offers: [{ major: 17, version: '17.6-0+deb13u1', installed: false }],
        error: null,
      })),
    ),
    preview: assessments.preview.handler(notHere),
    start: assessments.start.handler(notHere),
    clean: assessments.clean.handler(notHere),
    removePackages: assessments.removePackages.handler(notHere),
  };
}
