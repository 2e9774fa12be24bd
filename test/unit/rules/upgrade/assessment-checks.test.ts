import { describe, expect, it } from 'vitest';
import {
  checkAssessment,
  reserveFor,
  roomForAssessment,
  usualPlace,
  whyNotPlace,
  type AssessmentLook,
} from '../../../../shared/rules/upgrade/assessment-checks';
import { assessmentPage } from '../../../../shared/rules/upgrade/assessment-page';
import { assessmentBefore, comparedWith, demandsOf } from '../../../../shared/rules/upgrade/assessment-words';
import { assessmentFixture } from '../../../support/page-double/assessments';
import { sceneState } from '../../../support/page-double/states';

const GB = 1024 ** 3;
const state = sceneState('healthy', Date.now());
const leader = state.leader.holder ?? '';
const replica = state.members.find(({ name }) => name !== leader)?.name ?? '';

function lookOf(change: {
  readonly asked?: Partial<AssessmentLook['asked']>;
  readonly found?: Partial<AssessmentLook['found']>;
  readonly apt?: AssessmentLook['apt'];
  readonly member?: string;
  readonly target?: number;
  readonly look?: Partial<AssessmentLook>;
}): AssessmentLook {
  return {
    choice: {
      member: change.member ?? replica,
      target: change.target ?? 18,
      directory: null,
      maxRateMb: null,
      removePackages: true,
    },
    state,
    server: 'db2',
    place: '/srv',
    directory: '/srv/matriarch-assess-1',
    asked: {
      ...{ version: 170_006, dataDirectory: '/var/lib/postgresql/17/main', superuser: 'postgres', preload: '' },
      ...{ maxPrepared: 0, walBytes: 0, senders: 8, slots: 8, size: 10 * GB, places: [] },
      ...change.asked,
    },
    found: {
      ...{ hasOld: true, hasNew: true, hasSystemd: true, place: 'ok' as const, free: 100 * GB, total: 200 * GB },
      ...{ shared: false, want: [], without: [] },
      ...change.found,
    },
    apt: change.apt ?? null,
    otherJob: null,
    left: false,
    before: null,
    ...change.look,
  };
}
const refusals = (look: AssessmentLook): readonly string[] =>
  checkAssessment(look).flatMap(({ code, verdict }) => (verdict === 'refuses' ? [code] : []));

describe('what speaks against an assessment', () => {
  it('is nothing where a replica runs, there is room, and the new version is there', () => {
    expect(refusals(lookOf({}))).toEqual([]);
  });

  it.each([
    ['the version is not newer', lookOf({ target: 17 }), 'upgrade.not_newer'],
    ['the member is none', lookOf({ member: 'nobody' }), 'upgrade.not_running'],
    ['no two senders are free', lookOf({ asked: { senders: 1 } }), 'upgrade.no_senders'],
    ['no slot is free', lookOf({ asked: { slots: 0 } }), 'upgrade.no_senders'],
    ['the place is within the data', lookOf({ found: { place: 'inside' } }), 'upgrade.place'],
    ['there is too little room', lookOf({ found: { free: 20 * GB } }), 'upgrade.no_room'],
    ['the size of the data is not known', lookOf({ asked: { size: null } }), 'upgrade.size_unknown'],
    ['what is free is not known', lookOf({ found: { free: null } }), 'upgrade.size_unknown'],
    ['the version is neither there nor offered', lookOf({ found: { hasNew: false } }), 'upgrade.not_offered'],
    [
      'apt would renew what is there',
      lookOf({ apt: { added: ['postgresql-18'], others: ['put another version of libpq5 in place'], refusal: null } }),
      'upgrade.more_than_chosen',
    ],
    ['one was broken off', lookOf({ look: { left: true } }), 'upgrade.left'],
    ['the cluster is read-only', lookOf({ look: { state: { ...state, readOnly: true } } }), 'operation.read_only'],
  ])('is told where %s', (_case, look, code) => {
    expect(refusals(look)).toEqual([code]);
  });

  it('is said of the leader as a warning, and not of a replica', () => {
    const of = (member: string) => checkAssessment(lookOf({ member })).find(({ code }) => code === 'upgrade.leads');
    expect(of(leader)?.verdict).toBe('warns');
    expect(of(replica)).toBeUndefined();
  });
});

describe('the place of a copy', () => {
  it.each([
    ['/var/lib/postgresql/15/main', '/var/lib/postgresql'],
    ['/data/pg', '/data'],
    ['/pgdata', '/'],
  ])('near %s is %s', (data, place) => {
    expect(usualPlace(data)).toBe(place);
  });

  it.each(['srv', '/srv/a b', "/srv/'", '/srv/../etc', `/${'x'.repeat(60)}`, ''])('is not %s', (path) => {
    expect(whyNotPlace(path)).not.toBeNull();
  });

  it('keeps room for the cluster, and asks for more than the data alone', () => {
    expect(reserveFor(1000 * GB)).toBe(10 * GB);
    expect(reserveFor(null)).toBe(GB / 2);
    expect(roomForAssessment({ size: 10 * GB, walBytes: GB })).toBeGreaterThan(12 * GB);
  });
});

describe('a report', () => {
  const report = assessmentFixture(Date.now());

  it('says what has to be done before, and what is only to be known', () => {
    const tones = Object.fromEntries(demandsOf(report).map(({ title, tone }) => [title, tone]));
    expect(tones).toMatchObject({
      Extensions: 'todo',
      Parameters: 'todo',
      'Logical slots': 'todo',
      'Prepared transactions': 'good',
      'Time without a primary': 'info',
    });
  });

  it('says of what was not asked that it is not known, and never that there is nothing', () => {
    const empty = { ...report, databases: [], targetVersion: '', logicalSlots: null, preparedTransactions: null };
    const lines = demandsOf({ ...empty, checksums: null }).slice(0, 7);
    for (const { title, tone, lines: words } of lines)
      expect([title, tone, words[0]]).toEqual([title, 'info', expect.stringMatching(/^Not known/)]);
  });

  it('is compared with the one before of the same versions: what is new and what is gone', () => {
    const before = { ...report, id: '000000000001', startedAt: report.startedAt - 1000, missingExtensions: [] };
    const other = { ...before, target: 18, startedAt: report.startedAt - 1 };
    expect(assessmentBefore(report, [report, other, before])).toBe(before);
    expect(comparedWith(report, before)).toEqual(['New: the extension pg_cron is missing.']);
    expect(comparedWith(before, report)).toEqual(['No longer: the extension pg_cron is missing.']);
  });

  it('as a page has every text as text, whatever a server put into it', () => {
    const page = assessmentPage({ ...report, said: '<script>alert(1)</script>' }, null);
    expect(page).not.toContain('<script>');
    expect(page).toContain('loadable_libraries.txt');
  });
});
