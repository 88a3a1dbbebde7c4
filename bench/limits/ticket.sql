-- Take a ticket: what our server writes for one person, as one statement and one commit.
-- It takes and writes as much as ours and looks up less: no earlier answer for the key, no
-- place in the line.
\set n random(0, :services - 1)
with new as materialized (
  select cast(lpad(to_hex(nextval('limit_ids')), 32, '0') as uuid) as id,
         cast(cast(:prefix as text) || lpad(to_hex(cast(:n as bigint)), 12, '0') as uuid) as service,
         cast(extract(epoch from now()) * 1000000 as bigint) as at),
taken as (
  insert into series (organization_id, service_id, day, taken, last_at)
  select cast(:organization as uuid), service, current_date, 1, at from new
  on conflict (organization_id, service_id, day) do update set
    taken = series.taken + 1, last_at = greatest(series.last_at + 1, excluded.last_at)
  returning taken, last_at),
"case" as (
  insert into cases (
    organization_id, id, number, version, state, unit_id, queue_id, service_id, category_id,
    type_id, channel, language, day, sequence, prefix, ticket_number, suffix, priority, rank,
    callable_at, opened_at, joined_at, reference_at, state_at, calls, use_customer_contact,
    tag_ids, extras, link)
  select cast(:organization as uuid), id, nextval('limit_numbers'), 1, 'waiting',
         cast(:unit as uuid), service, service, cast(:category as uuid), cast(:type as uuid),
         'face_to_face', 'en-US', current_date, taken, 'A', taken, '', 0, last_at, last_at,
         now(), now(), now(), now(), 0, false, '[]', '{}', sha256(uuid_send(id))
  from new, taken),
details as (
  insert into case_details (organization_id, case_id, fields)
  select cast(:organization as uuid), id, '{}' from new),
fact as (
  insert into facts (organization_id, subject_id, version, id, kind, at, actor, data)
  select cast(:organization as uuid), id, 1,
         cast(lpad(to_hex(nextval('limit_ids')), 32, '0') as uuid), 'case.queued', now(),
         :actor, :fact
  from new),
told as (
  insert into outbox (organization_id, subject_id, version, kind)
  select cast(:organization as uuid), id, 1, 'case.queued' from new)
insert into idempotency_keys (
  organization_id, principal, key, fingerprint, status, headers, body, at)
values (cast(:organization as uuid), :actor, gen_random_uuid(), :fingerprint, 201, '{}', :body,
        now())
returning (select taken from taken);
