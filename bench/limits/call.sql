-- Call whoever is next and resolve them, each as one statement and one commit.
\set desk random(1, 1000000000)
with next as materialized (
  select id, version from cases
  where organization_id = cast(:organization as uuid) and queue_id = cast(:queue as uuid)
    and state = 'waiting'
    and callable_at <= cast(extract(epoch from now()) * 1000000 as bigint)
  order by rank, id limit 1 for update skip locked),
called as (
  update cases c set
    state = 'called', version = c.version + 1, called_at = now(), state_at = now(), calls = 1,
    desk_id = cast(lpad(to_hex(cast(:desk as bigint)), 32, '0') as uuid), agent_id = cast(:unit as uuid)
  from next
  where c.organization_id = cast(:organization as uuid) and c.id = next.id
    and c.version = next.version
  returning c.id, c.version),
fact as (
  insert into facts (organization_id, subject_id, version, id, kind, at, actor, data)
  select cast(:organization as uuid), id, version,
         cast(lpad(to_hex(nextval('limit_ids')), 32, '0') as uuid), 'case.called', now(),
         :actor, :fact
  from called),
told as (
  insert into outbox (organization_id, subject_id, version, kind)
  select cast(:organization as uuid), id, version, 'case.called' from called)
select coalesce(cast((select id from called) as text), '00000000-0000-0000-0000-000000000000')
  as subject_id \gset
with resolved as (
  update cases c set
    state = 'resolved', version = c.version + 1, state_at = now(), ended_at = now()
  where c.organization_id = cast(:organization as uuid) and c.id = cast(:subject_id as uuid)
    and c.state = 'called'
  returning c.id, c.version),
fact as (
  insert into facts (organization_id, subject_id, version, id, kind, at, actor, data)
  select cast(:organization as uuid), id, version,
         cast(lpad(to_hex(nextval('limit_ids')), 32, '0') as uuid), 'case.resolved', now(),
         :actor, :fact
  from resolved)
insert into outbox (organization_id, subject_id, version, kind)
select cast(:organization as uuid), id, version, 'case.resolved' from resolved;
