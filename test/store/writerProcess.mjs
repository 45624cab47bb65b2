/** A program of its own that opens the project in its first argument and writes to it, one transaction after another, until it is killed. */
import './fromSource.mjs';

const { openStore } = await import('../../src/main/store/store.ts');
const { storeBytes } = await import('../../src/main/files/durable.ts');
const { rememberFile } = await import('../../src/main/store/files.ts');
const { appendEvent } = await import('../../src/main/store/events.ts');

const store = await openStore(process.argv[2]);
process.stdout.write('open\n');
for (let n = 1; ; n++) {
  const file = await storeBytes(store.files, new TextEncoder().encode(`${process.pid} ${n}`.repeat(5000)));
  store.write((db) => {
    rememberFile(db, file);
    appendEvent(db, 'project', `write ${n}`);
  });
  process.stdout.write(`${n}\n`);
}
