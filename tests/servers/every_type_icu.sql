-- What a server with ICU (PostgreSQL 12 and later) has beside every_type.sql.
SET client_min_messages = warning;
CREATE COLLATION types.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE types.loosely (word text COLLATE types.loose PRIMARY KEY, german text COLLATE "de-x-icu");
INSERT INTO types.loosely VALUES ('Straße', 'ä'), ('other', 'z');
