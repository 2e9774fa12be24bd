import { describe, expect, it } from 'vitest';
import {
  findProofTrouble,
  laterProof,
  PROOF_EXIT,
  readProofRecord,
  roomForProof,
} from '../../../../shared/rules/backups/judge-proof';
import { checkProofLook, proofUnits, type ProofLook } from '../../../../shared/rules/backups/proof-files';

const LABEL = '20261121-040000F';
const DAY = 86_400_000;
const record = (...lines: readonly string[]): string =>
  ['began 1764000000', `label ${LABEL}`, 'needed 1000000000', ...lines, 'ended 1764000120', 'finished', ''].join('\n');
const told = [
  ...['free 5000000000', `step Restoring ${LABEL}`, 'system 42', 'tables 3', 'rows 1000'],
  ...['checksums good', 'end', 'code 0'],
];

describe('what the timer of a proof wrote', () => {
  it('is a good proof where everything was told and answered', () => {
    expect(readProofRecord(record(...told), 'db2', '42')).toEqual({
      at: 1_764_000_120_000,
      label: LABEL,
      good: true,
      sentence:
        `${LABEL} was restored on db2 in 2 min; PostgreSQL started on it and answered: 3 tables, and every checksum is right. ` +
        'It was removed again.',
    });
  });

  it.each([
    [
      'could not restore it',
      ['code 93', 'said ERROR: [029]: no manifest'],
      /could not restore it\. It said: ERROR: \[029\]/,
    ],
    ['had no room', [`free 10`, `code ${PROOF_EXIT.noSpace}`], /has 10 B free, and 954 MB are needed/],
    ['told no backup', [`code ${PROOF_EXIT.noBackup}`], /pgBackRest on db2 tells no backup/],
    ['was cut off before its end', ['code 0'], /ended the proof with 0/],
    ['was killed', ['code 137'], /ended the proof with 137/],
    ['found damaged pages', [...told.map((line) => line.replace('good', 'bad'))], /pages with wrong checksums/],
    ['is of another database system', told.map((line) => line.replace('42', '43')), /another database system/],
    ['left something behind', ['left /var/lib/x', ...told], /kept \/var\/lib\/x/],
  ] as const)('is no proof where it %s', (_, lines, words) => {
    const proof = readProofRecord(record(...lines), 'db2', '42');
    expect(proof?.good).toBe(false);
    expect(proof?.sentence).toMatch(words);
  });

  it.each([
    ['cut off', record(...told).replace('finished\n', '')],
    ["somebody else's", 'hello\nfinished\n'],
    ['empty', ''],
  ])('is nothing where it is %s', (_, text) => {
    expect(readProofRecord(text, 'db2', '42')).toBeNull();
  });
});

describe('the proofs of a cluster', () => {
  const good = { at: 10 * DAY, label: LABEL, good: true, sentence: '' };
  const codes = (...args: Parameters<typeof findProofTrouble>): readonly string[] =>
    findProofTrouble(...args).map(({ code }) => code);

  it('are said to be too old by the last of them, and only where a timer was set', () => {
    expect(codes(good, { since: 0 }, 8, 18 * DAY)).toEqual([]);
    expect(codes(good, { since: 0 }, 8, 18 * DAY + 1)).toEqual(['backup.proof_too_old']);
    expect(codes(good, null, 8, 100 * DAY)).toEqual([]);
    expect(codes(null, { since: 10 * DAY }, 8, 18 * DAY)).toEqual([]);
    expect(codes(null, { since: 10 * DAY }, 8, 18 * DAY + 1)).toEqual(['backup.proof_too_old']);
  });

  it('are said to have failed by the last of them, whoever started it', () => {
    expect(codes({ ...good, good: false }, null, 8, 10 * DAY)).toEqual(['backup.proof_failed']);
    const later = { ...good, at: 11 * DAY };
    expect(laterProof({ ...good, good: false }, later)).toBe(later);
    expect(laterProof(later, { ...good, good: false })).toBe(later);
    expect(laterProof(null, later)).toBe(later);
    expect(laterProof(later, null)).toBe(later);
    expect(laterProof(null, null)).toBeNull();
  });

  it('need more room than the data alone', () => {
    expect(roomForProof(10_000_000_000)).toBeGreaterThan(11_000_000_000);
  });
});

describe('a timer of proofs', () => {
  const look: ProofLook = {
    ...{ server: 'db2', stanza: 'orders', problem: null, hasPrograms: true, major: 17 },
    ...{ free: 10 ** 10, needed: 10 ** 9, foreign: [] },
  };
  const refusals = (change: Partial<ProofLook>): string =>
    checkProofLook({ ...look, ...change }, false)
      .filter(({ verdict }) => verdict === 'refuses')
      .map(({ sentence }) => sentence)
      .join(' ');

  it('is set where nothing is in the way, and gives way to everything else on its server', () => {
    expect(refusals({})).toBe('');
    const [service, timer] = proofUnits('orders', { day: 'Sat', time: '04:00' });
    expect(service?.text).toMatch(/User=postgres\n[\s\S]*Nice=10\nIOSchedulingClass=idle/);
    expect(timer?.text).toContain('OnCalendar=Sat *-*-* 04:00:00\nPersistent=true');
  });

  it.each([
    ['there is no room', { free: 10 ** 9 - 1 }, /954 MB free; 954 MB are needed/],
    ['PostgreSQL is not there', { hasPrograms: false }, /no PostgreSQL 17/],
    ['a file of somebody else is in the way', { foreign: ['/x'] }, /\/x on db2 is somebody else's/],
    ['a stanza has a name that a shell would read', { stanza: "a'; rm -rf /" }, /is none for a unit of systemd/],
  ])('is refused where %s', (_, change, words) => {
    expect(refusals(change)).toMatch(words);
  });
});
