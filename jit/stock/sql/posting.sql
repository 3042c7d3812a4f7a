-- The one writer of the ledger. These functions belong to app_owner and run with its rights (SECURITY DEFINER);
-- app_rw may call them and read the tables, but not write them: no code path, import or flow moves stock past them
-- (invariants I1 to I5, reliability of the ledger in docs/architecture.md).

CREATE OR REPLACE FUNCTION stock_post(
    p_id uuid, p_kind text, p_occurred_at timestamptz, p_document text, p_document_id uuid,
    p_reason text, p_actor text, p_reverses uuid, p_lines jsonb
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad record;
BEGIN
    INSERT INTO stock_posting (id, kind, occurred_at, recorded_at, document, document_id, reason, actor_name, reverses_id)
    VALUES (p_id, p_kind, p_occurred_at, clock_timestamp(), p_document, p_document_id, p_reason, p_actor, p_reverses)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN RETURN 'duplicate'; END IF;

    SELECT l.item INTO bad FROM jsonb_to_recordset(p_lines) AS l(item uuid, quantity numeric)
    GROUP BY l.item HAVING sum(l.quantity) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unbalanced' USING ERRCODE = 'TK002', DETAIL = json_build_object('item', bad.item)::text;
    END IF;

    -- Rows come into being, and are locked, in the order of their key: no two postings can wait for each other (M1).
    INSERT INTO stock_balance (id, item_id, location_id, lot_id, owner_id, quantity, reserved, allow_negative, updated_at)
    SELECT gen_random_uuid(), l.item, l.location, l.lot, l.owner, 0, 0, p.allow_negative, now()
    FROM (SELECT DISTINCT item, location, lot, owner
          FROM jsonb_to_recordset(p_lines) AS l(item uuid, location uuid, lot uuid, owner uuid)) l
    JOIN catalog_location p ON p.id = l.location
    WHERE NOT EXISTS (SELECT 1 FROM stock_balance b WHERE b.item_id = l.item AND b.location_id = l.location
                      AND b.lot_id IS NOT DISTINCT FROM l.lot AND b.owner_id IS NOT DISTINCT FROM l.owner)
    ORDER BY l.item, l.location, l.lot, l.owner
    ON CONFLICT (item_id, location_id, lot_id, owner_id) DO NOTHING;

    PERFORM 1
    FROM stock_balance b
    JOIN (SELECT DISTINCT item, location, lot, owner
          FROM jsonb_to_recordset(p_lines) AS l(item uuid, location uuid, lot uuid, owner uuid)) l
      ON b.item_id = l.item AND b.location_id = l.location
     AND b.lot_id IS NOT DISTINCT FROM l.lot AND b.owner_id IS NOT DISTINCT FROM l.owner
    ORDER BY b.item_id, b.location_id, b.lot_id, b.owner_id
    FOR UPDATE OF b;

    SELECT b.item_id, b.location_id, b.lot_id, b.quantity - b.reserved AS free, -d.delta AS wanted INTO bad
    FROM stock_balance b
    JOIN (SELECT item, location, lot, owner, sum(quantity) AS delta
          FROM jsonb_to_recordset(p_lines) AS l(item uuid, location uuid, lot uuid, owner uuid, quantity numeric)
          GROUP BY 1, 2, 3, 4) d
      ON b.item_id = d.item AND b.location_id = d.location
     AND b.lot_id IS NOT DISTINCT FROM d.lot AND b.owner_id IS NOT DISTINCT FROM d.owner
    WHERE NOT b.allow_negative AND d.delta < 0 AND b.quantity + d.delta < b.reserved
    ORDER BY 1, 2, 3 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'short' USING ERRCODE = 'TK001', DETAIL = json_build_object(
            'item', bad.item_id, 'location', bad.location_id, 'lot', bad.lot_id,
            'free', bad.free::text, 'wanted', bad.wanted::text)::text;
    END IF;

    UPDATE stock_balance b SET quantity = b.quantity + d.delta, updated_at = now()
    FROM (SELECT item, location, lot, owner, sum(quantity) AS delta
          FROM jsonb_to_recordset(p_lines) AS l(item uuid, location uuid, lot uuid, owner uuid, quantity numeric)
          GROUP BY 1, 2, 3, 4) d
    WHERE b.item_id = d.item AND b.location_id = d.location
      AND b.lot_id IS NOT DISTINCT FROM d.lot AND b.owner_id IS NOT DISTINCT FROM d.owner;

    INSERT INTO stock_stockmove (posting_id, line_no, item_id, location_id, lot_id, owner_id, quantity)
    SELECT p_id, l.line_no, l.item, l.location, l.lot, l.owner, l.quantity
    FROM jsonb_to_recordset(p_lines)
      AS l(line_no int, item uuid, location uuid, lot uuid, owner uuid, quantity numeric)
    WHERE l.quantity <> 0;
    RETURN 'posted';
END $$;

CREATE OR REPLACE FUNCTION stock_reserve(p_item uuid, p_location uuid, p_lot uuid, p_delta numeric)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- The balance row is the lock: what is reserved can never exceed what is there (I3).
    UPDATE stock_balance SET reserved = reserved + p_delta, updated_at = now()
    WHERE item_id = p_item AND location_id = p_location AND lot_id IS NOT DISTINCT FROM p_lot AND owner_id IS NULL
      AND reserved + p_delta BETWEEN 0 AND quantity;
    RETURN FOUND;
END $$;

-- A location that holds less than nothing may not lose its permission to do so (I3).

CREATE OR REPLACE FUNCTION stock_location_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.allow_negative IS DISTINCT FROM OLD.allow_negative THEN
        PERFORM 1 FROM stock_balance WHERE location_id = NEW.id FOR UPDATE;
        IF NOT NEW.allow_negative
           AND EXISTS (SELECT 1 FROM stock_balance WHERE location_id = NEW.id AND quantity < reserved) THEN
            RAISE EXCEPTION 'negative stock' USING ERRCODE = 'TK003', DETAIL = json_build_object('location', NEW.id)::text;
        END IF;
        UPDATE stock_balance SET allow_negative = NEW.allow_negative WHERE location_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS stock_location_guard ON catalog_location;
CREATE TRIGGER stock_location_guard BEFORE UPDATE OF allow_negative ON catalog_location
    FOR EACH ROW EXECUTE FUNCTION stock_location_guard();

CREATE OR REPLACE FUNCTION stock_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'TK004';
END $$;
CREATE TRIGGER stock_move_append_only BEFORE UPDATE OR DELETE ON stock_stockmove
    FOR EACH ROW EXECUTE FUNCTION stock_append_only();
CREATE TRIGGER stock_move_no_truncate BEFORE TRUNCATE ON stock_stockmove
    FOR EACH STATEMENT EXECUTE FUNCTION stock_append_only();
CREATE TRIGGER stock_posting_append_only BEFORE UPDATE OR DELETE ON stock_posting
    FOR EACH ROW EXECUTE FUNCTION stock_append_only();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON stock_posting, stock_stockmove, stock_balance FROM app_rw;
GRANT SELECT ON stock_posting, stock_stockmove, stock_balance TO app_rw;
REVOKE ALL ON FUNCTION stock_post(uuid, text, timestamptz, text, uuid, text, text, uuid, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION stock_reserve(uuid, uuid, uuid, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock_post(uuid, text, timestamptz, text, uuid, text, text, uuid, jsonb) TO app_rw;
GRANT EXECUTE ON FUNCTION stock_reserve(uuid, uuid, uuid, numeric) TO app_rw;
