/** Format 8: what methods made of unlabelled patches. All structures of a patch lie in one case, so patches have rows of their own. */
export const pseudoLabels = `
CREATE TABLE pseudoPatches (
  id     INTEGER PRIMARY KEY,
  run    TEXT NOT NULL REFERENCES runs (id),
  step   INTEGER NOT NULL,
  patch  INTEGER NOT NULL,
  caseId TEXT NOT NULL REFERENCES cases (id),
  UNIQUE (run, step, patch)
) STRICT;

-- Kept are those with a weight.
CREATE TABLE pseudoLabels (
  patch     INTEGER NOT NULL REFERENCES pseudoPatches (id) ON DELETE CASCADE,
  structure INTEGER NOT NULL,
  agreement REAL,
  weight    REAL NOT NULL,
  PRIMARY KEY (patch, structure)
) STRICT, WITHOUT ROWID;
`;
