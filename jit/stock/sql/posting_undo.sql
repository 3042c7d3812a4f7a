-- Takes away what posting.sql made.
DROP TRIGGER IF EXISTS stock_location_guard ON catalog_location;
DROP FUNCTION IF EXISTS stock_location_guard();
DROP FUNCTION IF EXISTS stock_post(uuid, text, timestamptz, text, uuid, text, text, uuid, uuid[], uuid[], uuid[], uuid[], numeric[]);
DROP FUNCTION IF EXISTS stock_reserve(uuid, uuid, uuid, numeric);
DROP FUNCTION IF EXISTS stock_append_only() CASCADE;
