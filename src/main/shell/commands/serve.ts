/** `serve`: the loopback door until Ctrl-C. `open` is the same with a browser window in front of it. */

import { openBrowserWindow } from '../browserWindow';
import { describeInstallation } from '../installation';
import { type Loopback, serveLoopback } from '../loopback';
import { openAtStart } from '../openAtStart';
import type { CommonOptions } from './commonOptions';
import { onInterrupt } from './interrupt';
import { projectFolder } from './paths';
import { printJson } from './print';
import { withWorkbench } from './session';

/** Serves one project; meant for remote workstations, where the address is opened through an SSH tunnel. */
export const serveCommand = (options: CommonOptions & { port?: number }): Promise<number> =>
  withWorkbench(projectFolder(options.project), async ({ workbench, signal }) => {
    const door = await serveLoopback(workbench, { renderer: describeInstallation({ isDesktop: false }).renderer, port: options.port ?? 0 });
    if (options.json) printJson({ url: door.url });
    else console.log(`The workbench is open at\n\n  ${door.url}\n\nCtrl-C closes it; a run in progress keeps its checkpoint.`);
    await untilAborted(signal);
    await close(door);
    return 0;
  });

/** What `npm start` does without Electron: the last project, or on the first start the demo, in a browser window. */
export async function openCommand(options: CommonOptions): Promise<number> {
  const interrupt = onInterrupt();
  const installation = describeInstallation({ isDesktop: false });
  const { workbench, notice } = await openAtStart(installation, options.project === undefined ? null : projectFolder(options.project));
  try {
    if (notice) console.error(notice);
    const door = await serveLoopback(workbench, { renderer: installation.renderer });
    const shown = await openBrowserWindow(door.urlForOnce(), installation.home);
    console.log(
      `${shown ? 'The workbench is open. If you see no window, go to' : 'Open this address in a browser:'}\n\n  ${door.url}\n\nCtrl-C closes it.`,
    );
    await untilAborted(interrupt.signal);
    await close(door);
  } finally {
    await workbench.close();
    interrupt.forget();
  }
  return 0;
}

async function close(door: Loopback): Promise<void> {
  console.error('\nClosing: a run in progress stops at its next step and keeps its checkpoint.');
  await door.close();
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
