/** Entry of the command line: every command asks the same workbench as the windows do. Exit code 0, 1 (a job failed) or 2 (bad use). */
import { CommanderError } from 'commander';
import { AppError, sentenceOf } from '../../shared/errors';
import { printJson } from './commands/print';
import { program } from './commands/program';

const wantsJson = process.argv.includes('--json');

/** Mistakes in what was asked for, as opposed to things that went wrong while doing it. */
const badUse = new Set<string>(['BAD_INPUT', 'NOT_FOUND', 'NOT_A_PROJECT', 'NO_PROJECT']);

// A reader that has gone away (`| head`, a closed terminal) must not end a run before its checkpoint is saved.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  process.exitCode = await program(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const code = error instanceof AppError ? error.code : 'BUG';
    if (wantsJson) printJson({ error: { code, message: sentenceOf(error) } });
    console.error(error instanceof AppError ? error.message : error);
    process.exitCode = badUse.has(code) ? 2 : 1;
  }
}
// Open handles must not keep a finished command alive.
process.exit();
