/** Other programs the launcher starts: quietly, handing over to them, or watching whether they start at all. */
// @ts-check
import { spawn } from 'node:child_process';

/**
 * Runs a program to its end and keeps what it said.
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @param {{ timeoutMs?: number }} [options]  After `timeoutMs` it is ended and the code is 1.
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runQuietly(program, args, cwd, { timeoutMs } = {}) {
  return new Promise((resolve) => {
    // npm.cmd on Windows can only be started through a shell.
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, shell: program.endsWith('.cmd') });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output: output.trim() }));
  });
}

/**
 * Continues as another program: same terminal, its exit code is ours. Ctrl-C reaches it from the terminal itself, so it is only
 * waited for here; other requests to end are passed on.
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [environment]  Added to this process's own.
 * @returns {Promise<number>} its exit code
 */
export function hand(program, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
    const passOn = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
    const wait = () => undefined;
    process.on('SIGINT', wait).on('SIGTERM', passOn).on('SIGHUP', passOn);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', passOn).off('SIGHUP', passOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/**
 * Hands over to a program that may not work on this machine (missing libraries, no display).
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{ started: true, code: number } | { started: false, why: string }>} `started: false` if it failed within seconds.
 */
export async function startsWell(program, args) {
  const began = Date.now();
  const code = await hand(program, args).catch((error) => String(error.message));
  if (code !== 0 && Date.now() - began < 5_000) return { started: false, why: typeof code === 'string' ? code : `exit code ${code}` };
  return { started: true, code: Number(code) };
}
