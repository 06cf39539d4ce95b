import { parentPort } from 'node:worker_threads';
import type { Task } from './task.ts';
import { workOn } from './work.ts';

// A thread of the engine: takes a task, works on it, reports, and waits for the next one.
parentPort?.on('message', (task: Task) => parentPort?.postMessage(workOn(task)));
parentPort?.postMessage('ready');
