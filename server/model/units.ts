export const MiBPerGiB = 1024;
