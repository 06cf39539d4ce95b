import { ipcMain } from 'electron';
import type { z } from 'zod';
import {
  BRIDGE_METHODS,
  type BridgeMethod,
  type BridgeOutput,
  bridge,
  CHANNEL,
  DROP_CHANNEL,
  type Dropped,
  dropRequest,
  type Outcome,
} from '../../shared/bridge.ts';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { checkSender, checkShape, type Sender, type TrustedPage } from './guard.ts';

/** What each method does; input is already validated, output will be. */
export type Handlers = {
  readonly [M in BridgeMethod]: (
    input: z.output<(typeof bridge)[M]['input']>,
  ) => Promise<BridgeOutput<M>> | BridgeOutput<M>;
} & { readonly drop: (input: z.output<typeof dropRequest.input>) => Promise<Dropped> };

type Shape = { readonly input: z.ZodType; readonly output: z.ZodType };
type Act = (input: unknown) => unknown;

/**
 * Registers every channel that the page can reach; the only place that does. A message is checked for its
 * sender, its shape and its schema before anything acts on it, and the answer against its schema too.
 */
export function registerBridge(handlers: Handlers, page: TrustedPage, log: (error: unknown) => void): void {
  for (const name of BRIDGE_METHODS) {
    const act = handlers[name] as Act;
    ipcMain.handle(CHANNEL + name, (event, ...given) => answer(bridge[name], act, event, given, page, log));
  }
  const act = handlers.drop as Act;
  ipcMain.handle(DROP_CHANNEL, (event, ...given) => answer(dropRequest, act, event, given, page, log));
}

/** Answers one message; never throws. What went wrong inside goes to `log`, not to the page. */
export async function answer(
  shape: Shape,
  act: Act,
  event: Sender,
  given: readonly unknown[],
  page: TrustedPage,
  log: (error: unknown) => void,
): Promise<Outcome<unknown>> {
  try {
    checkSender(event, page);
    if (given.length > 1) throw invalid();
    checkShape(given[0]);
    const input = shape.input.safeParse(given[0] ?? {});
    if (!input.success) throw invalid();
    const output = shape.output.safeParse(await act(input.data));
    if (!output.success) throw output.error;
    return { ok: true, value: output.data };
  } catch (error) {
    if (isKeywardError(error)) return { ok: false, error: error.toBody() };
    log(error);
    const inside = fail('failed-inside');
    return { ok: false, error: inside.toBody() };
  }
}

function invalid(): KeywardError {
  return fail('request-malformed');
}
