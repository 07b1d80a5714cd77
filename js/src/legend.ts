/** Words of the legends. Written by tools/generate.py: do not edit. */

import type { ITexts } from './texts';

/** Accounts in the order they are drawn: what worked, then what was lost. */
export const ACCOUNTS = [
  'cpu',
  'waiting',
  'tasks',
  'movement',
  'scheduling',
  'dependencies',
  'tail',
  'client'
] as const;

/** An account of a budget. */
export type Account = (typeof ACCOUNTS)[number];

/** The ends of the class names of key prefixes, the last for all others. */
export const PREFIXES = 'abcdefghi';

/** An account in a few words. */
export function label(name: Account, texts: ITexts): string {
  switch (name) {
    case 'cpu':
      return texts.__('on the CPU');
    case 'waiting':
      return texts.__('waiting inside tasks');
    case 'tasks':
      return texts.__('in tasks');
    case 'movement':
      return texts.__('moving data');
    case 'scheduling':
      return texts.__('idle, tasks were ready');
    case 'dependencies':
      return texts.__('idle, waiting for other tasks');
    case 'tail':
      return texts.__('idle, waiting for the last task');
    case 'client':
      return texts.__('no task in the system');
  }
}

/** What is in an account. */
export function describe(name: Account, texts: ITexts): string {
  switch (name) {
    case 'cpu':
      return texts.__('In a task, on the CPU');
    case 'waiting':
      return texts.__('In a task, off the CPU: I/O, sleep, locks, the GIL');
    case 'tasks':
      return texts.__('In a task; whether on the CPU is not known');
    case 'movement':
      return texts.__('The next task waited for transfer, serialisation or disk');
    case 'scheduling':
      return texts.__('Idle although tasks could have run: batches, start-up, latency');
    case 'dependencies':
      return texts.__('Idle because fewer tasks could run than there were threads');
    case 'tail':
      return texts.__('Idle while the last tasks finished');
    case 'client':
      return texts.__('No task was there: building graphs, Python between computations');
  }
}
