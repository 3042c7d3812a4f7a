-- The rows of before become packs and firm rows with the ids they had.
INSERT INTO planning_firmorder (id, kind, plant_id, item_id, area_id, source_id, is_blocked, quantity, good_quantity,
  start_at, finish_at, need_at)
SELECT id, kind, plant_id, item_id, area_id, source_id, is_blocked, quantity, good_quantity, start_at, finish_at, need_at
FROM planning_plannedorder WHERE is_firm;

INSERT INTO planning_plannedpack (kind, plant_id, item_id, area_id, source_id, is_blocked, orders)
SELECT kind, plant_id, item_id, area_id, source_id, is_blocked,
  string_agg(int8send(id) || int4send(floor(extract(epoch FROM need_at) / 60)::int)
    || int4send(floor(extract(epoch FROM start_at) / 60)::int) || int4send(floor(extract(epoch FROM finish_at) / 60)::int)
    || int8send(round(quantity * 1000000)::bigint) || int8send(round(good_quantity * 1000000)::bigint), '' ORDER BY id)
FROM planning_plannedorder WHERE NOT is_firm GROUP BY 1, 2, 3, 4, 5, 6;

CREATE SEQUENCE takt_planned_block;
SELECT setval('takt_planned_block', (coalesce(max(id), 0) >> 20) + 1) FROM planning_plannedorder;
