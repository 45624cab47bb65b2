/** A whole Understudy without a window, in a process of its own: opens a project, starts the run it is given, and says each step. */
import '../store/fromSource.mjs';

const { openWorkbench } = await import('../../src/main/app.ts');
const [, , main, folder, settings] = process.argv;
const workbench = await openWorkbench({ main, renderer: '', resources: '', version: '0.0.0', isDesktop: false, home: folder }, folder);
workbench.listen((one) => {
  if (one.name === 'run.changed') {
    void workbench
      .ask('runs.list', {})
      .then(([run]) => process.stdout.write(`${JSON.stringify({ checkpointStep: run.checkpointStep })}\n`));
  }
});
await workbench.ask('runs.start', { settings: JSON.parse(settings) });
