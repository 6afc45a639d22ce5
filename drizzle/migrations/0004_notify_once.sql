-- However many rows of it a transaction changes, of a service it tells once: all that it tells has one number, and what is the same
-- PostgreSQL tells once. Who names itself in `serai.writer` is named behind it, so that it need not listen to itself.
create or replace function notify_change() returns trigger language plpgsql as $$
declare
  row_now record;
  subject text;
  number text := current_setting('serai.change', true);
begin
  if current_setting('serai.dry_run', true) = 'on' then return null; end if;
  if tg_op = 'DELETE' then row_now := old; else row_now := new; end if;
  if tg_table_name = 'services' then subject := 'service:' || row_now.id;
  elsif tg_table_name = 'folders' then subject := 'folder:' || row_now.id;
  else subject := 'service:' || row_now.service_id;
  end if;
  -- It ends with the transaction, and is empty from then on.
  if number is null or number = '' then number := set_config('serai.change', nextval('change_version')::text, true); end if;
  perform pg_notify('serai', rtrim(number || ' ' || subject || ' ' || coalesce(current_setting('serai.writer', true), '')));
  return null;
end $$;
