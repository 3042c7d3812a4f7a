-- The one writer of the ledger. These functions belong to app_owner and run with its rights (SECURITY DEFINER);
-- app_rw may call them and read the tables, but not write them: no code path, import or flow moves stock past them
-- (invariants I1 to I5, reliability of the ledger in docs/architecture.md).

-- Answers 'posted', 'duplicate' (that id was posted before), 'reversed' (p_reverses has its reversal already) or the
-- refusal as JSON: {"refused": "short" | "unbalanced", ...}. A refusal writes nothing and leaves the caller's
-- transaction whole, so that nobody pays a savepoint's two round trips for it; anything else raises.
CREATE OR REPLACE FUNCTION stock_post(
    p_id uuid, p_kind text, p_occurred_at timestamptz, p_document text, p_document_id uuid,
    p_reason text, p_actor text, p_reverses uuid,
    p_items uuid[], p_locations uuid[], p_lots uuid[], p_owners uuid[], p_quantities numeric[]
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    line record;
    free numeric;
    may_be_negative boolean;
    answer text;
BEGIN
    INSERT INTO stock_posting (id, kind, occurred_at, recorded_at, document, document_id, reason, actor_name, reverses_id)
    VALUES (p_id, p_kind, p_occurred_at, clock_timestamp(), p_document, p_document_id, p_reason, p_actor, p_reverses)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN RETURN 'duplicate'; END IF;

    SELECT l.item INTO line FROM unnest(p_items, p_quantities) AS l(item, quantity)
    GROUP BY l.item HAVING sum(l.quantity) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = 'TK001',
            DETAIL = json_build_object('refused', 'unbalanced', 'item', line.item)::text;
    END IF;

    -- The moves come first: they wait for nobody, and balances stay locked for less time.
    INSERT INTO stock_stockmove (posting_id, line_no, item_id, location_id, lot_id, owner_id, quantity)
    SELECT p_id, l.line_no, l.item, l.location, l.lot, l.owner, l.quantity
    FROM unnest(p_items, p_locations, p_lots, p_owners, p_quantities)
         WITH ORDINALITY AS l(item, location, lot, owner, quantity, line_no)
    WHERE l.quantity <> 0;

    -- Balances are locked in the order of their key: no two postings can wait for each other (M1). The update comes
    -- first and the insert only for a new key: a negative insert would fail its CHECK before any conflict is seen.
    FOR line IN
        SELECT l.item, l.location, l.lot, l.owner, sum(l.quantity) AS delta
        FROM unnest(p_items, p_locations, p_lots, p_owners, p_quantities) AS l(item, location, lot, owner, quantity)
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    LOOP
        FOR attempt IN 1 .. 2 LOOP
            UPDATE stock_balance SET quantity = quantity + line.delta, updated_at = now()
            WHERE item_id = line.item AND location_id = line.location
              AND lot_id IS NOT DISTINCT FROM line.lot AND owner_id IS NOT DISTINCT FROM line.owner
              AND (allow_negative OR line.delta >= 0 OR quantity + line.delta >= reserved);
            EXIT WHEN FOUND;
            SELECT quantity - reserved INTO free FROM stock_balance
            WHERE item_id = line.item AND location_id = line.location
              AND lot_id IS NOT DISTINCT FROM line.lot AND owner_id IS NOT DISTINCT FROM line.owner;
            IF NOT FOUND THEN
                SELECT allow_negative INTO STRICT may_be_negative FROM catalog_location WHERE id = line.location;
                IF may_be_negative OR line.delta >= 0 THEN
                    INSERT INTO stock_balance
                        (id, item_id, location_id, lot_id, owner_id, quantity, reserved, allow_negative, updated_at)
                    VALUES (gen_random_uuid(), line.item, line.location, line.lot, line.owner, line.delta, 0,
                            may_be_negative, now())
                    ON CONFLICT (item_id, location_id, lot_id, owner_id) DO NOTHING;
                    EXIT WHEN FOUND;
                    CONTINUE;  -- somebody made it meanwhile: add to that one
                END IF;
                free := 0;
            ELSIF attempt = 1 THEN
                CONTINUE;  -- the row may have come after the update looked
            END IF;
            RAISE EXCEPTION 'refused' USING ERRCODE = 'TK001', DETAIL = json_build_object(
                'refused', 'short', 'item', line.item, 'location', line.location, 'lot', line.lot,
                'free', free::text, 'wanted', (-line.delta)::text)::text;
        END LOOP;
    END LOOP;
    RETURN 'posted';
EXCEPTION
    WHEN SQLSTATE 'TK001' THEN
        GET STACKED DIAGNOSTICS answer = PG_EXCEPTION_DETAIL;
        RETURN answer;
    WHEN unique_violation THEN
        GET STACKED DIAGNOSTICS answer = TABLE_NAME;
        IF p_reverses IS NULL OR answer <> 'stock_posting' THEN RAISE; END IF;
        RETURN 'reversed';
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
CREATE OR REPLACE TRIGGER stock_location_guard BEFORE UPDATE OF allow_negative ON catalog_location
    FOR EACH ROW EXECUTE FUNCTION stock_location_guard();

CREATE OR REPLACE FUNCTION stock_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'TK004';
END $$;
CREATE OR REPLACE TRIGGER stock_move_append_only BEFORE UPDATE OR DELETE ON stock_stockmove
    FOR EACH ROW EXECUTE FUNCTION stock_append_only();
CREATE OR REPLACE TRIGGER stock_move_no_truncate BEFORE TRUNCATE ON stock_stockmove
    FOR EACH STATEMENT EXECUTE FUNCTION stock_append_only();
CREATE OR REPLACE TRIGGER stock_posting_append_only BEFORE UPDATE OR DELETE ON stock_posting
    FOR EACH ROW EXECUTE FUNCTION stock_append_only();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON stock_posting, stock_stockmove, stock_balance FROM app_rw;
GRANT SELECT ON stock_posting, stock_stockmove, stock_balance TO app_rw;
REVOKE ALL ON FUNCTION stock_post(uuid, text, timestamptz, text, uuid, text, text, uuid, uuid[], uuid[], uuid[], uuid[], numeric[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION stock_reserve(uuid, uuid, uuid, numeric) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stock_post(uuid, text, timestamptz, text, uuid, text, text, uuid, uuid[], uuid[], uuid[], uuid[], numeric[]) TO app_rw;
GRANT EXECUTE ON FUNCTION stock_reserve(uuid, uuid, uuid, numeric) TO app_rw;
