/** The stages of `npm run demo` after install and build, with the seconds each takes on two cores: where the time left comes from before a stage has been seen to run. */
// @ts-check

/** @type {import('./progressBar.mjs').Stage[]} */
export const demoStages = [
  { name: 'project', title: 'Making the demo project', seconds: 30 },
  { name: 'labels', title: 'Training on labels alone', seconds: 150 },
  { name: 'distil', title: 'Training with both teachers', seconds: 420 },
  { name: 'predict', title: 'Predicting', seconds: 25 },
  { name: 'evaluate', title: 'Evaluating', seconds: 10 },
  { name: 'look', title: 'Asking the teachers', seconds: 30 },
  { name: 'report', title: 'Writing the report', seconds: 5 },
];
