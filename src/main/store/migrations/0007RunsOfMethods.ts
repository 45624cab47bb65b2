/** Format 7: runs that learn from unlabelled cases and train a prompt generator first, and what each run was made of. */
export const runsOfMethods = `
ALTER TABLE runs ADD COLUMN generatorStep INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN record TEXT CHECK (record IS NULL OR json_valid(record));

-- An unlabelled case has no label revision.
CREATE TABLE runCasesOfMethods (
  run    TEXT NOT NULL REFERENCES runs (id),
  caseId TEXT NOT NULL REFERENCES cases (id),
  role   TEXT NOT NULL CHECK (role IN ('training', 'validation', 'unlabelled')),
  label  TEXT REFERENCES labels (id),
  PRIMARY KEY (run, caseId),
  CHECK ((role = 'unlabelled') = (label IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO runCasesOfMethods SELECT run, caseId, role, label FROM runCases;
DROP TABLE runCases;
ALTER TABLE runCasesOfMethods RENAME TO runCases;
`;
