import type { ServerFactsView, SuggestedParameter } from '../../../shared/model/deploy/deploy-views';
import type { ClusterSpec } from '../../../shared/model/deploy/spec/cluster-spec';
import { smallestOf, type SmallestMachine } from '../../../shared/rules/deploy/spec/complete-file';
import { serverKey } from './server-key';

type Parameters = ClusterSpec['postgres']['parameters'];

/** The least of the members that were seen, or null when none was. `facts` are by the key of the server. */
export function smallestMember(spec: ClusterSpec, facts: ReadonlyMap<string, ServerFactsView>): SmallestMachine | null {
  return smallestOf(
    spec.servers
      .filter((server) => server.roles.includes('postgres'))
      .flatMap((server) => facts.get(serverKey(server)) ?? []),
  );
}

/** One row of the table of parameters. `value: null`: suggested, but not part of the spec. */
export interface ParameterRow {
  readonly name: string;
  readonly value: string | null;
  readonly suggested: string | null;
  readonly reason: string;
}

/** Suggested and own parameters together: suggested ones in their order, own ones after them. */
export function parameterRows(
  parameters: Parameters,
  suggestions: readonly SuggestedParameter[],
): readonly ParameterRow[] {
  const names = new Set(suggestions.map((one) => one.name));
  const valueOf = (name: string) => {
    const value = parameters[name];
    return value === undefined ? null : String(value);
  };
  return [
    ...suggestions.map((one) => ({
      name: one.name,
      value: valueOf(one.name),
      suggested: one.value,
      reason: one.reason,
    })),
    ...Object.keys(parameters)
      .filter((name) => !names.has(name))
      .sort()
      .map((name) => ({ name, value: valueOf(name), suggested: null, reason: 'Set by you.' })),
  ];
}

/** The parameters with all suggestions taken over; own ones that are not suggested stay. */
export function withSuggestions(parameters: Parameters, suggestions: readonly SuggestedParameter[]): Parameters {
  return { ...parameters, ...Object.fromEntries(suggestions.map((one) => [one.name, one.value])) };
}

/** The parameters with one set, or with one left out (`null`). */
export function withParameter(parameters: Parameters, name: string, value: string | null): Parameters {
  const { [name]: _old, ...rest } = parameters;
  return value === null ? rest : { ...rest, [name]: value };
}

/** Whether a text can be the name of a parameter. */
export function isParameterName(text: string): boolean {
  return /^[a-z_][a-z0-9_.]*$/.test(text);
}
