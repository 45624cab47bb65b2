/** Format 1: a project with its structures, cases, labels, runs, models and predictions. */
export const base = `
CREATE TABLE project (
  onlyRow   INTEGER PRIMARY KEY CHECK (onlyRow = 1),
  name      TEXT NOT NULL,
  isDemo    INTEGER NOT NULL CHECK (isDemo IN (0, 1)),
  createdAt TEXT NOT NULL
) STRICT;

-- Every content-addressed file that a row needs.
CREATE TABLE files (
  hash  TEXT PRIMARY KEY CHECK (length(hash) = 64),
  bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE structures (
  value  INTEGER PRIMARY KEY CHECK (value BETWEEN 1 AND 255),
  name   TEXT NOT NULL,
  colour TEXT NOT NULL,
  mirror INTEGER REFERENCES structures (value) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE cases (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  split      TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
  sizeVoxels TEXT NOT NULL CHECK (json_array_length(sizeVoxels) = 3),
  affineMm   TEXT NOT NULL CHECK (json_array_length(affineMm) = 16),
  addedAt    TEXT NOT NULL
) STRICT;

CREATE TABLE volumes (
  id                TEXT PRIMARY KEY,
  caseId            TEXT NOT NULL REFERENCES cases (id),
  position          INTEGER NOT NULL CHECK (position >= 0),
  modality          TEXT NOT NULL,
  unit              TEXT NOT NULL,
  dtype             TEXT NOT NULL,
  file              TEXT NOT NULL REFERENCES files (hash),
  statistics        TEXT NOT NULL CHECK (json_valid(statistics)),
  sourceName        TEXT NOT NULL,
  sourceFile        TEXT NOT NULL REFERENCES files (hash),
  sourceSizeVoxels  TEXT NOT NULL CHECK (json_array_length(sourceSizeVoxels) = 3),
  sourceAffineMm    TEXT NOT NULL CHECK (json_array_length(sourceAffineMm) = 16),
  sourceOrientation TEXT NOT NULL,
  sourceForm        TEXT NOT NULL CHECK (sourceForm IN ('sform', 'qform', 'none')),
  sourceWarnings    TEXT NOT NULL CHECK (json_valid(sourceWarnings)),
  UNIQUE (caseId, position)
) STRICT;
CREATE INDEX volumesByFile ON volumes (file);

CREATE TABLE labels (
  id         TEXT PRIMARY KEY,
  caseId     TEXT NOT NULL REFERENCES cases (id),
  revision   INTEGER NOT NULL CHECK (revision >= 1),
  file       TEXT NOT NULL REFERENCES files (hash),
  origin     TEXT NOT NULL,
  sourceName TEXT NOT NULL,
  sourceFile TEXT NOT NULL REFERENCES files (hash),
  voxels     TEXT NOT NULL CHECK (json_valid(voxels)),
  createdAt  TEXT NOT NULL,
  UNIQUE (caseId, revision)
) STRICT;

CREATE TABLE runs (
  id             TEXT PRIMARY KEY,
  number         INTEGER NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  method         TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped', 'interrupted')),
  settings       TEXT NOT NULL CHECK (json_valid(settings)),
  step           INTEGER NOT NULL DEFAULT 0,
  checkpointStep INTEGER NOT NULL DEFAULT 0,
  bestStep       INTEGER,
  bestDice       REAL,
  trainedSeconds REAL NOT NULL DEFAULT 0,
  student        TEXT CHECK (student IS NULL OR json_valid(student)),
  parameters     INTEGER,
  device         TEXT,
  problem        TEXT,
  startedAt      TEXT NOT NULL,
  finishedAt     TEXT
) STRICT;

-- Which cases a run used, with the label revision it saw.
CREATE TABLE runCases (
  run    TEXT NOT NULL REFERENCES runs (id),
  caseId TEXT NOT NULL REFERENCES cases (id),
  role   TEXT NOT NULL CHECK (role IN ('training', 'validation')),
  label  TEXT NOT NULL REFERENCES labels (id),
  PRIMARY KEY (run, caseId)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (
  run   TEXT NOT NULL REFERENCES runs (id),
  curve TEXT NOT NULL,
  step  INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (run, curve, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
  id             TEXT PRIMARY KEY,
  run            TEXT NOT NULL REFERENCES runs (id),
  which          TEXT NOT NULL CHECK (which IN ('best', 'last')),
  step           INTEGER NOT NULL,
  name           TEXT NOT NULL,
  spec           TEXT NOT NULL CHECK (json_valid(spec)),
  parameters     INTEGER NOT NULL,
  file           TEXT NOT NULL REFERENCES files (hash),
  validationDice REAL,
  createdAt      TEXT NOT NULL,
  UNIQUE (run, which, step)
) STRICT;

CREATE TABLE predictions (
  id        TEXT PRIMARY KEY,
  caseId    TEXT NOT NULL REFERENCES cases (id),
  model     TEXT NOT NULL REFERENCES models (id),
  file      TEXT NOT NULL REFERENCES files (hash),
  voxels    TEXT NOT NULL CHECK (json_valid(voxels)),
  seconds   REAL NOT NULL,
  createdAt TEXT NOT NULL
) STRICT;
CREATE INDEX predictionsByModel ON predictions (model, caseId);
CREATE INDEX predictionsByCase ON predictions (caseId);
`;
