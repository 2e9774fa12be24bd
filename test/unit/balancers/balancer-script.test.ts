import { expect, it } from 'vitest';
import { BALANCER_SCRIPT } from '../../../electron/core/balancers/balancer-script';

it('the script that looks for load balancers has no sign in it that a shell does not read', () => {
  expect(/[^\n\u0020-\u007e]/.exec(BALANCER_SCRIPT)).toBeNull();
});
