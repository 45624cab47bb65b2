/** Entry of the Electron window: scheme, lock-down, workbench, window, and an orderly end. */
import { join } from 'node:path';
import { app, type BrowserWindow, dialog, session } from 'electron';
import { sentenceOf } from '../shared/errors';
import type { Workbench } from './app';
import { bridge } from './shell/desktop/bridge';
import { confine, lockDown, silenceNetwork } from './shell/desktop/lockdown';
import { setMenu } from './shell/desktop/menu';
import { mount, registerScheme } from './shell/desktop/scheme';
import { utilityCompute } from './shell/desktop/utilityCompute';
import { openWindow } from './shell/desktop/window';
import { describeInstallation } from './shell/installation';
import { openAtStart } from './shell/openAtStart';

registerScheme();
silenceNetwork();
app.enableSandbox();
app.on('web-contents-created', (_event, contents) => confine(contents));

if (app.requestSingleInstanceLock()) void start();
else app.quit(); // the running one hears `second-instance` and comes to the front

async function start(): Promise<void> {
  await app.whenReady();
  const installation = describeInstallation({ isDesktop: true, launchCompute: utilityCompute });
  lockDown(session.defaultSession);
  setMenu();
  let workbench: Workbench;
  try {
    const opened = await openAtStart(installation, projectIn(process.argv));
    workbench = opened.workbench;
    if (opened.notice) void dialog.showMessageBox({ type: 'info', message: opened.notice });
  } catch (error) {
    console.error(error);
    dialog.showErrorBox('Understudy cannot start', sentenceOf(error));
    app.exit(1);
    return;
  }
  mount(workbench.handle, installation.renderer);
  const window = openWindow({
    preload: join(installation.main, '..', 'preload', 'index.cjs'),
    icon: join(installation.resources, 'icon.png'),
    placement: join(installation.home, 'window.json'),
  });
  const takeDown = bridge(window, workbench.listen);
  window.once('closed', takeDown);
  app.on('second-instance', (_event, argv) => void comeForward(window, workbench, projectIn(argv)));
  app.on('window-all-closed', () => app.quit());
  closeBeforeQuit(workbench);
}

/** Another start of the program: this window comes to the front, with the project it was asked for. */
async function comeForward(window: BrowserWindow, workbench: Workbench, project: string | null): Promise<void> {
  if (window.isMinimized()) window.restore();
  window.focus();
  if (project)
    await workbench.ask('project.open', { folder: project }).catch((error) => dialog.showErrorBox('Understudy', sentenceOf(error)));
}

/** Quitting waits until running work has saved its checkpoint and the project is closed. */
function closeBeforeQuit(workbench: Workbench): void {
  let state: 'open' | 'closing' | 'closed' = 'open';
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void workbench
      .close()
      .catch((error) => console.error(error))
      .finally(() => {
        state = 'closed';
        app.quit();
      });
  });
}

/** The folder after `--project`, or null. */
function projectIn(argv: string[]): string | null {
  const at = argv.indexOf('--project');
  return at >= 0 ? (argv[at + 1] ?? null) : (argv.find((arg) => arg.startsWith('--project='))?.slice('--project='.length) ?? null);
}
