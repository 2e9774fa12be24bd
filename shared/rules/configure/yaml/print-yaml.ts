import { isCollection, visit, type Document, type Tags, type ToStringOptions } from 'yaml';

/**
 * Strings that PyYAML would not give back from a plain, single-quoted or literal scalar: characters that it does not print, and
 * those that have a meaning by themselves (`=` and `<<`, YAML 1.1). Line ends are not among them.
 */
const misread = /^(?:=|<<)$|[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Within brackets PyYAML lets no plain scalar begin with a colon or hold a question mark (yaml/scanner.py). */
const misreadInFlow = /^:|\?/;

/** Characters that stand as they are in double quotes of YAML 1.2, and that PyYAML folds or refuses. */
const unprinted = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** The tags of a document without that for merging, which would write `<<` as it is, whatever is said of its quotes. */
export function withoutMerge(tags: Tags): Tags {
  return tags.filter((tag) => (typeof tag === 'string' ? tag !== 'merge' : tag.tag !== 'tag:yaml.org,2002:merge'));
}

/**
 * A document as text that PyYAML, which Patroni reads YAML with, gives back exactly. Strings that `alsoQuoted` matches are written
 * in double quotes, too.
 */
export function printYaml(document: Document.Parsed | Document, options: ToStringOptions, alsoQuoted?: RegExp): string {
  visit(document, {
    Scalar: (key, node, path) => {
      const { value } = node;
      const isMerge = key === 'key' && node.type === 'PLAIN' && value === '<<';
      if (typeof value !== 'string' || isMerge) return;
      const isInFlow = path.some((above) => isCollection(above) && above.flow === true);
      const isQuoted =
        misread.test(value) || alsoQuoted?.test(value) === true || (isInFlow && misreadInFlow.test(value));
      if (isQuoted) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document
    .toString({ lineWidth: 0, ...options })
    .replaceAll(unprinted, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
