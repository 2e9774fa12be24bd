import './styles/dialog.css';
import { printable } from './text';

/** What applications and the cluster will see of an action; nothing is shown where it has no consequences. */
export function Consequences({ consequences }: { readonly consequences: readonly string[] }) {
  if (consequences.length === 0) return null;
  return (
    <div>
      <h3>What will happen</h3>
      <ul className="m-consequences">
        {consequences.map((sentence) => (
          <li key={sentence} className="m-wrap">
            {printable(sentence)}
          </li>
        ))}
      </ul>
    </div>
  );
}
