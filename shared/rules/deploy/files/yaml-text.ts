import { Document, visit, type Tags } from 'yaml';

/**
 * Strings that PyYAML would not give back from a plain or single-quoted scalar: line ends and characters that it does not print, and
 * those that have a meaning by themselves (`=` and `<<`, YAML 1.1).
 */
const misread = /^(=|<<)$|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Characters that stand as they are in double quotes of YAML 1.2, and that PyYAML folds or refuses. */
const unprinted = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Without the tag for merging, which would write `<<` as it is, whatever is said of its quotes. */
function withoutMerge(tags: Tags): Tags {
  return tags.filter((tag) => (typeof tag === 'string' ? tag !== 'merge' : tag.tag !== 'tag:yaml.org,2002:merge'));
}

/** A document as YAML 1.1, so that PyYAML, which Patroni reads its file with, gives back every value exactly. */
export function yamlText(value: unknown): string {
  const document = new Document(value, { version: '1.1', customTags: withoutMerge });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && misread.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document
    .toString({ lineWidth: 0 })
    .replaceAll(unprinted, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
