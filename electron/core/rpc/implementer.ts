import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract/index';
import type { ProductionGuard } from './production-guard';
import type { ReadOnlyGuard } from './read-only-guard';
import { encodeError, encodeStream, type CallContext } from './wrapper';

/**
 * The contract, ready to be given handlers; every call, whatever its handler does, goes through the one wrapper, and is refused
 * by the guards where it would change what is read-only, or a production cluster whose name nobody types.
 */
export function implementContract(
  context: CallContext,
  guards: { readonly refuseReadOnly: ReadOnlyGuard; readonly askForProduction: ProductionGuard },
) {
  return implement(contract).use(async ({ next, path, signal }, input) => {
    const encode = (thrown: unknown) => encodeError(thrown, path.join('.'), context);
    try {
      guards.refuseReadOnly(path, input);
      await guards.askForProduction(path, input, signal ?? new AbortController().signal);
      const result = await next();
      return isStream(result.output) ? { ...result, output: encodeStream(result.output, encode) } : result;
    } catch (thrown) {
      throw encode(thrown);
    }
  });
}

/** What a file of handlers binds to. */
export type Rpc = ReturnType<typeof implementContract>;

function isStream(output: unknown): output is AsyncIterableIterator<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}
