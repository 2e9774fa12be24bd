import type { Resource, ResourceOf } from '../../../../shared/model/deploy/plan';
import type { ApplyContext } from './context';
import type { ScriptContext } from './script-context';

/** Which step of which plan a resource belongs to. */
export interface StepPlace {
  readonly id: string;
  readonly server: string;
  readonly scope: string;
}

/**
 * How one step is carried out: by shell text on its server, together with the steps before and after it, or from
 * here, by itself. There is no third way: a step that neither does anything cannot be written down.
 */
export type Execution =
  | { readonly by: 'script'; readonly write: (context: ScriptContext) => string }
  | { readonly by: 'core'; readonly apply: (context: ApplyContext) => Promise<void> };

/** What a kind of resource fetches while it is made: packages of apt (which a bundle holds), programs of other origin, or nothing. */
export type Fetched = 'nothing' | 'packages' | 'programs';

/** Everything the execution of a plan knows about one kind of resource. */
export interface ResourceHandler<R extends Resource> {
  readonly fetches: Fetched;
  readonly execution: (resource: R, place: StepPlace) => Execution;
}

/** A handler for each kind of resource there is. */
export type ResourceHandlers = { readonly [K in Resource['kind']]: ResourceHandler<ResourceOf<K>> };
