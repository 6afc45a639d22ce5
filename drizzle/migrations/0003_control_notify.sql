create trigger rollouts_notify after insert or update or delete on rollouts for each row execute function notify_change();
