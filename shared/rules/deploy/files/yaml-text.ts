import { Document } from 'yaml';
import { printYaml, withoutMerge } from '../../configure/yaml/print-yaml';

/** A document as YAML 1.1, so that PyYAML, which Patroni reads its file with, gives back every value exactly. */
export function yamlText(value: unknown): string {
  return printYaml(new Document(value, { version: '1.1', customTags: withoutMerge }), {}, /\n/);
}
