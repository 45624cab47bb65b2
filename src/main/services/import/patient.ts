/** Whose study a case is, where its name follows a convention that says so. */

/**
 * The subject of BIDS (`sub-01_ses-2_…`, its specification's entities), and the patient of the AutoPET challenges' data
 * (`fdg_PATIENT_STUDY`, `psma_PATIENT_STUDY`). Null for any other name: a guess could keep cases apart that belong to nobody.
 */
export function patientInName(name: string): string | null {
  const bids = /^sub-[a-z\d]+(?=_|$)/i.exec(name);
  if (bids) return bids[0];
  const autopet = /^(?:fdg|psma)_([a-z\d]+)_./i.exec(name);
  return autopet ? autopet[1] : null;
}
