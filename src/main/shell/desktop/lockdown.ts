/** Takes from the window everything it does not need: network, permissions, navigation, new windows, downloads. */
import { app, type Session, type WebContents } from 'electron';
import { isOurs, origin } from './scheme';

/** Addresses a page may load: its own, and what it made itself. */
const isLocal = (url: string): boolean =>
  isOurs(url) || url.startsWith(`blob:${origin}/`) || url.startsWith('data:') || url.startsWith('devtools:');

/** Switches of the browser inside: no look-ups, no background traffic. Must run before the app is ready. */
export function silenceNetwork(): void {
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.commandLine.appendSwitch('disable-background-networking');
  app.commandLine.appendSwitch('disable-component-update');
  app.commandLine.appendSwitch('no-pings');
}

/** Refuses every request that leaves the program, every permission, every device and every download. */
export function lockDown(session: Session): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isLocal(url) }));
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
  // The spell checker would fetch its dictionaries from the network.
  session.setSpellCheckerEnabled(false);
}

/** Keeps a page where it is: it can neither go elsewhere nor open anything. A file dropped beside the drop area would navigate, too. */
export function confine(contents: WebContents): void {
  const stay = (event: { preventDefault(): void }) => event.preventDefault();
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', stay);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}
