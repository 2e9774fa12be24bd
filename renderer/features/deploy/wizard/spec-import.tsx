import { Button } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import { appError } from '../../../../shared/model/app-error';
import type { ClusterSpec, SpecProblem } from '../../../../shared/model/deploy/spec/cluster-spec';
import { useAction, usePage } from '../../../rpc/hooks';
import { ErrorNotice } from '../../../ui/notice';
import { ProblemList } from '../../../deployment/plan/problem-list';
import { addServersOfSpec, inventoryCalls } from './server-calls';

const MOST_BYTES = 1_000_000;

/** Takes the file of a cluster. Its servers are found in the inventory or added there; problems of form are shown. */
export function FileButton({
  text,
  clusterId = null,
  onSpec,
}: {
  readonly text: string;
  /** The id of the form that the file is taken into; it counts where the file names none. */
  readonly clusterId?: string | null;
  /** `leavesParameters`: the file leaves the parameters to be suggested. */
  readonly onSpec: (spec: ClusterSpec, leavesParameters: boolean) => void | Promise<void>;
}) {
  const page = usePage();
  const input = useRef<HTMLInputElement>(null);
  const [problems, setProblems] = useState<readonly SpecProblem[]>([]);
  const take = useAction(async (file: File) => {
    setProblems([]);
    if (file.size > MOST_BYTES)
      throw appError('deploy.file_too_large', `${file.name} is too large for a cluster file.`, {
        hint: 'Choose a cluster file that was saved in the review, at most 1 MB.',
      });
    const content = await file.text();
    const read = await page.call((client) => client.deploy.parse({ text: content, clusterId }));
    if (read.spec === null) setProblems(read.problems);
    else await onSpec(await addServersOfSpec(inventoryCalls(page), read.spec), read.leavesParameters);
  });
  const chosen = (files: FileList | null) => {
    const file = files?.[0];
    if (file !== undefined) void take.run(file);
  };
  return (
    <>
      <Button text={text} loading={take.busy} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        hidden
        accept=".yml,.yaml,.json"
        aria-label={text}
        onChange={(event) => {
          chosen(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
      {take.error === null ? null : <ErrorNotice error={take.error} />}
      <ProblemList problems={problems} withPath />
    </>
  );
}
