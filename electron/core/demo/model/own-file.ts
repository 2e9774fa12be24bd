import { readYaml } from '../../../../shared/rules/configure/yaml/read-yaml';
import { wake } from './ha';
import { isObject, parseJson, type Json, type JsonObject } from './json';
import type { Sim } from './sim';
import type { MemberState } from './types';

/** A patroni.yml as values; nothing where it does not read. */
export function ownConfig(text: string): JsonObject {
  const answer = readYaml(text);
  const value: Json | undefined = answer.kind === 'value' ? parseJson(JSON.stringify(answer.value)) : undefined;
  return isObject(value) ? value : {};
}

/** What a member does when it is asked to reload: it reads its own file once more, and reports its tags in its next loop. */
export function reloadOwnFile(sim: Sim, member: MemberState): void {
  if (member.ownFile === null) return;
  const config = ownConfig(member.ownFile.text);
  const tags = isObject(config.tags) ? Object.entries(config.tags) : [];
  member.tags = Object.fromEntries(tags.filter(([, value]) => value !== false && value !== null && value !== ''));
  const section = isObject(config.postgresql) ? config.postgresql : {};
  member.ownParameters = isObject(section.parameters) ? section.parameters : {};
  wake(sim, member, 10);
}
