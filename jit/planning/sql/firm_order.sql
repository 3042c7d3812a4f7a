-- The view and its trigger again, over firm orders that are records of their own: with a number, versions and a
-- history of who fixed them. The functions of `planned_order.sql` stand.

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
SELECT order_id, kind, plant_id, item_id, area_id, source_id, is_blocked, quantity::float8, good_quantity::float8,
       start_at, finish_at, need_at, true
FROM planning_firmorder WHERE state = 'FIRM';

GRANT SELECT, INSERT, UPDATE, DELETE ON planning_plannedorder TO app_rw;

CREATE FUNCTION takt_planned_write() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  pack bigint;
  place int;
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.is_firm THEN
    IF TG_OP = 'DELETE' THEN
      DELETE FROM planning_firmorder WHERE order_id = OLD.id AND state = 'FIRM';
    ELSIF NEW.is_firm THEN
      UPDATE planning_firmorder SET quantity = NEW.quantity, good_quantity = NEW.good_quantity, start_at = NEW.start_at,
        finish_at = NEW.finish_at, need_at = NEW.need_at, source_id = NEW.source_id, is_blocked = NEW.is_blocked
      WHERE order_id = OLD.id AND state = 'FIRM';
    ELSE
      UPDATE planning_firmorder SET state = 'GIVEN_BACK' WHERE order_id = OLD.id AND state = 'FIRM';
    END IF;
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' AND NEW.is_firm THEN RETURN NEW; END IF;
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
    INSERT INTO planning_firmorder (id, created_at, updated_at, version, order_id, number, state, kind, plant_id,
      item_id, area_id, source_id, is_blocked, quantity, good_quantity, start_at, finish_at, need_at)
    VALUES (gen_random_uuid(), now(), now(), 1, NEW.id, 'PL' || NEW.id, 'FIRM', NEW.kind, NEW.plant_id, NEW.item_id,
      NEW.area_id, NEW.source_id, coalesce(NEW.is_blocked, false), NEW.quantity, NEW.good_quantity, NEW.start_at,
      NEW.finish_at, NEW.need_at);
  ELSE
    INSERT INTO planning_plannedpack (kind, plant_id, item_id, area_id, source_id, is_blocked, orders)
    VALUES (NEW.kind, NEW.plant_id, NEW.item_id, NEW.area_id, NEW.source_id, coalesce(NEW.is_blocked, false),
      takt_record(NEW.id, NEW.need_at, NEW.start_at, NEW.finish_at, NEW.quantity, NEW.good_quantity));
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER takt_planned_write INSTEAD OF INSERT OR UPDATE OR DELETE ON planning_plannedorder
  FOR EACH ROW EXECUTE FUNCTION takt_planned_write();
