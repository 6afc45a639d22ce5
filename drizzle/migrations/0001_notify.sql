-- Whoever writes need not remember to tell: each changed row names its service or folder to channel `serai`, when the
-- transaction commits. The number before it is what a listener compares with the sequence, to notice that it went deaf.
create function notify_change() returns trigger language plpgsql as $$
declare
  row_now jsonb := to_jsonb(coalesce(new, old));
  subject text;
begin
  subject := case tg_table_name
    when 'services' then 'service:' || (row_now ->> 'id')
    when 'folders' then 'folder:' || (row_now ->> 'id')
    else 'service:' || (row_now ->> 'service_id')
  end;
  perform pg_notify('serai', nextval('change_version') || ' ' || subject);
  return null;
end $$;
--> statement-breakpoint
create trigger services_notify after insert or update or delete on services for each row execute function notify_change();
--> statement-breakpoint
create trigger routes_notify after insert or update or delete on routes for each row execute function notify_change();
--> statement-breakpoint
create trigger route_events_notify after insert or update or delete on route_events for each row execute function notify_change();
--> statement-breakpoint
-- That a token was used every gateway writes every few seconds: nobody is woken for it. The console's "last used" is refreshed with
-- the service's next change.
create trigger tokens_notify after insert or delete on tokens for each row execute function notify_change();
--> statement-breakpoint
create trigger tokens_notify_update after update on tokens for each row
  when (to_jsonb(old) - 'last_used_at' is distinct from to_jsonb(new) - 'last_used_at') execute function notify_change();
--> statement-breakpoint
create trigger folders_notify after insert or update or delete on folders for each row execute function notify_change();
--> statement-breakpoint
-- That the definition in a folder has changed is shown on the services that run it.
create function notify_definition() returns trigger language plpgsql as $$
declare
  subject text;
begin
  for subject in
    select 'service:' || services.id from services join revisions on revisions.id = services.revision_id
    where revisions.folder_id = new.id and services.terminated_at is null
  loop
    perform pg_notify('serai', nextval('change_version') || ' ' || subject);
  end loop;
  return null;
end $$;
--> statement-breakpoint
create trigger folders_notify_definition after update on folders for each row
  when (old.definition_hash is distinct from new.definition_hash) execute function notify_definition();
--> statement-breakpoint
-- A gateway that has nothing in flight any more on a draining route: control may go on with that route's service.
create function notify_idle() returns trigger language plpgsql as $$
declare
  subject text;
begin
  for subject in
    select distinct 'service:' || routes.service_id from routes
    where routes.id in (select jsonb_array_elements_text(new.idle_draining_routes))
  loop
    perform pg_notify('serai', nextval('change_version') || ' ' || subject);
  end loop;
  return null;
end $$;
--> statement-breakpoint
create trigger gateways_notify_insert after insert on gateways for each row execute function notify_idle();
--> statement-breakpoint
create trigger gateways_notify_update after update on gateways for each row
  when (old.idle_draining_routes is distinct from new.idle_draining_routes) execute function notify_idle();
--> statement-breakpoint
-- A revision never changes once it is written.
create function refuse_update() returns trigger language plpgsql as $$
begin
  raise exception '% rows are immutable', tg_table_name using errcode = 'restrict_violation';
end $$;
--> statement-breakpoint
create trigger revisions_immutable before update on revisions for each row execute function refuse_update();
--> statement-breakpoint
insert into leases (shard, holder, epoch, until) select shard, '', 0, 'epoch' from generate_series(0, 63) as shard;
