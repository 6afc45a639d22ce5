create trigger rollouts_notify after insert or update or delete on rollouts for each row execute function notify_change();
--> statement-breakpoint
create function notify_validation() returns trigger language plpgsql as $$
begin
  perform pg_notify('serai', nextval('change_version') || ' validation:' || new.id);
  return null;
end $$;
--> statement-breakpoint
-- That old ones are swept away nobody need know.
create trigger validations_notify after insert or update on validations for each row execute function notify_validation();
--> statement-breakpoint
-- That the oldest of a long history have gone nobody need know either.
drop trigger route_events_notify on route_events;
--> statement-breakpoint
create trigger route_events_notify after insert or update on route_events for each row execute function notify_change();
--> statement-breakpoint
-- A dry run is undone, but a sequence is not: what it counted nobody would ever hear of, and everybody would look for it.
create or replace function notify_change() returns trigger language plpgsql as $$
declare
  row_now jsonb := to_jsonb(coalesce(new, old));
  subject text;
begin
  if current_setting('serai.dry_run', true) = 'on' then return null; end if;
  subject := case tg_table_name
    when 'services' then 'service:' || (row_now ->> 'id')
    when 'folders' then 'folder:' || (row_now ->> 'id')
    else 'service:' || (row_now ->> 'service_id')
  end;
  perform pg_notify('serai', nextval('change_version') || ' ' || subject);
  return null;
end $$;
--> statement-breakpoint
create or replace function notify_definition() returns trigger language plpgsql as $$
declare
  subject text;
begin
  if current_setting('serai.dry_run', true) = 'on' then return null; end if;
  for subject in
    select 'service:' || services.id from services join revisions on revisions.id = services.revision_id
    where revisions.folder_id = new.id and services.terminated_at is null
  loop
    perform pg_notify('serai', nextval('change_version') || ' ' || subject);
  end loop;
  return null;
end $$;
