import type { StandbyPlace, StandbySource } from '../../model/cluster/cluster-pair';
import { isJsonObject } from '../configure/config-patch';

const POSTGRES_PORT = 5432;
/** More hosts than this are an error or hostile. */
const MOST_PLACES = 32;

/**
 * The source of a standby cluster from its dynamic configuration; null for a cluster that is none. Hosts and ports may be lists parted by
 * commas, as libpq takes them: one port for all hosts, or one for each.
 */
export function readStandbySource(raw: Readonly<Record<string, unknown>>): StandbySource | null {
  const section = raw['standby_cluster'];
  if (!isJsonObject(section)) return null;
  const hosts = listOf(section['host']);
  const ports = listOf(section['port']);
  const fromArchive = textOf(section['restore_command']) !== '';
  if (hosts.length === 0 && ports.length === 0 && !fromArchive) return null;
  const places = hosts.slice(0, MOST_PLACES).flatMap((host, index) => placeOf(host, index, ports));
  return { places, slot: textOf(section['primary_slot_name']) || null, fromArchive };
}

function placeOf(host: string, index: number, ports: readonly string[]): readonly StandbyPlace[] {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const written = ports.length === 1 ? ports[0] : ports[index];
  const port = written === undefined || written === '' ? POSTGRES_PORT : Number(written);
  return bare !== '' && Number.isInteger(port) && port > 0 && port <= 65_535 ? [{ host: bare, port }] : [];
}

function listOf(value: unknown): readonly string[] {
  const text = textOf(value);
  return text === '' ? [] : text.split(',').map((one) => one.trim());
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
