/** The stages of `npm run demo` after install and build, with the seconds each takes on two cores: where the time left comes from before a stage has been seen to run. */
// @ts-check

/** @type {import('./progressBar.mjs').Stage[]} */
export const demoStages = [
  { name: 'project', title: 'Making the demo project', seconds: 25 },
  { name: 'train', title: 'Training', seconds: 270 },
  { name: 'predict', title: 'Predicting', seconds: 20 },
  { name: 'evaluate', title: 'Evaluating', seconds: 10 },
  { name: 'report', title: 'Writing the report', seconds: 5 },
];
