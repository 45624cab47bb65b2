/** Starts the compute process as an Electron utility process: same messages as a forked Node, no window, its own memory. */
import { utilityProcess } from 'electron';
import type { LaunchCompute } from '../../compute/host';
import type { FromCompute } from '../../compute/protocol';

export const utilityCompute: LaunchCompute = (entry) => {
  const child = utilityProcess.fork(entry, [], { serviceName: 'Understudy compute', stdio: ['ignore', 'inherit', 'pipe'] });
  return {
    get pid() {
      return child.pid;
    },
    send: (message) => child.postMessage(message),
    onMessage: (hear) => void child.on('message', (message: FromCompute) => hear(message)),
    onPrint: (hear) => void child.stderr?.on('data', (bytes: Buffer) => hear(bytes.toString())),
    onExit: (hear) => void child.once('exit', (code) => hear(`exit code ${code}`)),
    // `kill` asks politely, which a thread blocked in a step cannot hear.
    kill: () => {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
      else child.once('spawn', () => child.kill());
    },
  };
};
