import type { Page } from '../rpc/page';
import { draftOf, draftTitle, type DeployForm } from './form/form';
import type { StepId } from './form/steps';

/** Keeps a new draft; resolves to its id. */
export async function openDraft(page: Page, form: DeployForm, step: StepId): Promise<string> {
  const id = crypto.randomUUID();
  await page.call((client) =>
    client.deploy.drafts.save({ id, title: draftTitle(form.spec), step, spec: draftOf(form) }),
  );
  return id;
}
