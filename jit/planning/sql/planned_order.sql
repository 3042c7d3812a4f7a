-- Planned orders as one relation: the run's packs and the firm rows. Whoever reads it by item reads that item's
-- packs only; whoever asks for firm ones reads no pack at all.
--
-- A record is 36 bytes, big-endian: number int8, need, start, finish int4 (minutes since 1970 UTC), quantity and
-- good quantity int8 (millionths). `selectors/planned.py` knows the same.

GRANT USAGE ON SEQUENCE takt_planned_block TO app_rw;

-- PostgreSQL 18 casts bytes to integers; before, the way leads over hexadecimal bits.
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    EXECUTE 'CREATE FUNCTION takt_int8(bytea, int) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql
      RETURN substr($1, $2, 8)::bigint';
    EXECUTE 'CREATE FUNCTION takt_int4(bytea, int) RETURNS int IMMUTABLE PARALLEL SAFE LANGUAGE sql
      RETURN substr($1, $2, 4)::int';
  ELSE
    EXECUTE 'CREATE FUNCTION takt_int8(bytea, int) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql
      RETURN (''x'' || encode(substr($1, $2, 8), ''hex''))::bit(64)::bigint';
    EXECUTE 'CREATE FUNCTION takt_int4(bytea, int) RETURNS int IMMUTABLE PARALLEL SAFE LANGUAGE sql
      RETURN (''x'' || encode(substr($1, $2, 4), ''hex''))::bit(32)::int';
  END IF;
END $$;

CREATE FUNCTION takt_minute(timestamptz) RETURNS int STABLE PARALLEL SAFE LANGUAGE sql
  RETURN floor(extract(epoch FROM $1) / 60)::int;

CREATE FUNCTION takt_record(bigint, timestamptz, timestamptz, timestamptz, float8, float8) RETURNS bytea
  STABLE PARALLEL SAFE LANGUAGE sql
  RETURN int8send($1) || int4send(takt_minute($2)) || int4send(takt_minute($3)) || int4send(takt_minute($4))
    || int8send(round($5 * 1000000)::bigint) || int8send(round($6 * 1000000)::bigint);

CREATE VIEW planning_plannedorder WITH (security_invoker = true) AS
SELECT takt_int8(p.orders, 36 * i + 1) AS id, p.kind, p.plant_id, p.item_id, p.area_id, p.source_id, p.is_blocked,
       takt_int8(p.orders, 36 * i + 21) / 1000000::float8 AS quantity,
       takt_int8(p.orders, 36 * i + 29) / 1000000::float8 AS good_quantity,
       to_timestamp(takt_int4(p.orders, 36 * i + 13) * 60::float8) AS start_at,
       to_timestamp(takt_int4(p.orders, 36 * i + 17) * 60::float8) AS finish_at,
       to_timestamp(takt_int4(p.orders, 36 * i + 9) * 60::float8) AS need_at,
       false AS is_firm
FROM planning_plannedpack p CROSS JOIN LATERAL generate_series(0, length(p.orders) / 36 - 1) AS i
UNION ALL
SELECT id, kind, plant_id, item_id, area_id, source_id, is_blocked, quantity, good_quantity, start_at, finish_at,
       need_at, true
FROM planning_firmorder;

GRANT SELECT, INSERT, UPDATE, DELETE ON planning_plannedorder TO app_rw;

CREATE FUNCTION takt_planned_write() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  pack bigint;
  place int;
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.is_firm THEN
    DELETE FROM planning_firmorder WHERE id = OLD.id;
    IF NOT FOUND THEN RETURN NULL; END IF;
  ELSIF TG_OP <> 'INSERT' THEN
    SELECT p.id, i INTO pack, place
    FROM planning_plannedpack p CROSS JOIN LATERAL generate_series(0, length(p.orders) / 36 - 1) AS i
    WHERE p.item_id = OLD.item_id AND takt_int8(p.orders, 36 * i + 1) = OLD.id
    FOR UPDATE OF p;
    -- A run that came first has put another pack in its place: nothing was written, the caller asks again.
    IF NOT FOUND THEN RETURN NULL; END IF;
    UPDATE planning_plannedpack
    SET orders = substr(orders, 1, 36 * place) || substr(orders, 36 * place + 37) WHERE id = pack;
    DELETE FROM planning_plannedpack WHERE id = pack AND length(orders) = 0;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  -- Ids come in blocks, so that a run takes one number and not a hundred thousand.
  NEW.id := coalesce(NEW.id, nextval('takt_planned_block') << 20);
  IF NEW.is_firm THEN
    INSERT INTO planning_firmorder (id, kind, plant_id, item_id, area_id, source_id, is_blocked, quantity,
      good_quantity, start_at, finish_at, need_at)
    VALUES (NEW.id, NEW.kind, NEW.plant_id, NEW.item_id, NEW.area_id, NEW.source_id, coalesce(NEW.is_blocked, false),
      NEW.quantity, NEW.good_quantity, NEW.start_at, NEW.finish_at, NEW.need_at);
  ELSE
    INSERT INTO planning_plannedpack (kind, plant_id, item_id, area_id, source_id, is_blocked, orders)
    VALUES (NEW.kind, NEW.plant_id, NEW.item_id, NEW.area_id, NEW.source_id, coalesce(NEW.is_blocked, false),
      takt_record(NEW.id, NEW.need_at, NEW.start_at, NEW.finish_at, NEW.quantity, NEW.good_quantity));
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER takt_planned_write INSTEAD OF INSERT OR UPDATE OR DELETE ON planning_plannedorder
  FOR EACH ROW EXECUTE FUNCTION takt_planned_write();
