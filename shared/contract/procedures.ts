import { eventIterator, oc } from '@orpc/contract';
import { z, type ZodType } from 'zod';
import type { AppErrorData } from '../model/app-error';

/** The type of an answer. Answers are typed, not parsed: they come from the core itself. */
export function of<T>() {
  return z.custom<T>();
}

/** The one error every procedure may reject with: the data of an AppError. */
const base = oc.errors({ APP: { data: of<AppErrorData>() } });

/** A call with checked input. */
export function call<Input extends ZodType, Output extends ZodType>(input: Input, output: Output) {
  return base.input(input).output(output);
}

/** A call without input. */
export function ask<Output extends ZodType>(output: Output) {
  return base.output(output);
}

/** A subscription with checked input: first a snapshot, then changes, until the reader leaves. */
export function stream<Input extends ZodType, Item extends ZodType>(input: Input, item: Item) {
  return base.input(input).output(eventIterator(item));
}

/** A subscription without input. */
export function feed<Item extends ZodType>(item: Item) {
  return base.output(eventIterator(item));
}
