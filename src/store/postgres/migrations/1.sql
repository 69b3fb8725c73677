-- The first version of the schema. `{schema}` is replaced by the quoted name of the schema.

CREATE TABLE {schema}.records (
    lane         smallint NOT NULL,
    owner        bytea    NOT NULL,
    id           bytea    NOT NULL,
    version      bigint   NOT NULL,
    created      bigint   NOT NULL,
    live_until   bigint   NOT NULL,
    retain_until bigint   NOT NULL,
    sealed       bytea    NOT NULL,
    PRIMARY KEY (lane, owner, id)
) WITH (fillfactor = 80);

-- Sealed bytes do not compress.
ALTER TABLE {schema}.records ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE INDEX records_newest ON {schema}.records (lane, owner, created DESC, id DESC);
-- By when they end to be live, so that those that ended are passed without a look: a list sorts the few that are left.
CREATE INDEX records_live ON {schema}.records (lane, owner, (LEAST(live_until, retain_until)))
WHERE live_until > 0;
CREATE INDEX records_due ON {schema}.records (retain_until);

-- One row a lane: how many entries wait in it, and the number of its last one. A write with news updates it,
-- so that writes of one lane commit in the order of their numbers.
CREATE TABLE {schema}.lanes (
    lane    smallint PRIMARY KEY,
    waiting bigint   NOT NULL DEFAULT 0,
    last    bigint   NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

-- One row a lane, apart from its counters, so that leasing waits for no write.
CREATE TABLE {schema}.leases (
    lane  smallint PRIMARY KEY,
    token bytea    NOT NULL DEFAULT '',
    until bigint   NOT NULL DEFAULT 0,
    turn  bigint   NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

INSERT INTO {schema}.lanes (lane) SELECT generate_series(0, 255);
INSERT INTO {schema}.leases (lane) SELECT generate_series(0, 255);

CREATE TABLE {schema}.outbox (
    lane     smallint NOT NULL,
    sequence bigint   NOT NULL,
    owner    bytea    NOT NULL,
    id       bytea    NOT NULL,
    created  bigint   NOT NULL,
    version  bigint   NOT NULL,
    index    integer  NOT NULL,
    sealed   bytea    NOT NULL,
    PRIMARY KEY (lane, sequence)
);

ALTER TABLE {schema}.outbox ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE INDEX outbox_named ON {schema}.outbox (lane, owner, id, version);

-- Tables that are written all the time, and whose rows go again.
ALTER TABLE {schema}.lanes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE {schema}.leases SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
ALTER TABLE {schema}.outbox SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE {schema}.records SET (autovacuum_vacuum_scale_factor = 0.05);

-- Functions, because each keeps its plans for as long as its connection lives, without a prepared statement
-- that a pooler between would lose. The settings on them say the one thing that the planner cannot know of a
-- table that was just made: every access is by an index.
-- `_patience` is how long a call may wait for a lock, in milliseconds: nobody waits for its answer longer. It holds
-- for the transaction, which is the call, and so never for the next user of a pooled connection.
-- What reads alone refuses to on a standby, which is behind; the server itself refuses what writes there.

-- All nothing if no record is retained there.
CREATE FUNCTION {schema}.load(
    _lane smallint, _owner bytea, _id bytea, _now bigint, _patience text,
    OUT version bigint, OUT created bigint, OUT live_until bigint, OUT retain_until bigint, OUT sealed bytea
)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby is behind' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    SELECT r.version, r.created, r.live_until, r.retain_until, r.sealed
    INTO version, created, live_until, retain_until, sealed
    FROM {schema}.records r
    WHERE r.lane = _lane AND r.owner = _owner AND r.id = _id AND r.retain_until > _now;
END
$$;

-- 0: something else than expected stands there. 1: written. 2: the lane's outbox is full.
-- `_expected` is the version that must stand there; none if nothing retained may. `_room` is how many entries
-- may wait in the lane; none if any number may.
CREATE FUNCTION {schema}.put_if(
    _lane smallint, _owner bytea, _id bytea, _expected bigint, _now bigint,
    _version bigint, _created bigint, _live_until bigint, _retain_until bigint, _sealed bytea,
    _news bytea[], _room bigint, _patience text
)
RETURNS smallint
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    _count bigint := cardinality(_news);
    _before bigint;
    _held bigint;
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby is behind' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    -- A look without a lock, so that a full outbox is found before anything is written. In an IF of its own:
    -- a condition with a subquery is a statement, also where its first half decides.
    IF _count > 0 AND _room IS NOT NULL THEN
        IF NOT EXISTS (
            SELECT FROM {schema}.lanes l WHERE l.lane = _lane AND l.waiting + _count <= _room
        ) THEN
            _held := (
                SELECT h.version FROM {schema}.records h
                WHERE h.lane = _lane AND h.owner = _owner AND h.id = _id AND h.retain_until > _now
            );
            RETURN CASE WHEN _held IS DISTINCT FROM _expected THEN 0 ELSE 2 END;
        END IF;
    END IF;
    IF _expected IS NULL THEN
        -- Refused by NOT EXISTS, a look alone, it neither writes nor locks. Refused by the last line, which
        -- happens in a race, it locks the row for as long as this call lasts.
        INSERT INTO {schema}.records AS r
            (lane, owner, id, version, created, live_until, retain_until, sealed)
        SELECT _lane, _owner, _id, _version, _created, _live_until, _retain_until, _sealed
        WHERE NOT EXISTS (
            SELECT FROM {schema}.records h
            WHERE h.lane = _lane AND h.owner = _owner AND h.id = _id AND h.retain_until > _now
        )
        ON CONFLICT (lane, owner, id) DO UPDATE SET
            version = excluded.version, created = excluded.created, live_until = excluded.live_until,
            retain_until = excluded.retain_until, sealed = excluded.sealed
        WHERE r.retain_until <= _now;
    ELSE
        -- The version is part of the condition, so that a writer that waited for another looks again.
        UPDATE {schema}.records r SET
            version = _version, created = _created, live_until = _live_until,
            retain_until = _retain_until, sealed = _sealed
        WHERE r.lane = _lane AND r.owner = _owner AND r.id = _id
        AND r.version = _expected AND r.retain_until > _now;
    END IF;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF _count > 0 THEN
        -- From here on other writes of the lane that have news wait until this one has committed.
        UPDATE {schema}.lanes l SET waiting = l.waiting + _count, last = l.last + _count
        WHERE l.lane = _lane AND (_room IS NULL OR l.waiting + _count <= _room)
        RETURNING l.last - _count INTO _before;
        IF NOT FOUND THEN
            -- Another took the room in between: what was written is undone.
            RAISE EXCEPTION 'the outbox of this lane is full' USING ERRCODE = 'CSFUL';
        END IF;
        IF _count = 1 THEN
            INSERT INTO {schema}.outbox (lane, sequence, owner, id, created, version, index, sealed)
            VALUES (_lane, _before + 1, _owner, _id, _created, _version, 0, _news[1]);
            RETURN 1;
        END IF;
        INSERT INTO {schema}.outbox (lane, sequence, owner, id, created, version, index, sealed)
        SELECT _lane, _before + e.number, _owner, _id, _created, _version, e.number - 1, e.sealed
        FROM unnest(_news) WITH ORDINALITY AS e (sealed, number);
    END IF;
    RETURN 1;
END
$$;

CREATE FUNCTION {schema}.delete_if(
    _lane smallint, _owner bytea, _id bytea, _expected bigint, _patience text
)
RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    DELETE FROM {schema}.records r
    WHERE r.lane = _lane AND r.owner = _owner AND r.id = _id AND r.version = _expected;
    RETURN FOUND;
END
$$;

-- Rows newest first, from behind the position given. It ends after `_limit` rows, or after it passed over
-- `_passed` that are no longer retained; then a last row without sealed bytes says where the list goes on.
-- Live rows are sorted although `enable_sort` is off, which counts as so dear that the plan would be compiled first.
CREATE FUNCTION {schema}.list(
    _lane smallint, _owner bytea, _live boolean, _after_created bigint, _after_id bytea,
    _limit bigint, _passed bigint, _now bigint, _patience text
)
RETURNS TABLE (
    id bytea, version bigint, created bigint, live_until bigint, retain_until bigint, sealed bytea
)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    _rows refcursor;
    _row record;
    _given bigint := 0;
    _over bigint := 0;
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby is behind' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    IF _live THEN
        OPEN _rows NO SCROLL FOR
        SELECT r.id, r.version, r.created, r.live_until, r.retain_until, r.sealed FROM (
            -- The order says which index to take: no other has it.
            SELECT l.id, l.version, l.created, l.live_until, l.retain_until, l.sealed
            FROM {schema}.records l
            WHERE l.lane = _lane AND l.owner = _owner AND l.live_until > 0
            AND LEAST(l.live_until, l.retain_until) > _now
            AND (l.created, l.id) < (_after_created, _after_id)
            ORDER BY LEAST(l.live_until, l.retain_until)
        ) r
        ORDER BY r.created DESC, r.id DESC LIMIT _limit + 1;
    ELSE
        OPEN _rows NO SCROLL FOR
        SELECT r.id, r.version, r.created, r.live_until, r.retain_until, r.sealed FROM {schema}.records r
        WHERE r.lane = _lane AND r.owner = _owner
        AND (r.created, r.id) < (_after_created, _after_id)
        ORDER BY r.created DESC, r.id DESC LIMIT _limit + _passed + 1;
    END IF;
    LOOP
        FETCH _rows INTO _row;
        EXIT WHEN NOT FOUND;
        IF _given >= _limit OR _over >= _passed THEN
            -- Its columns still hold the last row that was looked at.
            sealed := NULL;
            RETURN NEXT;
            EXIT;
        END IF;
        id := _row.id;
        version := _row.version;
        created := _row.created;
        live_until := _row.live_until;
        retain_until := _row.retain_until;
        IF _row.retain_until > _now THEN
            sealed := _row.sealed;
            RETURN NEXT;
            _given := _given + 1;
        ELSE
            _over := _over + 1;
        END IF;
    END LOOP;
    CLOSE _rows;
END
$$;

CREATE FUNCTION {schema}.scan(
    _lane smallint, _owner bytea, _id bytea, _limit bigint, _patience text
)
RETURNS TABLE (
    lane smallint, owner bytea, id bytea,
    version bigint, created bigint, live_until bigint, retain_until bigint, sealed bytea
)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby is behind' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    RETURN QUERY
    SELECT r.lane, r.owner, r.id, r.version, r.created, r.live_until, r.retain_until, r.sealed
    FROM {schema}.records r WHERE (r.lane, r.owner, r.id) > (_lane, _owner, _id)
    ORDER BY r.lane, r.owner, r.id LIMIT _limit;
END
$$;

-- Rows that a call has locked are left for the next time, and each row is looked at again under its lock.
CREATE FUNCTION {schema}.purge(_before bigint, _limit bigint, _patience text)
RETURNS bigint
LANGUAGE plpgsql
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
DECLARE
    _purged bigint;
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    DELETE FROM {schema}.records r
    WHERE r.ctid = ANY (ARRAY(
        SELECT d.ctid FROM {schema}.records d WHERE d.retain_until <= _before
        ORDER BY d.retain_until LIMIT _limit FOR UPDATE SKIP LOCKED
    ))
    AND r.retain_until <= _before;
    GET DIAGNOSTICS _purged = ROW_COUNT;
    RETURN _purged;
END
$$;

-- Leases the lane that waited longest. No rows: no lane that is free has entries.
-- A lease that ends after `_latest` was made by a clock far ahead.
CREATE FUNCTION {schema}.lease(
    _token bytea, _limit bigint, _now bigint, _until bigint, _latest bigint, _patience text
)
RETURNS TABLE (
    sequence bigint, lane smallint, owner bytea, id bytea, created bigint, version bigint, index integer,
    sealed bytea
)
LANGUAGE plpgsql
SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
DECLARE
    _leased smallint;
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    LOOP
        UPDATE {schema}.leases l
        SET token = _token, until = _until, turn = (SELECT max(t.turn) + 1 FROM {schema}.leases t)
        WHERE l.lane = (
            SELECT f.lane FROM {schema}.leases f JOIN {schema}.lanes w ON w.lane = f.lane
            WHERE (f.until <= _now OR f.until > _latest) AND w.waiting > 0
            ORDER BY f.turn, f.lane LIMIT 1 FOR NO KEY UPDATE OF f SKIP LOCKED
        )
        RETURNING l.lane INTO _leased;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        RETURN QUERY
        SELECT o.sequence, o.lane, o.owner, o.id, o.created, o.version, o.index, o.sealed
        FROM {schema}.outbox o WHERE o.lane = _leased ORDER BY o.sequence LIMIT _limit;
        IF FOUND THEN
            RETURN;
        END IF;
        -- Its last entries went between the look and the lease, or somebody has deleted them by hand: then what
        -- waits is counted anew, behind whoever writes to the lane, or it would be leased here for ever.
        UPDATE {schema}.leases l SET until = 0 WHERE l.lane = _leased;
        PERFORM FROM {schema}.lanes w WHERE w.lane = _leased FOR NO KEY UPDATE;
        UPDATE {schema}.lanes w
        SET waiting = (SELECT count(*) FROM {schema}.outbox o WHERE o.lane = _leased)
        WHERE w.lane = _leased;
    END LOOP;
END
$$;

CREATE FUNCTION {schema}.acknowledge(
    _lane smallint, _token bytea, _now bigint,
    _owners bytea[], _ids bytea[], _created bigint[], _versions bigint[], _indexes integer[],
    _patience text
)
RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
    _deleted bigint;
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    PERFORM FROM {schema}.leases l
    WHERE l.lane = _lane AND l.token = _token AND l.until > _now FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM {schema}.outbox o
    USING unnest(_owners, _ids, _created, _versions, _indexes) AS d (owner, id, created, version, index)
    WHERE o.lane = _lane AND o.owner = d.owner AND o.id = d.id AND o.version = d.version
    AND o.created = d.created AND o.index = d.index;
    GET DIAGNOSTICS _deleted = ROW_COUNT;
    IF _deleted > 0 THEN
        UPDATE {schema}.lanes l SET waiting = l.waiting - _deleted WHERE l.lane = _lane;
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION {schema}.release(_lane smallint, _token bytea, _patience text)
RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    UPDATE {schema}.leases l SET until = 0 WHERE l.lane = _lane AND l.token = _token AND l.until > 0;
END
$$;

CREATE FUNCTION {schema}.entries(_lane smallint, _sequence bigint, _limit bigint, _patience text)
RETURNS TABLE (
    sequence bigint, lane smallint, owner bytea, id bytea, created bigint, version bigint, index integer,
    sealed bytea
)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby is behind' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    RETURN QUERY
    SELECT o.sequence, o.lane, o.owner, o.id, o.created, o.version, o.index, o.sealed
    FROM {schema}.outbox o WHERE (o.lane, o.sequence) > (_lane, _sequence)
    ORDER BY o.lane, o.sequence LIMIT _limit;
END
$$;

CREATE FUNCTION {schema}.backlog(_patience text, OUT entries bigint, OUT lanes integer)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    _patience := set_config('lock_timeout', _patience, true);
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'a standby is behind' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    SELECT coalesce(sum(l.waiting), 0)::bigint, count(*) FILTER (WHERE l.waiting > 0)::integer
    INTO entries, lanes
    FROM {schema}.lanes l;
END
$$;
