/** The Electron door against a stand-in for Electron: what it asks for, what it registers, and what it refuses. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Desktop } from '../../src/shared/contract';
import { built } from '../built';
import { sharedFolder } from '../folders';
import * as electron from './standInElectron';

vi.mock('electron', () => import('./standInElectron'));

// The entry runs once, before the tests: what it told Electron must still be known in all of them.
vi.setConfig({ clearMocks: false });

const home = sharedFolder();
let window: electron.BrowserWindow;
let isClosed = false;

beforeAll(async () => {
  await built();
  process.env.UNDERSTUDY_HOME = home;
  // A person who has worked before: the last project is remembered, so no demo is made.
  const { createStore } = await import('../../src/main/store/store');
  const folder = join(home, 'Liver study');
  (await createStore(folder, { name: 'Liver study', isDemo: false })).close();
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'last-project.json'), JSON.stringify({ folder }));
  electron.app.on('quit', () => {
    isClosed = true;
  });
  await import('../../src/main/index');
  await vi.waitFor(() => expect(electron.BrowserWindow.opened).toHaveLength(1), 30_000);
  [window] = electron.BrowserWindow.opened;
});

afterAll(async () => {
  electron.app.quit();
  await vi.waitFor(() => expect(isClosed).toBe(true), 30_000);
});

const ask = async (name: string, input: unknown = {}) =>
  (await electron.protocol.answer(`app://understudy/ask/${name}`, { method: 'POST', body: JSON.stringify(input) })).json();

describe('the window', () => {
  test('is sandboxed, isolated and without Node', () => {
    expect(window.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false,
    });
    expect(electron.app.enableSandbox).toHaveBeenCalledOnce();
  });

  test('has a preload script that exists', () => {
    const { preload } = window.options.webPreferences as { preload: string };
    expect(readFileSync(preload, 'utf8')).toContain('exposeInMainWorld');
  });

  test('shows our page, and only when it is painted', () => {
    expect(window.loadURL).toHaveBeenCalledExactlyOnceWith('app://understudy/');
    expect(window.show).not.toHaveBeenCalled();
    window.emit('ready-to-show');
    expect(window.show).toHaveBeenCalledOnce();
  });

  test('remembers where it was', () => {
    window.emit('close');
    expect(JSON.parse(readFileSync(join(home, 'window.json'), 'utf8'))).toEqual({
      x: 10,
      y: 20,
      width: 1000,
      height: 700,
      isMaximised: false,
    });
  });

  test('comes back with a new page when the old one crashed', () => {
    window.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    expect(window.webContents.reload).toHaveBeenCalledOnce();
  });
});

describe('the scheme', () => {
  test('is a standard, secure origin that may fetch and stream', () => {
    expect(electron.protocol.registerSchemesAsPrivileged).toHaveBeenCalledExactlyOnceWith([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
    ]);
  });

  test('serves the page under the strict policy', async () => {
    const response = await electron.protocol.answer('app://understudy/');
    expect(await response.text()).toContain('<title>Understudy</title>');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  });

  test('answers questions with the last project open', async () => {
    expect(await ask('project.get')).toMatchObject({ name: 'Liver study' });
    expect(await ask('app.info')).toMatchObject({ isDesktop: true });
  });

  test.each(['app://elsewhere/', 'app://understudy.evil/', 'app://understudy/../../package.json', 'app://understudy/package.json'])(
    'has nothing at %s',
    async (address) => {
      expect((await electron.protocol.answer(address)).status).toBe(404);
    },
  );
});

describe('refused', () => {
  const isCancelled = (url: string): boolean => {
    const [decide] = electron.session.defaultSession.webRequest.onBeforeRequest.mock.calls[0];
    const answer = vi.fn();
    decide({ url }, answer);
    return answer.mock.calls[0][0].cancel;
  };

  test.each([
    'https://example.com/',
    'http://127.0.0.1:8080/',
    'ws://localhost/',
    'file:///etc/passwd',
    'app://understudy.evil/',
    'blob:https://example.com/1',
  ])('a request to %s', (url) => {
    expect(isCancelled(url)).toBe(true);
  });

  test('but not what the page itself needs', () => {
    const needed = ['app://understudy/', 'app://understudy/assets/page.js', 'blob:app://understudy/1', 'data:image/png;base64,'];
    expect(needed.filter(isCancelled)).toEqual([]);
  });

  test('every permission and device', () => {
    const { setPermissionRequestHandler, setPermissionCheckHandler, setDevicePermissionHandler } = electron.session.defaultSession;
    const answer = vi.fn();
    setPermissionRequestHandler.mock.calls[0][0]({}, 'media', answer);
    expect(answer).toHaveBeenCalledExactlyOnceWith(false);
    expect(setPermissionCheckHandler.mock.calls[0][0]()).toBe(false);
    expect(setDevicePermissionHandler.mock.calls[0][0]()).toBe(false);
  });

  test('downloads', () => {
    const event = { preventDefault: vi.fn() };
    electron.session.defaultSession.emit('will-download', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('%s', (name) => {
    const event = { preventDefault: vi.fn() };
    window.webContents.emit(name, event, 'https://example.com/');
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });

  test('new windows', () => {
    expect(window.webContents.setWindowOpenHandler.mock.calls[0][0]({ url: 'https://example.com/' })).toEqual({ action: 'deny' });
  });

  test('name look-ups and background traffic of the browser inside', () => {
    expect(electron.app.commandLine.appendSwitch.mock.calls).toEqual([
      ['host-resolver-rules', 'MAP * ~NOTFOUND'],
      ['disable-background-networking'],
      ['disable-component-update'],
      ['no-pings'],
    ]);
  });
});

describe('the bridge', () => {
  const ours = () => ({ sender: window.webContents, senderFrame: window.webContents.mainFrame });

  test('opens dialogs for our page and hands over what was picked', async () => {
    expect(await electron.ipcMain.invoke('pick-folder', ours(), 'Pick one')).toBe('/studies/one');
    expect(await electron.ipcMain.invoke('pick-files', ours(), 'Pick some')).toEqual(['/studies/one', '/studies/two']);
  });

  test.each<[string, () => unknown]>([
    ['another window', () => ({ sender: new electron.WebContents(), senderFrame: window.webContents.mainFrame })],
    ['a frame inside our page', () => ({ sender: window.webContents, senderFrame: { url: 'app://understudy/' } })],
    ['a frame that is gone', () => ({ sender: window.webContents, senderFrame: null })],
  ])('refuses %s', async (_who, event) => {
    electron.dialog.showOpenDialog.mockClear();
    await expect(electron.ipcMain.invoke('pick-folder', event(), 'Pick one')).rejects.toThrow('was refused');
    expect(electron.dialog.showOpenDialog).not.toHaveBeenCalled();
  });

  test('refuses our window once it shows another page', async () => {
    window.webContents.mainFrame.url = 'https://example.com/';
    await expect(electron.ipcMain.invoke('pick-files', ours(), 'Pick some')).rejects.toThrow('was refused');
    window.webContents.mainFrame.url = 'app://understudy/';
  });

  test('offers nothing but the two dialogs', () => {
    expect(electron.ipcMain.channels()).toEqual(['pick-folder', 'pick-files']);
  });

  test('tells the page what the core announces', async () => {
    await ask('project.create', { folder: join(home, 'Second'), name: 'Second' });
    expect(window.webContents.send).toHaveBeenCalledWith('announcement', { name: 'project.changed', data: {} });
  });

  test('gives the page dialogs, paths of dropped files and announcements, and nothing else of Electron', async () => {
    await import('../../src/preload/index');
    const desktop = electron.exposed.understudy as Desktop;
    expect(Object.keys(desktop).sort()).toEqual(['listen', 'pathOf', 'pickFiles', 'pickFolder']);
    expect(await desktop.pickFolder('Pick one')).toEqual(['pick-folder', 'Pick one']);
    expect(desktop.pathOf(new File([], 'ct.nii'))).toBe('/dropped/ct.nii');
    const hear = vi.fn();
    const deafen = desktop.listen(hear);
    electron.ipcRenderer.emit('announcement', { sender: 'secret' }, { name: 'cases.changed', data: {} });
    deafen();
    electron.ipcRenderer.emit('announcement', {}, { name: 'cases.changed', data: {} });
    expect(hear.mock.calls).toEqual([[{ name: 'cases.changed', data: {} }]]);
  });
});

describe('a second start', () => {
  test('brings this window to the front, with the project it was asked for', async () => {
    electron.app.emit('second-instance', {}, ['electron', '.', '--project', join(home, 'Liver study')]);
    expect(window.focus).toHaveBeenCalled();
    await vi.waitFor(async () => expect(await ask('project.get')).toMatchObject({ name: 'Liver study' }));
  });
});

test('quitting waits until the project is closed, so that another program can open it at once', async () => {
  electron.app.quit();
  expect(isClosed).toBe(false);
  await vi.waitFor(() => expect(isClosed).toBe(true), 30_000);
  const { openStore } = await import('../../src/main/store/store');
  (await openStore(join(home, 'Liver study'))).close();
});

test('the compute process is a utility process, killed outright because a thread inside a step cannot hear', async () => {
  const { utilityCompute } = await import('../../src/main/shell/desktop/utilityCompute');
  const child = utilityCompute('/built/compute.js');
  expect(electron.utilityProcess.fork).toHaveBeenLastCalledWith('/built/compute.js', [], {
    serviceName: 'Understudy compute',
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const inner = electron.utilityProcess.fork.mock.results.at(-1)!.value as electron.UtilityChild;
  const heard = vi.fn();
  const ended = vi.fn();
  child.onMessage(heard);
  child.onExit(ended);
  child.send({ kind: 'stop', job: 7 });
  inner.emit('message', { kind: 'ready', pid: 5 });
  inner.emit('exit', 139);
  expect([inner.postMessage.mock.calls, heard.mock.calls, ended.mock.calls]).toEqual([
    [[{ kind: 'stop', job: 7 }]],
    [[{ kind: 'ready', pid: 5 }]],
    [['exit code 139']],
  ]);
  const killed = vi.spyOn(process, 'kill').mockReturnValue(true);
  inner.pid = 4711;
  child.kill();
  expect(killed).toHaveBeenCalledExactlyOnceWith(4711, 'SIGKILL');
  killed.mockRestore();
});
