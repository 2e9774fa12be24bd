import { stringify } from 'yaml';
import type { Json } from '../model/json';
import { isObject } from '../model/json';
import type { DemoHost } from '../network/network';
import { clusterView } from '../rest/cluster-view';
import { boxTable } from './text-table';

/** What `patronictl` prints on a simulated server, for the commands that only read. */
export function patronictlText({ driver: { sim }, member }: DemoHost, args: readonly string[]): string {
  const command = args.find((word, index) => !word.startsWith('-') && args[index - 1] !== '-c');
  if (command === 'version') return `patronictl version ${sim.spec.version}\n`;
  if (!sim.dcsReachable(member))
    return 'Error: Can not find suitable configuration of distributed configuration store\n';
  switch (command) {
    case 'list':
      return listText(sim.spec.scope, sim.systemIdentifier, clusterView(sim)['members'] ?? []);
    case 'show-config':
      return stringify(sim.config());
    case 'history':
      return historyText(sim.read('history'));
    default:
      return (
        'This is a simulated patronictl: it knows list, show-config, history and version.\n' +
        'Use the buttons of the app for everything that changes the cluster.\n'
      );
  }
}

function listText(scope: string, identifier: string, members: Json): string {
  const rows = (Array.isArray(members) ? members : [])
    .filter(isObject)
    .map((member) => [
      text(member['name']),
      text(member['host']),
      titled(text(member['role'])),
      text(member['state']),
      text(member['timeline']),
      lagText(member['lag']),
    ]);
  return boxTable(`Cluster: ${scope} (${identifier})`, [
    ['Member', 'Host', 'Role', 'State', 'TL', 'Lag in MB'],
    ...rows.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? '')),
  ]);
}

function historyText(value: string | null): string {
  const parsed: unknown = JSON.parse(value ?? '[]');
  const rows = (Array.isArray(parsed) ? parsed : []).filter((row) => Array.isArray(row));
  return boxTable('', [['TL', 'LSN', 'Reason', 'Timestamp'], ...rows.map((row) => row.slice(0, 4).map(String))]);
}

const text = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
const titled = (words: string): string =>
  words
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ');
const lagText = (lag: Json | undefined): string =>
  typeof lag === 'number' ? String(Math.round(lag / 1_048_576)) : text(lag);
