/** Runs one command of the built program in a process of its own, as a person's shell does. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { builtMain } from '../built';

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export function runProgram(args: readonly string[], { cwd, env }: { cwd?: string; env: Record<string, string> }): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(builtMain, 'cli.js'), ...args], { cwd, env: { ...process.env, ...env } });
    let [out, err] = ['', ''];
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      err += part;
    });
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
