-- The three roles, once per server, as a superuser: psql -f deploy/roles.sql
-- Then give each a password: \password casework_owner and so on.
-- What each may do with a table is granted by the migration that makes the table.
CREATE ROLE casework_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE casework_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
-- The reader verifies the audit chain of all services and saves copies; it can change nothing.
CREATE ROLE casework_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
ALTER ROLE casework_reader SET default_transaction_read_only = on;
CREATE DATABASE casework OWNER casework_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
-- Failing statements must not leave their values in the server's log.
ALTER DATABASE casework SET log_min_error_statement = 'panic';
ALTER DATABASE casework SET log_error_verbosity = 'terse';
ALTER DATABASE casework SET log_parameter_max_length_on_error = 0;
