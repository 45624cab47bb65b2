/** The window: sandboxed, without Node, shown when there is something to see, and back where it was last time. */
import { BrowserWindow, screen } from 'electron';
import { readPlacement, savePlacement } from './placement';
import { origin } from './scheme';

export interface WindowFiles {
  preload: string;
  icon: string;
  /** Where its place is remembered. */
  placement: string;
}

/** Colour of the page before it is painted; `--background` of src/renderer/ui/tokens.css. */
const ground = '#0e1116';

export function openWindow({ preload, icon, placement }: WindowFiles): BrowserWindow {
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const last = readPlacement(placement, screens);
  const window = new BrowserWindow({
    width: last?.width ?? 1440,
    height: last?.height ?? 900,
    ...(last && { x: last.x, y: last.y }),
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Understudy',
    backgroundColor: ground,
    autoHideMenuBar: true,
    icon,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (last?.isMaximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => savePlacement(placement, { ...window.getNormalBounds(), isMaximised: window.isMaximized() }));
  // A page that crashed has nothing to lose: everything is in the project.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && !window.isDestroyed()) window.webContents.reload();
  });
  void window.loadURL(`${origin}/`);
  return window;
}
