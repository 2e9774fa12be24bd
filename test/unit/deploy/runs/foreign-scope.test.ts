import { describe, expect, it } from 'vitest';
import { refuseForeignScope } from '../../../../electron/core/deploy/runs/apply-work';
import { AppError } from '../../../../shared/model/app-error';
import type { DeployFacts } from '../../../../shared/model/deploy/facts';
import { bareFacts, silentCluster, specFixture } from '../../../support/deploy/facts';

const facts = (initialize: string | null): DeployFacts => ({
  servers: bareFacts(specFixture()).servers,
  cluster: { ...silentCluster, initialize },
  certificates: {},
  at: 0,
});

describe('a deployment whose scope is in the DCS already', () => {
  it('is refused when no server has a manifest of that cluster', () => {
    expect(() => {
      refuseForeignScope(specFixture({}), { facts: facts('7312345678901234567') });
    }).toThrowError(AppError);
    expect(() => {
      refuseForeignScope(specFixture({}), { facts: facts('') });
    }).toThrowError(/another cluster/);
  });

  it('goes on when the scope is new, and where the cluster was adopted', () => {
    expect(() => {
      refuseForeignScope(specFixture({}), { facts: facts(null) });
    }).not.toThrow();
    expect(() => {
      refuseForeignScope(specFixture({ adopted: ['n1'] }), { facts: facts('7312345678901234567') });
    }).not.toThrow();
  });
});
