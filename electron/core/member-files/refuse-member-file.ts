import { appError } from '../../../shared/model/app-error';
import { isJsonObject } from '../../../shared/rules/configure/config-patch';
import { judgeMemberFile } from '../../../shared/rules/configure/member-file/judge-member-file';
import { knownParameters } from '../../../shared/rules/configure/parameter-table';
import { readConfigYaml } from '../../../shared/rules/configure/yaml/config-yaml';
import { readYaml } from '../../../shared/rules/configure/yaml/read-yaml';
import type { MemberFilePlace } from './read-member-file';

/** Refuses a text for a member's own file that is wrong by the app's own rules, before Patroni itself is asked. */
export function refuseMemberFile(
  { state, member }: Pick<MemberFilePlace, 'state' | 'member'>,
  { former, text }: { readonly former: string; readonly text: string },
): void {
  const refuse = (sentence: string, hint: string): never => {
    throw appError('config.file_wrong', `${sentence} Nothing was written.`, { target: member, hint });
  };
  if (text === former) refuse('The text is the one that is in place.', 'Change something first.');
  const read = readConfigYaml(text);
  const remark = read.remarks.find(({ severity }) => severity === 'error');
  if (read.config === null || remark !== undefined)
    return refuse(remark?.sentence ?? 'The text does not read as YAML.', 'Correct it in the editor.');
  const before = readYaml(former);
  const config = before.kind === 'value' && isJsonObject(before.value) ? before.value : {};
  const issue = judgeMemberFile(config, read.config, {
    version: state.members.find(({ name }) => name === member)?.patroniVersion ?? null,
    definitions: new Map(knownParameters.map((one) => [one.name.toLowerCase(), one])),
    certain: false,
    members: state.members.length,
    standbys: state.members.length - 1,
    tags: {
      member,
      version: state.members.find(({ name }) => name === member)?.patroniVersion ?? null,
      members: state.members,
    },
  }).find(({ severity }) => severity === 'error');
  if (issue !== undefined) refuse(issue.sentence, issue.advice);
}
