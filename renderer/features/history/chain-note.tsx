import type { HistoryBreak, HistoryCheck } from '../../../shared/model/operate/job';
import { useAnswer } from '../../rpc/hooks';
import { CopyButton } from '../../ui/command';
import { Notice } from '../../ui/notice';
import { plural } from '../../ui/wording/format';

const breaks: Readonly<Record<HistoryBreak['kind'], string>> = {
  changed: 'was changed',
  added: 'was added without a seal',
  missing: 'is missing',
  unreadable: 'cannot be read',
};

/** Whether the history on disk is as it was written. `ended`: how many jobs have ended, so that it is checked again after each. */
export function ChainNote({ ended }: { readonly ended: number }) {
  const check = useAnswer(`chain ${ended}`, (client) => client.history.check()).value;
  if (check === null) return null;
  if (check.firstBreak !== null) return <Broken found={check.firstBreak} />;
  return check.lastHash === null ? null : <Whole check={check} hash={check.lastHash} />;
}

function Whole({ check, hash }: { readonly check: HistoryCheck; readonly hash: string }) {
  const { sealed, unsealed } = check;
  const older = unsealed === 0 ? '' : ` ${plural(unsealed, 'older entry', 'older entries')} had no seal of their own.`;
  return (
    <p className="m-small m-muted m-row m-row-wrap" data-testid="history-chain">
      <span>
        {plural(sealed, 'entry is', 'entries are')} as written: each is sealed with the hash of the one before.
        {older} Last hash:
      </span>
      <span className="m-mono" title={hash}>
        {hash.slice(0, 16)}
      </span>
      <CopyButton text={hash} label="Copy the last hash of the history" />
      <span>Keep it elsewhere: it tells whether entries were cut off the end.</span>
    </p>
  );
}

function Broken({ found }: { readonly found: HistoryBreak }) {
  const where = found.after === 0 ? 'The first sealed entry' : `The entry after number ${found.after}`;
  return (
    <Notice tone="crit" alert>
      {where} of the history {breaks[found.kind]}. Its file was changed by another program, or the disk lost a part of
      it. Do not rely on it as a record of what was done; compare it with an earlier export.
    </Notice>
  );
}
