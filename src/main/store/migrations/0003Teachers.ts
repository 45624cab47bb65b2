/** Format 3: teachers. One that was removed keeps its row, without its weights, so that runs that name it can be read. */
export const teachers = `
CREATE TABLE teachers (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  family       TEXT NOT NULL,
  variant      TEXT NOT NULL,
  parameters   INTEGER NOT NULL,
  input        TEXT NOT NULL CHECK (json_valid(input)),
  modality     TEXT,
  spacingMm    REAL CHECK (spacingMm > 0),
  intensity    TEXT NOT NULL,
  licence      TEXT CHECK (licence IS NULL OR json_valid(licence)),
  acceptedAt   TEXT CHECK (acceptedAt IS NULL OR licence IS NOT NULL),
  sourceName   TEXT NOT NULL,
  sourceFile   TEXT NOT NULL UNIQUE CHECK (length(sourceFile) = 64),
  sourceBytes  INTEGER NOT NULL,
  sourceFormat TEXT NOT NULL,
  file         TEXT REFERENCES files (hash),
  reference    TEXT CHECK (reference IS NULL OR json_valid(reference)),
  addedAt      TEXT NOT NULL,
  removedAt    TEXT,
  CHECK ((file IS NULL) = (removedAt IS NOT NULL))
) STRICT;

-- The newest check of a teacher on a device of a machine.
CREATE TABLE teacherChecks (
  teacher    TEXT NOT NULL REFERENCES teachers (id),
  device     TEXT NOT NULL,
  machine    TEXT NOT NULL,
  difference REAL NOT NULL,
  agrees     INTEGER NOT NULL CHECK (agrees IN (0, 1)),
  seconds    REAL NOT NULL,
  at         TEXT NOT NULL,
  PRIMARY KEY (teacher, device, machine)
) STRICT, WITHOUT ROWID;
`;
