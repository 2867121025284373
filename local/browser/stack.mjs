// A stack for a command: the one at SOUK_URL, or one of its own, which ends with the command.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const root = new URL('../../', import.meta.url);

/** Runs a function with the address of a stack. */
export async function withStack(run) {
  if (process.env.SOUK_URL) return run(process.env.SOUK_URL);
  execFileSync('cargo', ['build', '--locked', '--bin', 'souk'], { cwd: root, stdio: 'inherit' });
  const target = process.env.CARGO_TARGET_DIR ?? 'target';
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] };
  const stack = spawn(`${target}/debug/souk`, ['--ephemeral', '--port', '0', '--aws-port', '0'], options);
  try {
    process.env.SOUK_URL = await address(stack);
    return await run(process.env.SOUK_URL);
  } finally {
    stack.kill('SIGINT');
  }
}

async function address(stack) {
  for await (const line of createInterface({ input: stack.stdout })) {
    const [, url] = /^Shop\s+(\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('the stack did not start');
}
