import { isJsonObject } from '../../configure/config-patch';
import { matchHba, type ConnectingClient } from '../../configure/hba/match-hba';
import { siteLines, type SiteClients } from '../files/hba';

/** What a site that follows needs of a cluster: a permanent slot, and to be let in. */
export interface SiteWish extends SiteClients {
  readonly slot: string | null;
}

/**
 * How far a cluster is prepared for another one that follows it, by its dynamic configuration. `lines` are those of pg_hba that are
 * missing. Where pg_hba is not kept in the dynamic configuration, `isKeptHere` is false: what lets in there is not known, and `lines` has
 * all that it needs. `patch` makes the slot and the lines; null where nothing is to be changed there.
 */
export interface SourcePreparation {
  readonly slot: 'there' | 'missing' | 'not_wanted';
  readonly lines: readonly string[];
  readonly isKeptHere: boolean;
  readonly patch: Readonly<Record<string, unknown>> | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Judges the dynamic configuration of the cluster that is to be followed. Pure. */
export function prepareSource(raw: Json, wish: SiteWish): SourcePreparation {
  const slot = slotOf(raw, wish.slot);
  const postgresql = isJsonObject(raw['postgresql']) ? raw['postgresql'] : {};
  const kept = postgresql['pg_hba'];
  const own = Array.isArray(kept) ? kept.filter((line) => typeof line === 'string') : null;
  const lines = own === null ? siteLines(wish) : siteLines(wish).filter((line) => !letsIn(own, line, wish));
  const patch = {
    ...(slot === 'missing' && wish.slot !== null ? { slots: { [wish.slot]: { type: 'physical' } } } : {}),
    ...(own === null || lines.length === 0 ? {} : { postgresql: { pg_hba: withLines(own, lines) } }),
  };
  return { slot, lines, isKeptHere: own !== null, patch: Object.keys(patch).length === 0 ? null : patch };
}

function slotOf(raw: Json, wanted: string | null): SourcePreparation['slot'] {
  if (wanted === null) return 'not_wanted';
  const slots = isJsonObject(raw['slots']) ? raw['slots'] : {};
  const slot = slots[wanted];
  return isJsonObject(slot) && slot['type'] === 'physical' ? 'there' : 'missing';
}

/** Whether the rules that are there let in whom this line is for, asking for a password and for nothing more. */
function letsIn(rules: readonly string[], line: string, wish: SiteWish): boolean {
  const [, database = '', user = '', network = ''] = line.split(' ');
  const client: ConnectingClient = {
    user: user.replaceAll('"', ''),
    roles: [],
    database: database === 'replication' ? '' : 'postgres',
    address: network.replace(/\/\d+$/, ''),
    tls: wish.tls,
    replication: database === 'replication',
  };
  const verdict = matchHba(rules, client, { addresses: [], version: null });
  if (verdict.kind !== 'asked') return false;
  const matched = rules[verdict.line] ?? '';
  return !matched.includes('clientcert=') && ['scram-sha-256', 'md5', 'trust', 'password'].includes(verdict.method);
}

/** The first rule that matches decides: new ones stand before the first that refuses, or asks for a certificate. */
function withLines(rules: readonly string[], lines: readonly string[]): readonly string[] {
  const at = rules.findIndex((rule) => /\sreject(?:\s|$)/.test(rule) || /\sclientcert=|\scert(?:\s|$)/.test(rule));
  return at < 0 ? [...rules, ...lines] : [...rules.slice(0, at), ...lines, ...rules.slice(at)];
}
