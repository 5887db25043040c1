-- Runs once, when the cluster is made. Tables are made by the platform's own migrations.
CREATE EXTENSION IF NOT EXISTS vector;
