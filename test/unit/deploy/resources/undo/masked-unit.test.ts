import { describe, expect, it } from 'vitest';
import { checkUnit } from '../../../../../shared/rules/deploy/check/check-server';
import { scriptRemoval } from '../../../../../electron/core/deploy/resources/undo/undo-script';
import { scriptContext } from '../../../../support/deploy/scripts';
import { bareServer } from '../../../../support/deploy/facts';

const off = {
  kind: 'unit',
  unit: 'postgresql.service',
  wanted: 'off',
  configuration: [],
  onChange: 'restart',
  noBlock: false,
  alsoReload: null,
} as const;
const manifest = (before: string) => ({
  version: 1 as const,
  scope: 'main',
  server: 'n1',
  clusterToken: 't',
  files: [],
  units: [{ unit: 'postgresql.service', before }],
  data: [],
});
const masked = {
  'postgresql.service': { load: 'masked' as const, enabled: 'masked', active: 'inactive', fresh: false },
};

describe('a masked unit', () => {
  it('of an interrupted installation is unmasked by the next run', () => {
    expect(
      checkUnit(off, bareServer('n1', '10.0.0.11', { units: masked, manifest: manifest('absent') }), false).action,
    ).toBe('change');
  });
  it('that somebody else masked stays masked', () => {
    expect(checkUnit(off, bareServer('n1', '10.0.0.11', { units: masked }), false).action).toBe('none');
    expect(
      checkUnit(off, bareServer('n1', '10.0.0.11', { units: masked, manifest: manifest('masked,inactive') }), false)
        .action,
    ).toBe('none');
  });
  it('is unmasked by an undo, unless it was masked before the deployment', () => {
    const undo = (before: string): string =>
      scriptRemoval(
        {
          kind: 'undo',
          part: 'remove',
          manifest: manifest(before),
          packages: [],
          users: [],
          groups: [],
          keepData: false,
          changed: [],
        },
        scriptContext(),
      );
    expect(undo('absent')).toContain('systemctl unmask -q postgresql.service');
    expect(undo('masked,inactive')).not.toContain('systemctl unmask');
  });
});
