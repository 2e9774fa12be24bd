import { implement } from '@orpc/server';
import { contract } from '../../../shared/contract/index';
import type { ReadOnlyGuard } from './read-only-guard';
import { encodeError, encodeStream, type CallContext } from './wrapper';

/**
 * The contract, ready to be given handlers; every call, whatever its handler does, goes through the one wrapper, and is refused
 * by the guard where it would change what is read-only.
 */
export function implementContract(context: CallContext, refuseReadOnly: ReadOnlyGuard) {
  return implement(contract).use(async ({ next, path }, input) => {
    const encode = (thrown: unknown) => encodeError(thrown, path.join('.'), context);
    try {
      refuseReadOnly(path, input);
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
