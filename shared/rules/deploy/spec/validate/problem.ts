import type { SpecProblem } from '../../../../model/deploy/spec/cluster-spec';

/** A problem that stops a deployment. */
export function problem(code: string, path: string, sentence: string, fix: string): SpecProblem {
  return { code, severity: 'error', path, sentence, fix };
}

/** A problem a person should know of and may accept. */
export function warning(code: string, path: string, sentence: string, fix: string): SpecProblem {
  return { code, severity: 'warning', path, sentence, fix };
}

/** Values that stand more than once, with the index of each later one. */
export function repeated<T>(
  items: readonly T[],
  key: (item: T) => string,
): readonly { readonly index: number; readonly first: number; readonly value: string }[] {
  const seen = new Map<string, number>();
  return items.flatMap((item, index) => {
    const value = key(item);
    const first = seen.get(value);
    if (first === undefined) {
      seen.set(value, index);
      return [];
    }
    return [{ index, first, value }];
  });
}
