import type { YamlRemark } from '../../../shared/rules/configure/yaml/config-yaml';
import { printable } from '../../ui/text';

/** The remarks on a YAML text, each with its place. */
export function YamlRemarks({ remarks }: { readonly remarks: readonly YamlRemark[] }) {
  if (remarks.length === 0) return null;
  return (
    <ul className="m-config-remarks" aria-label="Remarks on the YAML">
      {remarks.map((one) => (
        <li
          key={`${one.line} ${one.column} ${one.sentence}`}
          className={one.severity === 'error' ? 'm-tone-crit' : 'm-muted'}
        >
          Line {one.line}, column {one.column}: {printable(one.sentence)}
        </li>
      ))}
    </ul>
  );
}
