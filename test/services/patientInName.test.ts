/** Whose study a case is, read from names that follow a convention, and from no other. */
import { expect, test } from 'vitest';
import { patientInName } from '../../src/main/services/import/patient';

test.each([
  ['sub-01_ses-2_ct', 'sub-01'],
  ['sub-Ab3', 'sub-Ab3'],
  ['fdg_0af7ffe12a_08-12-2005-NA-PET-CT', '0af7ffe12a'],
  ['psma_95b833d65be26d8d_2018-04-23', '95b833d65be26d8d'],
])('%s is of %s', (name, patient) => {
  expect(patientInName(name)).toBe(patient);
});

test.each(['torso_003', 'sub-', 'subject-01_ct', 'fdg_0af7ffe12a', 'mysub-01_ct', 'liver_12_0', 'sub-01.old'])(
  '%s says nothing',
  (name) => {
    expect(patientInName(name)).toBeNull();
  },
);
