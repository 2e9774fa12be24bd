import { describe, expect, it } from 'vitest';
import { causeOfLog } from '../../../../shared/rules/operate/log-cause';

const full =
  '2026-11-26 21:52:12 UTC [812] FATAL:  could not write to file "pg_wal/xlogtemp.812": No space left on device';

describe('the log of a service', () => {
  it('names a full disk, with the line that says so', () => {
    expect(causeOfLog(['started', full, 'waiting for WAL'])).toEqual({ sentence: 'A disk is full.', line: full });
  });

  it('says nothing of a trouble that lies many lines back', () => {
    expect(causeOfLog([full, ...Array.from({ length: 30 }, (_, index) => `line ${index}`)])).toBeNull();
  });

  it('says nothing where no line is known', () => {
    expect(causeOfLog(['LOG:  checkpoint starting: time'])).toBeNull();
    expect(causeOfLog([])).toBeNull();
  });
});
