-- What a job was asked to do, so that it can be asked again after a crash.
ALTER TABLE job ADD COLUMN call TEXT;             -- name of the contract's call; null for jobs of older builds
ALTER TABLE job ADD COLUMN input TEXT CHECK (input IS NULL OR json_valid(input));
ALTER TABLE job ADD COLUMN resumed_by INTEGER REFERENCES job (id);
