/** The steps of the form; installing and the end belong to the run that it starts. */
export const formSteps = ['servers', 'roles', 'sources', 'settings', 'review'] as const;
/** One of these steps. */
export type StepId = (typeof formSteps)[number];

/** A step of the whole set-up, as the list at the side shows it. */
export type SetupStep = StepId | 'install' | 'done';

/** All steps in their order with their names. */
export const setupSteps: readonly { readonly id: SetupStep; readonly text: string }[] = [
  { id: 'servers', text: 'Servers' },
  { id: 'roles', text: 'Roles' },
  { id: 'sources', text: 'Sources and versions' },
  { id: 'settings', text: 'Settings' },
  { id: 'review', text: 'Review' },
  { id: 'install', text: 'Install' },
  { id: 'done', text: 'Done' },
];

/** The step of a text in the address; an unknown one is the first. */
export function toStep(text: string | undefined): StepId {
  return formSteps.find((step) => step === text) ?? 'servers';
}

/** The step after one, or before it; null at the ends. */
export function stepBeside(step: StepId, by: 1 | -1): StepId | null {
  return formSteps[formSteps.indexOf(step) + by] ?? null;
}
