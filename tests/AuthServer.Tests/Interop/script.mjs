// How a script of these tests talks with the test: a line of JSON each way.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const settings = JSON.parse(process.env.SETTINGS);

/** Has the test's browser open a URL; gives the URL where it ended. */
export async function open(url) {
  say({ open: String(url) });
  const { value } = await lines.next();
  return new URL(value);
}

/** Tells the test that a step is done. */
export const did = (step) => say({ did: step });

function say(message) {
  process.stdout.write(JSON.stringify(message) + '\n');
}
