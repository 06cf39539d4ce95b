import { EventEmitter } from 'node:events';

/**
 * An emitter that knows which events it offers: listening for any other is an error, because it would wait for
 * something that the host never does.
 */
export class HostEmitter extends EventEmitter {
  constructor(part: string, events: readonly string[]) {
    super();
    super.on('newListener', (name: string | symbol) => {
      if (name !== 'newListener' && !events.includes(String(name))) {
        throw new Error(`The host does not offer ${part} on:${String(name)}; see test/host/FIDELITY.md`);
      }
    });
  }
}

/** An event that a listener can prevent. */
export function preventable<T extends object>(
  fields: T,
): T & { preventDefault(): void; defaultPrevented: boolean } {
  const event = {
    ...fields,
    defaultPrevented: false,
    preventDefault() {
      event.defaultPrevented = true;
    },
  };
  return event;
}

/** The names that a surface list gives as `on:<name>`. */
export function eventsOf(members: readonly string[]): readonly string[] {
  return members.filter((name) => name.startsWith('on:')).map((name) => name.slice(3));
}
