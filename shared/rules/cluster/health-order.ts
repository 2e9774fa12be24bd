import type { HealthLevel } from '../../model/cluster/cluster-state';

/** The levels of health, the most urgent first. */
export const healthByUrgency: readonly HealthLevel[] = ['critical', 'unknown', 'warning', 'connecting', 'healthy'];
